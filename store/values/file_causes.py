"""Why the system refuses a file, in words that screens translate (family ``file_cause``) instead of its own English.

On the path of ``guanjia find``: imports the standard library only.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

FULL, READ_ONLY, DISK_FAILS, CANNOT_OPEN = (
    "the disk is full", "the disk is read-only", "the disk fails", "it cannot be opened",
)  # fmt: skip
_BY_NAME = {
    "ENOSPC": FULL,
    "EDQUOT": FULL,
    "EROFS": READ_ONLY,
    "EIO": DISK_FAILS,
    "ENOENT": "it is not there",
    "EACCES": "there is no permission",
    "EPERM": "there is no permission",
    "EEXIST": "something is there already",
    "EISDIR": "it is a folder",
    "ENOTDIR": "a part of its path is no folder",
    "ENOTEMPTY": "the folder is not empty",
    "EBUSY": "another program uses it",
    "ETXTBSY": "another program uses it",
    "ENAMETOOLONG": "its name is too long",
    "EINVAL": "no file can be called so there",
    "EILSEQ": "no file can be called so there",
    "ELOOP": "its links lead nowhere",
    "EXDEV": "it is on another disk",
    "EFBIG": "it is too large for the disk",
    "EMFILE": "too many files are open",
    "ENFILE": "too many files are open",
    "ESTALE": "the disk is gone",
    "ENODEV": "the disk is gone",
    "ENXIO": "the disk is gone",
    "ENOTCONN": "the disk is gone",
    "EHOSTDOWN": "the disk is gone",
    "EADDRINUSE": "another program serves there",
    "EADDRNOTAVAIL": "this machine has no such address",
}
_BY_NUMBER = {getattr(errno, name): cause for name, cause in _BY_NAME.items() if hasattr(errno, name)}
FILE_CAUSES = tuple(dict.fromkeys((FULL, READ_ONLY, DISK_FAILS, CANNOT_OPEN, *_BY_NAME.values())))
"""Every cause, for the catalogs."""


def file_cause(number: int | None) -> str:
    """The cause of a system's error number; the system's own words where it is a rare one."""
    return _BY_NUMBER.get(number or 0) or (os.strerror(number) if number else CANNOT_OPEN)


def disk_cause(path: Path) -> str | None:
    """Whether the disk of a file is full or read-only, which SQLite does not say of each error; None if neither, or if
    the system does not tell."""
    if sys.platform == "win32":
        return None
    try:
        disk = os.statvfs(path.parent)
    except OSError:
        return None
    if disk.f_flag & os.ST_RDONLY:
        return READ_ONLY
    return FULL if disk.f_bavail == 0 and disk.f_blocks > 0 else None
