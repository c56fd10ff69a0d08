"""The file of the device's own state: drafts of forms, the history of searches, the history of rounds.

It lies beside the ledger's file, encrypted with the same key, and is never replicated. It is a file of its own so that
each second of typing is no commit of the ledger: watchers stay asleep and caches of the screens stay valid. What must
commit together with lines (cursor, device id, clock offset) is in the ledger (``store/db/device_facts.py``).

Whatever is wrong with this file, the ledger goes on: every error here is a `DeviceStateError` (or `StoreBusy`,
`DiskFull`), which readers answer with "no drafts, no history". A file that cannot be decrypted or is damaged is set
aside, and a new one is begun.

Lock order: a thread may take this file's write lock while it holds the ledger's, never the other way round.
Typed access: ``store/home/drafts.py``, ``store/home/sync_history.py``, ``store/search/history.py``. May import
``store/db``. On the path of ``guanjia find``: imports stay light.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import sqlcipher3.dbapi2 as sqlite

from store.db.connection import Connection, translate_errors
from store.db.database import Database
from store.exceptions import (
    DamagedDeviceState,
    DamagedStore,
    DeviceStateError,
    DeviceStateTooNew,
    DiskFull,
    StoreBusy,
    StoreError,
    WrongKey,
)
from store.home.paths import RoundLock
from store.values.file_causes import file_cause

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

_SIDE_FILES = ("-wal", "-shm")


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
        """One snapshot, or None where nothing has been stored yet. Raises `DeviceStateError`, `StoreBusy` or
        `DiskFull`."""
        with self._errors():
            self._file.close_replaced()
            if not self.path.exists():
                yield None
                return
            with self._file.read() as connection:
                yield connection if self._has_tables(connection) else None

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """One write transaction, which makes the tables where there are none. Opens the file anew where it has been
        deleted or replaced. Raises as `read`."""
        with self._errors():
            self._file.close_replaced()
            with self._file.write() as connection:
                if not self._has_tables(connection):
                    for statement in _SCHEMA:
                        connection.execute(statement)
                    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
                yield connection

    def check(self) -> None:
        """Read the whole file, and set it aside where it is damaged. Raises as `read`."""
        with self.read():
            pass
        if errors := self.integrity_errors():
            with self._errors():
                self._set_aside("; ".join(errors[:3]))

    def integrity_errors(self) -> list[str]:
        """What SQLite finds wrong with the file; an empty list when it is sound or not there. Raises as `read`."""
        with self._errors():
            return self._file.integrity_errors() if self.path.exists() else []

    def files_set_aside(self) -> list[Path]:
        """The damaged files that have been set aside, the oldest first."""
        names = self.path.parent.glob(f"{self.path.name}.damaged-*")
        return sorted(path for path in names if not path.name.endswith(_SIDE_FILES))

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn every error about this file into one that does not blame the ledger."""
        try:
            yield
        except (DeviceStateError, StoreBusy, DiskFull):
            raise
        except (WrongKey, DamagedStore) as error:
            with self._errors():
                self._set_aside(_detail(error))
        except (StoreError, sqlite.Error, OSError) as error:
            raise DeviceStateError(path=self.path, detail=_detail(error)) from error

    def _set_aside(self, detail: str) -> None:
        """Rename the file with its -wal and -shm, and begin a new one with the drafts that can still be read. Always
        raises. A file that turns out sound stays: another process has replaced it, or another file was damaged."""
        aside = self.path.with_name(f"{self.path.name}.damaged-{time.time_ns()}")
        lock = RoundLock(self.path.with_name(f"{self.path.name}.lock"))  # only one process sets a file aside
        if not lock.acquire("set aside"):
            raise DeviceStateError(path=self.path, detail=detail)
        try:
            if not self._is_damaged():
                raise DeviceStateError(path=self.path, detail=detail)
            drafts = self._rename_to(aside)
        finally:
            lock.release()
        if drafts:
            with self.write() as connection:
                connection.executemany("INSERT OR IGNORE INTO draft (key, id, body, at) VALUES (?, ?, ?, ?)", drafts)
        raise DamagedDeviceState(path=self.path, detail=detail, aside=aside.name)

    def _rename_to(self, aside: Path) -> list[tuple[object, ...]]:
        """Rename the file, the -wal first; returns the drafts that can still be read."""
        drafts = self._readable_drafts()
        self._file.close_own_connection()
        for suffix in (*_SIDE_FILES, ""):
            with contextlib.suppress(FileNotFoundError):
                os.rename(f"{self.path}{suffix}", f"{aside}{suffix}")
        return drafts

    def _is_damaged(self) -> bool:
        self._file.close_own_connection()
        try:
            with translate_errors(self.path):
                return self.path.exists() and bool(self._file.integrity_errors())
        except (WrongKey, DamagedStore):
            return True

    def _readable_drafts(self) -> list[tuple[object, ...]]:
        self._file.close_own_connection()  # after a damaged page a connection reads nothing more
        drafts: list[tuple[object, ...]] = []
        with contextlib.suppress(StoreError, sqlite.Error):
            drafts.extend(self._file.connection().execute("SELECT key, id, body, at FROM draft"))
        return drafts

    def _has_tables(self, connection: Connection) -> bool:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > SCHEMA_VERSION:
            raise DeviceStateTooNew(path=self.path, found=version, known=SCHEMA_VERSION)
        return version > 0


def _detail(error: Exception) -> str:
    if isinstance(error, StoreError):
        return str(error.values.get("detail", error.code))
    return file_cause(error.errno) if isinstance(error, OSError) else str(error)
