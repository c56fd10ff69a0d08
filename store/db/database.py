"""One encrypted SQLite file: connections per thread, read snapshots, write transactions, copies.

Runtime access is plain SQL; SQLModel describes the schema (``store/ledger/models``) and is loaded only by code that
writes. ``store/writer/upgrade.py`` opens the ledger's file at this version's schema. May import ``store/exceptions``
and ``store/db/connection``. Next: ``store/writer/local_writes.py``.
"""

from __future__ import annotations

import contextlib
import hmac
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from store.db.connection import Connection, connect, translate_errors
from store.exceptions import DiskFull, FileFailure, HomeExists, ReadOnlyStore, StoreError

if TYPE_CHECKING:
    from store.db.read_only import ReadOnlyAccess

READ_ONLY_RETRY_S = 5.0
"""So often a store that could only be read is tried to be opened as usual."""
FileIdentity = tuple[int, int]
"""Device and inode of a file."""


def file_identity(path: Path) -> FileIdentity | None:
    """Which file lies at ``path`` now; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


class Database:
    """One file and its key. Each thread has a connection of its own, opened at its first use.

    A ledger's file ``announces`` its commits: it touches the marker file that watchers watch. The file of the device's
    state (`device_file`) does not."""

    def __init__(self, path: Path, key: bytes, *, announces: bool = True) -> None:
        self.path = path
        self.change_marker = path.with_suffix(".mark")
        self.commits = 0
        """How many write transactions through this object have been committed."""
        self._announces = announces
        self._may_create = True
        """Whether a missing file is made. Once a ledger was open its disk may be gone, and an empty one in its place
        would be taken for it."""
        self._key = key
        self._local = threading.local()
        self._connections: list[Connection] = []
        self._lock = threading.Lock()
        self._device_file: Database | None = None
        self._read_only: ReadOnlyAccess | None = None

    @property
    def device_file(self) -> Database:
        """The file beside this one, with the same key, for what never leaves the device (`DeviceState`)."""
        with self._lock:
            if self._device_file is None:
                self._device_file = self.with_same_key(self.path.with_suffix(".device"))
            return self._device_file

    def with_same_key(self, path: Path) -> Database:
        """Another file that this one's key opens; its commits touch no marker."""
        return Database(path, self._key, announces=False)

    def derived_key(self, purpose: str) -> bytes:
        """A key (32 bytes) for something else beside this file, which follows from its own and tells nothing of it."""
        return hmac.digest(self._key, f"guanjia {purpose}".encode(), "sha256")

    def connection(self) -> Connection:
        """This thread's connection, in autocommit mode; rows are plain tuples."""
        connection = getattr(self._local, "connection", None)
        retry_at = getattr(self._local, "retry_at", None)
        if connection and retry_at is not None and time.monotonic() > retry_at and not connection.in_transaction:
            self.close_own_connection()
            connection = None
        if connection is None:
            connection = self._connect()
            self._local.connection, self._local.identity = connection, file_identity(self.path)
            with self._lock:
                self._connections.append(connection)
        return connection

    def _connect(self) -> Connection:
        """A connection; on a full or read-only disk one that only reads, until the disk is tried again."""
        try:
            connection = connect(self.path, self._key, create=self._may_create)
        except (DiskFull, ReadOnlyStore, FileFailure) as refused:
            if not self.path.exists() or self.path.stat().st_size == 0:
                raise
            connection = self._connect_to_read(refused)
            self._local.retry_at = time.monotonic() + READ_ONLY_RETRY_S
        self._may_create = not self._announces
        return connection

    def _connect_to_read(self, refused: StoreError) -> Connection:
        from store.db.read_only import ReadOnlyAccess  # noqa: PLC0415 - only where a disk is full or read-only

        with self._lock:
            if self._read_only is None:
                self._read_only = ReadOnlyAccess(self.path, self._key)
            return self._read_only.connect(refused)

    def opened_file(self) -> FileIdentity | None:
        """Which file this thread has open; None where it has none open."""
        identity: FileIdentity | None = getattr(self._local, "identity", None)
        return identity

    def close_replaced(self) -> None:
        """Close this thread's connection where its file has been deleted or replaced: what it wrote would be lost."""
        if self.opened_file() not in (None, file_identity(self.path)):
            self.close_own_connection()

    def close_own_connection(self) -> None:
        """Close this thread's connection; the next use opens the file anew."""
        connection = getattr(self._local, "connection", None)
        self._local.connection = self._local.identity = self._local.retry_at = None
        if connection is not None:
            with self._lock:
                self._connections.remove(connection)
            connection.close()

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """One snapshot: every query inside sees the same commit."""
        connection = self.connection()
        with translate_errors(self.path):
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("COMMIT")

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """One write transaction: all of it is on disk when the block has ended, or nothing is. Touches the marker file
        afterwards. Raises `StoreBusy`, `ReadOnlyStore` or `DiskFull` with nothing changed."""
        connection = self.connection()
        with translate_errors(self.path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
                self.commits += 1
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        if self._announces:
            self.change_marker.touch(mode=0o600)

    def backup(self, target: Path, *, compact: bool = False) -> None:
        """Copy this file, encrypted with the same key, to ``target``; consistent although others may be writing. With
        ``compact``, nothing but what is in it now: no free pages, which may hold what was deleted. Raises `HomeExists`
        when ``target`` exists. A backup for people is ``store/writer/backup.py``."""
        from store.db.page_copy import copy_pages  # noqa: PLC0415 - starts a process; a lookup need not know how

        if target.exists():
            raise HomeExists(home=target)
        connection = self.connection()
        reads_only = bool(connection.execute("PRAGMA query_only").fetchone()[0])
        with translate_errors(self.path):
            if compact or reads_only or not copy_pages(connection, self.path, target, self._key):
                self._write_compact(connection, target, reads_only=reads_only)
        target.chmod(0o600)

    @staticmethod
    def _write_compact(connection: Connection, target: Path, *, reads_only: bool) -> None:
        try:
            connection.execute("PRAGMA query_only = OFF")  # on a full disk too: only the copy is written
            connection.execute("VACUUM INTO ?", (str(target),))
        finally:
            connection.execute(f"PRAGMA query_only = {int(reads_only)}")

    def write_anew(self) -> bool:
        """Write the whole file anew, without what is left of deleted and changed rows in it and in its log; gives
        whether the log is empty too, which it is not while others read. Raises `StoreBusy` or `DiskFull`."""
        connection = self.connection()
        with translate_errors(self.path):
            connection.execute("PRAGMA temp_store = FILE")  # encrypted with the same key; in memory it would be as big
            try:
                connection.execute("VACUUM")
            finally:
                connection.execute("PRAGMA temp_store = DEFAULT")
            return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]

    def integrity_errors(self) -> list[str]:
        """What SQLite finds wrong with the file's structure; an empty list when it is sound.

        `integrity_check` reads every page in use, through the log, and SQLCipher verifies each as it decrypts it. So
        `cipher_integrity_check` is not asked besides: it would read the file a second time, and past the log, where
        after a power failure it would call a page damaged that the log replaces."""
        messages = [row[0] for row in self.connection().execute("PRAGMA integrity_check(20)")]
        return [text for text in messages if text != "ok"]

    def close(self) -> None:
        """Close every thread's connection, those of `device_file` too. No other thread may be using one."""
        if self._device_file is not None:
            self._device_file.close()
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
            if self._read_only is not None:
                self._read_only.close()
                self._read_only = None
        self._local = threading.local()
