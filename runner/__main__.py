"""Makes `python -m runner` the same as the command `tieout`."""

from runner.cli import app

app(prog_name="tieout")
