"""What goes to the screen: plain sentences of one line each, and room for tables where the output is no terminal."""

from __future__ import annotations

from rich.console import Console

_WIDTH_OF_A_FILE = 140


def screen() -> Console:
    """Give the console that a command writes to."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH_OF_A_FILE)


def say(console: Console, sentence: str, style: str = "") -> None:
    """Print one sentence; paths and brackets in it stand as they are, however narrow the screen is."""
    console.print(sentence, style=style or None, markup=False, highlight=False, soft_wrap=True)
