"""A configured connection to an encrypted store file, and what SQLite's errors mean to a person.

One SQLite build serves the whole process (SQLCipher's), raw 256-bit key, WAL, ``synchronous=FULL`` (decision 7).
On the path of ``guanjia find``: imports stay light. Next: ``store/db/database.py``.
"""

from __future__ import annotations

import contextlib
import errno
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlite

from store.exceptions import (
    DamagedStore,
    DiskFull,
    FileFailure,
    ReadOnlyStore,
    SQLiteTooOld,
    StoreBusy,
    StoreError,
    WrongKey,
)
from store.values.file_causes import CANNOT_OPEN, DISK_FAILS, FULL, READ_ONLY, disk_cause, file_cause

Connection = Any
"""A ``sqlcipher3.dbapi2.Connection``; the package ships no types."""

MIN_SQLITE_VERSION = (3, 51, 3)
BUSY_TIMEOUT_S = 60
_WAL_RETRY_S = 0.01
KEY_BYTES = 32
_BUSY, _READ_ONLY, _IO_ERROR, _CORRUPT, _FULL, _CANNOT_OPEN, _NOT_A_DATABASE = 5, 8, 10, 11, 13, 14, 26


def connect(path: Path, key: bytes, *, create: bool = True) -> Connection:
    """A configured connection to the store file. The key is raw, never a passphrase: deriving would cost 130 ms. A file
    that is not there is made, or, without ``create``, is a `FileFailure`."""
    if len(key) != KEY_BYTES:
        raise WrongKey(path=path)
    if not path.exists():
        if not create:
            raise FileFailure(path=path, detail=file_cause(errno.ENOENT))
        _create_private(path)
    with translate_errors(path):
        connection = sqlite.connect(str(path), isolation_level=None, check_same_thread=False, cached_statements=256)
    use_key(connection, key)
    try:
        with translate_errors(path):
            connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}")
            enable_wal(connection, BUSY_TIMEOUT_S)
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA cache_size = -16384")
            connection.execute("PRAGMA wal_autocheckpoint = 4000")
    except BaseException:
        connection.close()
        raise
    return connection


def enable_wal(connection: Connection, timeout_s: float, wait: Callable[[float], None] = time.sleep) -> None:
    """Give the file a write-ahead log, where it has none. While another process does the same with a new file, SQLite
    says at once that it is busy, whatever the busy timeout is: so this tries again for ``timeout_s`` seconds. ``wait``
    waits for some seconds. Raises the driver's error."""
    end = time.monotonic() + timeout_s
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != _BUSY or time.monotonic() > end:
                raise
        wait(_WAL_RETRY_S)


def use_key(connection: Connection, key: bytes) -> None:
    """Give a new connection its key, before anything else."""
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")


def _create_private(path: Path) -> None:
    """Create an empty file that only its owner can read. Raises `DiskFull` or `FileFailure`."""
    try:
        path.touch(mode=0o600)
    except OSError as error:
        if file_cause(error.errno) == FULL:
            raise DiskFull() from None
        raise FileFailure(path=path, detail=file_cause(error.errno)) from None


def require_sqlite(version: str) -> None:
    """Raises `SQLiteTooOld` where two writing processes could meet the WAL-reset bug."""
    if tuple(int(part) for part in version.split(".")[:3]) < MIN_SQLITE_VERSION:
        raise SQLiteTooOld(found=version, needed=".".join(map(str, MIN_SQLITE_VERSION)))


def _file_error(path: Path, cause: str) -> StoreError:
    """What SQLite's errors of input, output and opening come from: a full or read-only disk where it is one."""
    disk = disk_cause(path)
    if disk == FULL:
        return DiskFull()
    return ReadOnlyStore(path=path) if disk == READ_ONLY else FileFailure(path=path, detail=cause)


@contextlib.contextmanager
def translate_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about the file at ``path`` into the store's own."""
    try:
        yield
    except sqlite.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == _BUSY:
            raise StoreBusy(seconds=BUSY_TIMEOUT_S) from None
        if code == _READ_ONLY:
            raise (DiskFull() if disk_cause(path) == FULL else ReadOnlyStore(path=path)) from None
        if code == _FULL:
            raise DiskFull() from None
        if code == _NOT_A_DATABASE:
            raise WrongKey(path=path) from None
        if code == _CORRUPT:
            raise DamagedStore(path=path, detail=str(error)) from None
        if code in (_IO_ERROR, _CANNOT_OPEN):
            raise _file_error(path, DISK_FAILS if code == _IO_ERROR else CANNOT_OPEN) from None
        raise
