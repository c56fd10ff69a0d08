"""Copies a store's file as it lies on the disk, encrypted page by page, while others go on writing.

A copy by SQL (``VACUUM INTO``) decrypts, parses, writes and encrypts everything; this reads bytes and checks each page
of the copy once.

> The main file and then its log are copied inside one read transaction. While it lasts, nobody resets the log that it
> reads, and a checkpoint writes into the main file only what stands in that log before its snapshot. So what the two
> copies say together is the snapshot, or a later commit.
>
> A log that has been written back whole is not read: there others may begin it anew, or empty it, while the main file
> stays as it is. If that happens while the log is copied, the copy begins with old pages and lacks those after them,
> so it is refused (`_is_begun_anew`).

The copying is done by another process: were this one to open and close the file, the system would drop the locks that
SQLite holds on it for all connections of the process (POSIX), and somebody else would delete the log.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import sqlcipher3.dbapi2 as sqlite

from store.db.connection import Connection, connect
from store.exceptions import StoreError

CopyFile = Callable[[Path, Path], bool]
"""Copies a file's bytes from one path to another; gives whether it could."""
_COPY = "import shutil, sys; shutil.copyfile(*sys.argv[1:])"
_MAX_FREE_SHARE = 0.5
"""A file with more free pages than this is not worth copying as it is."""
_LOG_HEADER_BYTES = 32
"""The head of a log: its two salts are others each time it is begun anew."""


def copy_file_apart(source: Path, target: Path) -> bool:
    """Copy a file in a process of its own."""
    command = [sys.executable, "-I", "-S", "-c", _COPY, str(source), str(target)]
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def copy_pages(
    connection: Connection, source: Path, target: Path, key: bytes, copy_file: CopyFile = copy_file_apart
) -> bool:
    """Copy the store that ``connection`` has open from ``source`` to ``target``, with its key; gives whether all pages
    of the copy were found whole. If not, or if too many of its pages are free, there is nothing at ``target``: the
    caller copies by SQL, which says what is wrong with the store, or with the disk."""
    pages, free = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count"))
    log, log_of_copy = (path.with_name(f"{path.name}-wal") for path in (source, target))
    is_whole = False
    try:
        if free <= pages * _MAX_FREE_SHARE:
            for path in (target, log_of_copy):
                path.touch(mode=0o600)
            connection.execute("BEGIN")
            try:
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # with it the snapshot begins
                is_copied = copy_file(source, target) and copy_file(log, log_of_copy)
                is_copied = is_copied and not _is_begun_anew(log, log_of_copy)
            finally:
                connection.execute("COMMIT")
            is_whole = is_copied and _is_whole(target, key)
    finally:
        if not is_whole:
            for path in (target, log_of_copy, target.with_name(f"{target.name}-shm")):
                path.unlink(missing_ok=True)
    return is_whole


def _is_begun_anew(log: Path, copy: Path) -> bool:
    """Whether a log is not the one any more of which a copy was made, or cannot be read. No lock is on it, so this
    process may open it."""
    try:
        return _head(log) != _head(copy)
    except OSError:
        return True


def _head(log: Path) -> bytes:
    with log.open("rb") as file:
        return file.read(_LOG_HEADER_BYTES)


def _is_whole(copy: Path, key: bytes) -> bool:
    """Write the copied log into the copy, and verify each page of it."""
    try:
        with contextlib.closing(connect(copy, key)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return connection.execute("PRAGMA cipher_integrity_check").fetchone() is None
    except (StoreError, sqlite.Error):
        return False
