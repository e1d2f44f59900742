"""A run that nobody looks at: what would be on the screen goes to a file that stays small."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

FILE = "unattended.log"

_MOST_BYTES = 5_000_000


def write_screen_to(folder: Path) -> None:
    """Send the screen to `folder`/unattended.log from now on; above 5 MB a new one is begun and one old one kept.

    A folder that cannot be written leaves the screen as it is rather than stopping the run.
    """
    path = folder / FILE
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        with suppress(OSError):
            # On Windows another run may have it open: then it grows a while longer.
            if path.stat().st_size > _MOST_BYTES:
                path.replace(path.with_suffix(".1.log"))
        file = path.open("a", encoding="utf-8", errors="replace", buffering=1)
        # A console of Windows is written to past its descriptor, a library of C past sys.stdout.
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        sys.stdout = sys.stderr = file
        file.write(f"--- {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} pid {os.getpid()}\n")
