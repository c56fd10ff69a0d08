"""Create and open a central: its folder, its database, the upgrade of its schema."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from store.ledger.buckets import SetChecksum
from store.ledger.line import RandomBytes
from store.values.file_causes import FULL
from store.values.times import district_time
from sync.central.clock import central_clock
from sync.central.db.database import CentralDatabase
from sync.central.db.failures import DatabaseFailure, classify_failure
from sync.central.db.schema_version import HEAD
from sync.central.db.serving_mark import Gap, find_gap
from sync.central.db.serving_role import OWNER_VARIABLE, as_owner, is_guarded
from sync.central.db.settings import (
    close_database_file,
    close_folder,
    load_central_settings,
    save_central_settings,
)
from sync.central.db.tables import DISTRICT, DistrictRow
from sync.central.epochs import begin_first_epoch
from sync.central.exceptions import (
    CentralDown,
    CentralExists,
    CentralWriteFailure,
    DistrictNotSpecified,
    IncompleteCopy,
    NewerCentral,
    NoCentral,
    OwnerNeeded,
)

_OVERWRITES_SINCE = "0021"
"""Since this schema what a row said is overwritten in SQLite's file when it is changed: a file of an older version has
parts of such rows until it is written anew."""
_HAS_VERSION = {
    "sqlite": "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'alembic_version'",
    "postgresql": "SELECT to_regclass('alembic_version') IS NOT NULL",
}
"""Every command asks: SQLAlchemy's inspection of a database takes longer than all else that opening one does."""


def ensure_database(data_dir: Path, database_url: str | None) -> CentralDatabase:
    """The database of the central in ``data_dir``, created if there is none. Raises `CentralExists` when the folder's
    central has another database, `CentralDown` when the database does not answer."""
    try:
        settings = load_central_settings(data_dir)
    except NoCentral:
        settings = save_central_settings(data_dir, database_url)
    if database_url is not None and settings.database != database_url:
        raise CentralExists(district="?", place=data_dir)
    return _open_upgraded(settings.database, data_dir, new=True)


def open_database(data_dir: Path) -> CentralDatabase:
    """The database of the central in a folder, upgraded to this version's schema after a safety copy (SQLite).

    Raises `NoCentral`, `NewerCentral`, `IncompleteCopy`, `OwnerNeeded` or `CentralDown`; the database is then
    untouched."""
    return _open_upgraded(load_central_settings(data_dir).database, data_dir, new=False, whole=True)


def open_incomplete(data_dir: Path) -> CentralDatabase:
    """The same, also where the database is an incomplete copy."""
    return _open_upgraded(load_central_settings(data_dir).database, data_dir, new=False)


def gap_of(data_dir: Path) -> Gap | None:
    """Why the database of a central is not all of it, as far as its files tell. Raises `NoCentral` or `CentralDown`."""
    try:
        database = CentralDatabase(load_central_settings(data_dir).database)
    except (ValueError, SQLAlchemyError) as error:
        raise CentralDown(detail=_reason(error)) from None
    try:
        return find_gap(database, data_dir)
    except OSError as error:
        raise CentralDown(detail=_reason(error)) from None
    finally:
        database.close()


def _open_upgraded(url: str, data_dir: Path, *, new: bool, whole: bool = False) -> CentralDatabase:
    try:
        database = CentralDatabase(url)
        is_incomplete = whole and find_gap(database, data_dir) is Gap.LOG_MISSING
        if not is_incomplete:
            _close_files(database, data_dir, new)
    except (OSError, ValueError, SQLAlchemyError) as error:
        raise CentralDown(detail=_reason(error)) from None
    try:
        if is_incomplete:
            raise IncompleteCopy(place=data_dir)
        with as_owner(database) as owner:
            _upgrade_schema(owner, data_dir, new)
    except (OSError, ValueError, SQLAlchemyError) as error:
        database.close()
        raise CentralDown(detail=_reason(error)) from None
    except BaseException:
        database.close()
        raise
    return database


def _close_files(database: CentralDatabase, data_dir: Path, new: bool) -> None:
    """Make folder and files private before anything is read or written."""
    close_folder(data_dir)
    if database.file is not None:
        if not new and not database.file.exists():
            raise NoCentral(place=data_dir)
        close_database_file(database.file)


def _reason(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0]


def _upgrade_schema(database: CentralDatabase, data_dir: Path, new: bool) -> None:
    with database.read() as connection:
        version = schema_version(connection)
        may_upgrade = version in (None, HEAD) or not is_guarded(connection)
    if version is None and not new:
        raise NoCentral(place=data_dir)
    if version is not None and version > HEAD:
        raise NewerCentral(found=version, known=HEAD)
    if version == HEAD:
        return
    if not may_upgrade:
        raise OwnerNeeded(variable=OWNER_VARIABLE)
    if version is not None and database.engine.dialect.name == "sqlite":
        _keep_safety_copy(database, data_dir / f"central.db.before-{HEAD}")
    from sync.central.db.migrations.run import upgrade  # noqa: PLC0415 - Alembic is loaded only when there is something to do

    with database.write() as connection:
        upgrade(connection)
    if version is not None and version < _OVERWRITES_SINCE and database.file is not None:
        database.write_anew()


def _keep_safety_copy(database: CentralDatabase, target: Path) -> None:
    """A copy of the database as it is before an upgrade, whole or not at all; one for each schema."""
    aside = target.with_name(f"{target.name}.part")
    aside.unlink(missing_ok=True)
    try:
        database.copy_into(aside)
        os.replace(aside, target)
    finally:
        aside.unlink(missing_ok=True)


def schema_version(connection: Connection) -> str | None:
    """The number of the newest migration applied to the database; None for one that is not a central's."""
    if not connection.exec_driver_sql(_HAS_VERSION[connection.dialect.name]).scalar():
        return None
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar())


def add_district(
    connection: Connection,
    code: str,
    name: str,
    now_ms: int | None = None,
    random_bytes: RandomBytes = os.urandom,
) -> None:
    """Insert a new district, created now or at ``now_ms``, its secrets made of ``random_bytes``. Raises
    `CentralExists`."""
    if code in districts(connection):
        raise CentralExists(district=code, place=connection.engine.url.render_as_string())
    cursor_key = base64.urlsafe_b64encode(random_bytes(32)).decode()
    now = central_clock().now_ms() if now_ms is None else now_ms
    row = DistrictRow(code, name, random_bytes(16).hex(), cursor_key, 0, *SetChecksum(), "[]", now, now, None)._replace(
        grants_day=district_time(now).date().isoformat()
    )
    connection.execute(DISTRICT.insert(), row._asdict())
    begin_first_epoch(connection, code, now, random_bytes)


def districts(connection: Connection) -> list[str]:
    """The codes of the central's districts."""
    return sorted(connection.execute(select(DISTRICT.c.code)).scalars())


def resolve_district(connection: Connection, district: str | None) -> str:
    """The named district, or the only one. Raises `DistrictNotSpecified`."""
    known = districts(connection)
    if district is None and len(known) == 1:
        return known[0]
    if district not in known or district is None:
        raise DistrictNotSpecified(districts=", ".join(known))
    return district


@contextmanager
def read_central(data_dir: Path, *, incomplete: bool = False) -> Iterator[Connection]:
    """One snapshot of the central in a folder; of an ``incomplete`` copy too, where that is asked for. Raises what
    `open_database` raises."""
    database = open_incomplete(data_dir) if incomplete else open_database(data_dir)
    try:
        with database.read() as connection:
            yield connection
    finally:
        database.close()


@contextmanager
def write_central(data_dir: Path, *, incomplete: bool = False) -> Iterator[Connection]:
    """One write transaction on the central in a folder, or on an ``incomplete`` copy. Raises what `open_database`
    raises, and `CentralWriteFailure` where the database did not take it in: nothing was changed then."""
    database = open_incomplete(data_dir) if incomplete else open_database(data_dir)
    try:
        with database.write() as connection:
            yield connection
    except SQLAlchemyError as error:
        failure = classify_failure(error)
        if failure is DatabaseFailure.UNEXPECTED:
            raise
        raise CentralWriteFailure(detail=FULL if failure is DatabaseFailure.DISK_FULL else _reason(error)) from None
    finally:
        database.close()
