"""Opening the ledger: the file checked, upgraded to this version's schema after a safety copy, index complete.

`open_store` and `create_store` are the only ways to a `Database` of this version. What an upgrade does to lines is in
``adoption.py``, to the search index in ``reindex.py``, to device state in ``carried_state.py``, to tables in
``store/db/migrations``. On the path of ``guanjia find``: imports stay light.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Mapping
from pathlib import Path

import sqlcipher3.dbapi2 as sqlite

from store.db.connection import require_sqlite, translate_errors
from store.db.database import Database
from store.db.schema_version import HEAD
from store.domain.holidays import use_holiday_years
from store.exceptions import DamagedStore, HomeExists, HomeNotFound, SchemaTooNew
from store.writer.carried_state import DEVICE_FILE_ERRORS, is_packed, unpack
from store.writer.reindex import needs_reindex, reindex


def open_store(path: Path, key: bytes) -> Database:
    """Open the store at ``path``, upgraded to this version's schema after a safety copy.

    Raises `HomeNotFound`, `SQLiteTooOld`, `WrongKey`, `SchemaTooNew` or `DamagedStore`; the file is then untouched."""
    require_sqlite(sqlite.sqlite_version)
    if not path.exists():
        raise HomeNotFound(home=path.parent)
    database = Database(path, key)
    try:
        upgrade_if_needed(database)
    except BaseException:
        database.close()
        raise
    return database


def create_store(path: Path, key: bytes, facts: Mapping[str, str]) -> Database:
    """Create a store at ``path`` with these device facts (district, district_name, person, person_name, device).

    It is built aside and moved into place whole, so that a crash leaves no half store. Raises `HomeExists`."""
    from store.db.migrations.new_store import create_schema  # noqa: PLC0415 - off the path of opening a store

    require_sqlite(sqlite.sqlite_version)
    if path.exists():
        raise HomeExists(home=path.parent)
    building = path.with_suffix(".new")
    building.unlink(missing_ok=True)
    database = Database(building, key)
    with translate_errors(building):
        create_schema(database.connection())
    if _schema_version(database) < HEAD:
        _upgrade(database)
    with database.write() as connection:
        connection.executemany("INSERT INTO meta (key, value) VALUES (?, ?)", facts.items())
    database.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    for stale in (path, database.with_same_key(path).device_file.path):
        _set_aside(stale)
    os.replace(building, path)
    building.with_suffix(".mark").unlink(missing_ok=True)
    return open_store(path, key)


def _set_aside(path: Path) -> None:
    """Rename what another ledger has left here, its log or its device state: its key may be another. A log goes first,
    since beside a new file it would be taken for that one's."""
    new_name = f"{path.name}.old-{time.time_ns()}"
    for suffix in ("-wal", "-shm", ""):
        with contextlib.suppress(FileNotFoundError):
            os.replace(f"{path}{suffix}", path.with_name(f"{new_name}{suffix}"))


def upgrade_if_needed(database: Database) -> None:
    """Bring the store to this version's schema, after a copy if there is room for one, and its index to completion."""
    version = _schema_version(database)
    if version > HEAD:
        raise SchemaTooNew(path=database.path, found=version, known=HEAD)
    if version < HEAD:
        from store.writer.safety_copy import make_safety_copy  # noqa: PLC0415 - loaded only to upgrade

        _upgrade(database, copied=make_safety_copy(database))
    if needs_reindex(database.connection()):
        reindex(database)
    use_holiday_years(database.connection())
    if is_packed(database.connection()):
        with contextlib.suppress(*DEVICE_FILE_ERRORS):  # the ledger carries it on; the next opening tries again
            unpack(database)


def _schema_version(database: Database) -> str:
    with translate_errors(database.path):
        ours = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
        if database.connection().execute(ours).fetchone() is None:
            raise DamagedStore(path=database.path, detail="not a guanjia ledger")
        return str(database.connection().execute("SELECT version_num FROM alembic_version").fetchone()[0])


def _upgrade(database: Database, *, copied: bool = True) -> None:
    from store.db.migrations.run import upgrade  # noqa: PLC0415 - Alembic is loaded only when there is something to do
    from store.writer.adoption import promote_unknown_lines, recompute_acts_out_of_turn  # noqa: PLC0415 - so are the models
    from store.writer.safety_copy import note_missing_copy  # noqa: PLC0415 - loaded only to upgrade

    with translate_errors(database.path):
        upgrade(database.connection())
    with database.write() as connection:
        promote_unknown_lines(connection)
        recompute_acts_out_of_turn(connection)
        if not copied:
            note_missing_copy(connection)
