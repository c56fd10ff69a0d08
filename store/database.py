"""The encrypted store file: opening it safely, reading one snapshot, writing one transaction, backing up.

Runtime access is plain SQL on this thread's connection; SQLModel describes the schema (``store/models``) and is loaded
only by who writes. Next: ``store/ledger.py``, the only writer.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import sqlcipher3.dbapi2 as sqlite

from store.connection import Connection, connect, explained, require_sqlite
from store.exceptions import DamagedStore, HomeExists, NewerStore, NotAHome
from store.rewording import is_waiting, reword
from store.schema_version import HEAD


class Database:
    """One store file and its key. Connections are one per thread, opened when first asked for."""

    def __init__(self, path: Path, key: bytes) -> None:
        self.path = path
        self.mark = path.with_suffix(".mark")
        self._key = key
        self._local = threading.local()
        self._opened: list[Connection] = []
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: Path, key: bytes) -> Database:
        """The store at ``path``, upgraded to this version's schema after a safety copy.

        Raises `NotAHome`, `OldSQLite`, `WrongKey`, `NewerStore` or `DamagedStore`; the file is then untouched."""
        require_sqlite(sqlite.sqlite_version)
        if not path.exists():
            raise NotAHome(home=path.parent)
        database = cls(path, key)
        try:
            database._bring_up_to_date()
        except BaseException:
            database.close()
            raise
        return database

    @classmethod
    def create(cls, path: Path, key: bytes, facts: dict[str, str]) -> Database:
        """A new store at ``path`` that knows ``facts`` (district, district_name, person, person_name, device).

        Built aside and moved into place whole, so that a crash leaves no half store. Raises `HomeExists`."""
        require_sqlite(sqlite.sqlite_version)
        if path.exists():
            raise HomeExists(home=path.parent)
        building = path.with_suffix(".new")
        building.unlink(missing_ok=True)
        database = cls(building, key)
        database._upgrade()
        with database.write() as connection:
            connection.executemany("INSERT INTO meta (key, value) VALUES (?, ?)", facts.items())
        database.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        os.replace(building, path)
        building.with_suffix(".mark").unlink(missing_ok=True)
        return cls.open(path, key)

    def connection(self) -> Connection:
        """This thread's connection, in autocommit mode; rows are plain tuples."""
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = connect(self.path, self._key)
            self._local.connection = connection
            with self._lock:
                self._opened.append(connection)
        return connection

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """One snapshot: every query inside sees the same commit."""
        connection = self.connection()
        with explained(self.path):
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
        with explained(self.path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        self.mark.touch(mode=0o600)

    def backup(self, target: Path) -> None:
        """An encrypted copy at ``target`` (same key), consistent although others may be writing.
        Raises `HomeExists` when ``target`` is there already."""
        if target.exists():
            raise HomeExists(home=target)
        with explained(self.path):
            self.connection().execute("VACUUM INTO ?", (str(target),))
        target.chmod(0o600)

    def integrity(self) -> list[str]:
        """What SQLite finds wrong with the file's structure; an empty list when it is sound."""
        found = [row[0] for row in self.connection().execute("PRAGMA integrity_check(20)")]
        found += [row[0] for row in self.connection().execute("PRAGMA cipher_integrity_check")]
        return [text for text in found if text != "ok"]

    def close(self) -> None:
        """Close every thread's connection. The other threads must have ended their work: SQLite does not forgive."""
        with self._lock:
            for connection in self._opened:
                connection.close()
            self._opened.clear()
        self._local = threading.local()

    def _bring_up_to_date(self) -> None:
        found = self._schema_version()
        if found > HEAD:
            raise NewerStore(path=self.path, found=found, known=HEAD)
        if found < HEAD:
            self.backup(self.path.with_name(f"{self.path.name}.before-{HEAD}-{time.time_ns()}"))
            self._upgrade()
        if is_waiting(self.connection()):
            reword(self)

    def _schema_version(self) -> str:
        with explained(self.path):
            ours = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
            if self.connection().execute(ours).fetchone() is None:
                raise DamagedStore(path=self.path, detail="not a guanjia ledger")
            return str(self.connection().execute("SELECT version_num FROM alembic_version").fetchone()[0])

    def _upgrade(self) -> None:
        from store.adoption import adopt  # noqa: PLC0415 - so are the models
        from store.migrations.run import upgrade  # noqa: PLC0415 - Alembic is loaded only when there is something to upgrade

        upgrade(self.connection())
        with self.write() as connection:
            adopt(connection)
