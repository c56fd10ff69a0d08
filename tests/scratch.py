"""Where tests keep their temporary files: in memory, where it has room.

No test is about a power failure: what a killed process has written is there either way. On a disk a test of the central
or of a laptop took twice as long, and a fifth more of the processor. ``TMPDIR`` overrides. What killed runs leave in
memory is removed by a run a day later.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM_BYTES = 2 << 30
"""What must be free: the suite needs a tenth, the long proofs more. A container often has 64 MB."""

_OUR_PREFIXES = ("guanjia-", "gj-pg-", "faults-")
"""How folders are named that tests make beside those of pytest, which removes its own."""
_ABANDONED_S = 86_400
"""A folder is nobody's when nothing in it was made or removed for so long."""


def memory_folder() -> Path | None:
    """A file system in memory, where there is one with room that files may be written to and loaded from."""
    if not os.access(MEMORY, os.W_OK) or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        return None
    return MEMORY if shutil.disk_usage(MEMORY).free > ROOM_BYTES else None


def use_memory() -> None:
    """Let this process and its children keep their temporary files in memory."""
    folder = memory_folder()
    if folder is not None and "TMPDIR" not in os.environ:
        os.environ["TMPDIR"] = str(folder)
        tempfile.tempdir = None
        remove_abandoned(folder, time.time() - _ABANDONED_S)


def remove_abandoned(folder: Path, before: float) -> None:
    """Remove our folders in which nothing has changed since ``before`` (seconds since 1970)."""
    for path in folder.iterdir():
        if path.name.startswith(_OUR_PREFIXES) and path.is_dir() and not path.is_symlink():
            with suppress(OSError):  # another run removes it, or it is another user's
                if max(each.lstat().st_mtime for each in (path, *path.iterdir())) < before:
                    shutil.rmtree(path)
