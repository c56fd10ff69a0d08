"""Opening the encrypted store: the file checked, upgraded to this version's schema after a safety copy, index complete.

`open_store` and `create_store` are the only ways to a `Database` of this version. What an upgrade does to lines is in
``adoption.py``, to the lookup's index in ``reindex.py``, to tables in ``store/db/migrations``.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import sqlcipher3.dbapi2 as sqlite

from store.db.connection import explained, require_sqlite
from store.db.database import Database
from store.db.schema_version import HEAD
from store.exceptions import DamagedStore, HomeExists, NewerStore, NotAHome
from store.writer.reindex import is_waiting, reword


def open_store(path: Path, key: bytes) -> Database:
    """The store at ``path``, upgraded to this version's schema after a safety copy.

    Raises `NotAHome`, `OldSQLite`, `WrongKey`, `NewerStore` or `DamagedStore`; the file is then untouched."""
    require_sqlite(sqlite.sqlite_version)
    if not path.exists():
        raise NotAHome(home=path.parent)
    database = Database(path, key)
    try:
        _bring_up_to_date(database)
    except BaseException:
        database.close()
        raise
    return database


def create_store(path: Path, key: bytes, facts: dict[str, str]) -> Database:
    """A new store at ``path`` that knows ``facts`` (district, district_name, person, person_name, device).

    Built aside and moved into place whole, so that a crash leaves no half store. Raises `HomeExists`."""
    require_sqlite(sqlite.sqlite_version)
    if path.exists():
        raise HomeExists(home=path.parent)
    building = path.with_suffix(".new")
    building.unlink(missing_ok=True)
    database = Database(building, key)
    _upgrade(database)
    with database.write() as connection:
        connection.executemany("INSERT INTO meta (key, value) VALUES (?, ?)", facts.items())
    database.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    os.replace(building, path)
    building.with_suffix(".mark").unlink(missing_ok=True)
    return open_store(path, key)


def _bring_up_to_date(database: Database) -> None:
    version = _schema_version(database)
    if version > HEAD:
        raise NewerStore(path=database.path, found=version, known=HEAD)
    if version < HEAD:
        database.backup(database.path.with_name(f"{database.path.name}.before-{HEAD}-{time.time_ns()}"))
        _upgrade(database)
    if is_waiting(database.connection()):
        reword(database)


def _schema_version(database: Database) -> str:
    with explained(database.path):
        ours = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
        if database.connection().execute(ours).fetchone() is None:
            raise DamagedStore(path=database.path, detail="not a guanjia ledger")
        return str(database.connection().execute("SELECT version_num FROM alembic_version").fetchone()[0])


def _upgrade(database: Database) -> None:
    from store.db.migrations.run import upgrade  # noqa: PLC0415 - Alembic is loaded only when there is something to do
    from store.writer.adoption import adopt  # noqa: PLC0415 - so are the models

    upgrade(database.connection())
    with database.write() as connection:
        adopt(connection)
