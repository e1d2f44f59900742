"""Plain sentences on the screen: one line each however narrow it is, and brackets in them mean nothing."""

from __future__ import annotations

from rich.console import Console


def say(console: Console, sentence: str, style: str = "") -> None:
    """Print one sentence; paths and names in it stand as they are."""
    console.print(sentence, style=style or None, markup=False, highlight=False, soft_wrap=True)
