"""Where tests keep their temporary files: in memory, where it has room.

No test is about a power failure: what a killed process has written is there either way. On a disk a test of the central
or of a laptop took twice as long, and a fifth more of the processor. ``TMPDIR`` overrides.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM_BYTES = 2 << 30
"""What must be free: the suite needs a tenth, the long proofs more. A container often has 64 MB."""


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
