"""The file of the device's own state: drafts of forms, the history of searches, the history of rounds.

It lies beside the ledger's file, encrypted with the same key, and is never replicated. It is a file of its own so that
each second of typing is no commit of the ledger: watchers stay asleep and caches of the screens stay valid. What must
commit together with lines (cursor, device id, clock offset) is in the ledger (``store/db/device_facts.py``).

Lock order: a thread may take this file's write lock while it holds the ledger's, never the other way round.
Typed access: ``store/home/drafts.py``, ``store/home/sync_history.py``, ``store/search/history.py``. May import
``store/db``. On the path of ``guanjia find``: imports stay light.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from store.db.connection import Connection
from store.db.database import Database
from store.exceptions import SchemaTooNew

SCHEMA_VERSION = 1
"""Kept in ``PRAGMA user_version``; 0 is a file without tables."""
_SCHEMA = (
    "CREATE TABLE draft (key TEXT NOT NULL PRIMARY KEY, id TEXT NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL)",
    """CREATE TABLE round (
    n INTEGER NOT NULL PRIMARY KEY, began INTEGER NOT NULL, at INTEGER NOT NULL, times INTEGER NOT NULL,
    ran_by TEXT NOT NULL, outcome TEXT NOT NULL, detail TEXT, verified INTEGER NOT NULL, pushed INTEGER NOT NULL,
    pulled INTEGER NOT NULL, superseded INTEGER NOT NULL, rejected INTEGER NOT NULL, up INTEGER NOT NULL,
    down INTEGER NOT NULL, ms INTEGER NOT NULL)""",
    "CREATE TABLE recent (list TEXT NOT NULL PRIMARY KEY, entries TEXT NOT NULL)",
)


class DeviceState:
    """The device's file beside one ledger. Nothing is opened or created before the first use."""

    def __init__(self, ledger: Database) -> None:
        self._file = ledger.device_file

    @property
    def path(self) -> Path:
        """Where the file is, or will be."""
        return self._file.path

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection | None]:
        """One snapshot, or None where nothing has been stored yet. Raises `SchemaTooNew`, and as `Database.read`."""
        if not self.path.exists():
            yield None
            return
        with self._file.read() as connection:
            yield connection if self._has_tables(connection) else None

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """One write transaction, which makes the tables where there are none. Raises `SchemaTooNew` or what
        `Database.write` raises."""
        with self._file.write() as connection:
            if not self._has_tables(connection):
                for statement in _SCHEMA:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            yield connection

    def integrity_errors(self) -> list[str]:
        """What SQLite finds wrong with the file; an empty list when it is sound or not there."""
        return self._file.integrity_errors() if self.path.exists() else []

    def _has_tables(self, connection: Connection) -> bool:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > SCHEMA_VERSION:
            raise SchemaTooNew(path=self.path, found=version, known=SCHEMA_VERSION)
        return version > 0
