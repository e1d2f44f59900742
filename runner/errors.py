"""The ways a run can be refused; each message is one sentence that names the thing and the remedy."""


class TieoutError(Exception):
    """The command could not run (exit code 2); its text is shown to the user as it stands."""


class BusyError(TieoutError):
    """Another run holds the warehouse or the output folder."""


class SettingError(TieoutError):
    """An option or environment variable has a value that cannot be used."""


class BuildError(TieoutError):
    """The build stopped before any table was built, or none could be."""


class WarehouseError(TieoutError):
    """A warehouse cannot be reached, or broke off while it was read."""

    def __init__(self, sentence: str, target: str) -> None:
        super().__init__(sentence)
        self.target = target
