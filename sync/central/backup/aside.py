"""A folder aside, in which a file is built before it is put in place: private, locked, and gone afterwards.

The lock is the operating system's, so it ends with its process: what a killed process left is told from what another
one is writing, and cleared by the next.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from store.home.paths import RoundLock, fsync_directory, require_permissions

PREFIX = ".central-aside-"
_LOCK = "lock"
_YOUNG_S = 60
"""A folder this young may not be locked yet."""


@contextlib.contextmanager
def folder_aside(parent: Path) -> Iterator[Path]:
    """A new private folder in ``parent``, on the same disk; removed with all that is still in it. Raises `OSError` or
    `DiskKeepsNoPermissions`."""
    clear_abandoned(parent)
    require_permissions(parent)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    lock = RoundLock(folder / _LOCK)
    try:
        lock.acquire("backup")
        yield folder
    finally:
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)


def put_in_place(file: Path, target: Path) -> None:
    """Rename a finished file to its name, which nobody has, and flush the name to the disk; where that fails there is
    no such file. Raises `OSError`."""
    os.replace(file, target)
    try:
        fsync_directory(target.parent)
    except OSError:
        target.unlink()
        raise


def clear_abandoned(parent: Path) -> None:
    """Remove the folders aside that killed processes left in ``parent``."""
    for folder in parent.glob(f"{PREFIX}*"):
        is_young = not (folder / _LOCK).exists() and time.time() - folder.stat().st_mtime < _YOUNG_S
        if not is_young and RoundLock(folder / _LOCK).holder() is None:
            shutil.rmtree(folder, ignore_errors=True)
