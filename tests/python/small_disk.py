"""A disk of a few megabytes that fills up, or may only be read: a real one, where the machine lets us mount it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class SmallDisk:
    """A file system in memory, mounted on a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def resize(self, size: int) -> None:
        """Make room for so many bytes in all."""
        self._mount("-o", f"remount,rw,size={size}", str(self.folder))

    def leave_free(self, size: int) -> None:
        """Make room for so many bytes beyond what is there."""
        self.resize(shutil.disk_usage(self.folder).used + size)

    def make_read_only(self) -> None:
        self._mount("-o", "remount,ro", str(self.folder))

    def make_writable(self) -> None:
        self._mount("-o", "remount,rw", str(self.folder))

    def _mount(self, *arguments: str) -> None:
        subprocess.run(["mount", *arguments], check=True, capture_output=True)  # noqa: S607


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """Mount one on a new folder, for as long as the block lasts; skips the test where this machine forbids it."""
    folder.mkdir(parents=True)
    if os.name != "posix" or os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount a small disk: nobody sees here what a full or read-only disk does")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here ({done.stderr.strip()}): nobody sees what a full one does")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True, capture_output=True)  # noqa: S607
