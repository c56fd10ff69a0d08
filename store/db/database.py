"""The encrypted store file: opening it safely, reading one snapshot, writing one transaction, backing up.

Runtime access is plain SQL on this thread's connection; SQLModel describes the schema (``store/ledger/models``) and
is loaded only by who writes. ``store/writer/upgrade.py`` opens it at this
version's schema. Next: ``store/writer/local_writes.py``.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from store.db.connection import Connection, connect, translate_errors
from store.exceptions import HomeExists


class Database:
    """One store file and its key. Connections are one per thread, opened when first asked for."""

    def __init__(self, path: Path, key: bytes) -> None:
        self.path = path
        self.change_marker = path.with_suffix(".mark")
        self._key = key
        self._local = threading.local()
        self._connections: list[Connection] = []
        self._lock = threading.Lock()

    def connection(self) -> Connection:
        """This thread's connection, in autocommit mode; rows are plain tuples."""
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = connect(self.path, self._key)
            self._local.connection = connection
            with self._lock:
                self._connections.append(connection)
        return connection

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
        afterwards, for those who watch. Raises `StoreBusy` or `DiskFull` with nothing changed."""
        connection = self.connection()
        with translate_errors(self.path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        self.change_marker.touch(mode=0o600)

    def backup(self, target: Path) -> None:
        """An encrypted copy at ``target`` (same key), consistent although others may be writing.
        Raises `HomeExists` when ``target`` is there already."""
        if target.exists():
            raise HomeExists(home=target)
        with translate_errors(self.path):
            self.connection().execute("VACUUM INTO ?", (str(target),))
        target.chmod(0o600)

    def integrity_errors(self) -> list[str]:
        """What SQLite finds wrong with the file's structure; an empty list when it is sound."""
        found = [row[0] for row in self.connection().execute("PRAGMA integrity_check(20)")]
        found += [row[0] for row in self.connection().execute("PRAGMA cipher_integrity_check")]
        return [text for text in found if text != "ok"]

    def close(self) -> None:
        """Close every thread's connection. The other threads must have ended their work: SQLite does not forgive."""
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
        self._local = threading.local()
