"""``guanjia central restore``: a central made from a backup, in SQLite or PostgreSQL, in an empty place only.

The copy in hand is verified, upgraded to this version's schema and begins a new epoch before anything is put in place.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import sqlcipher3.dbapi2 as sqlite
from sqlalchemy import Connection, inspect
from sqlalchemy.exc import SQLAlchemyError

from store.home.paths import create_private_folder, require_permissions
from store.values.file_causes import file_cause
from sync.central.admin.files import FileCount
from sync.central.admin.operator import iso_time, operator_name
from sync.central.admin.set_back import record_set_back
from sync.central.backup.aside import PREFIX, clear_abandoned, folder_aside, put_in_place
from sync.central.backup.backup_file import BackupManifest, outside_of, unseal_copy, verify_backup
from sync.central.backup.rows import copy_rows
from sync.central.db.database import CentralDatabase, sqlite_url
from sync.central.db.serving_mark import forget_marks
from sync.central.db.serving_role import as_owner
from sync.central.db.settings import SETTINGS_FILE, SQLITE_FILE, save_central_settings
from sync.central.exceptions import NotABackup, PlaceTaken, RestoreFailed


class RestoredCentral(NamedTuple):
    """A central made from a backup; ``outside`` are the attached files that were in an outside store and so are not in
    it: the restored central has them once its settings name that store."""

    file: Path
    data_dir: Path
    manifest: BackupManifest
    outside: FileCount

    def to_json(self) -> dict[str, object]:
        """As ``guanjia central restore --json`` prints it."""
        return {
            "lines": self.manifest.lines,
            "accounts": self.manifest.accounts,
            "file": str(self.file),
            "verified": True,
            "data": str(self.data_dir),
            "districts": [district.code for district in self.manifest.districts],
            "made_at": iso_time(self.manifest.made_at),
            "outside": self.outside._asdict(),
        }


def restore_backup(file: Path, data_dir: Path, database_url: str | None = None) -> RestoredCentral:
    """Make a central in the empty ``data_dir`` from a backup, with its database there or at ``database_url``, which
    must be empty too. Raises `NotABackup`, `DamagedBackup`, `NewerCentral`, `PlaceTaken`, `RestoreFailed` or
    `DiskKeepsNoPermissions`; nothing is left behind then."""
    if not file.is_file():
        raise NotABackup(file=file)
    try:
        with _database(data_dir, database_url) as target, _empty_folder(data_dir), folder_aside(data_dir) as aside:
            copy = aside / SQLITE_FILE
            copy.touch(mode=0o600)
            shutil.copyfile(file, copy)
            manifest = verify_backup(copy, file)
            origin = str(file.absolute()), manifest.made_at, operator_name()
            _prepare(copy, origin if target.file is not None else None)
            with _settings_first(data_dir, database_url):
                if target.file is not None:
                    target.file.parent.mkdir(parents=True, exist_ok=True)
                    put_in_place(copy, target.file)
                else:
                    with as_owner(target) as owner:
                        _load(copy, owner, origin)
            forget_marks(data_dir)
    except (OSError, ValueError, sqlite.Error, SQLAlchemyError) as error:
        reason = file_cause(error.errno) if isinstance(error, OSError) else getattr(error, "orig", None) or error
        raise RestoreFailed(place=database_url or data_dir, detail=str(reason).partition("\n")[0]) from None
    return RestoredCentral(file, data_dir, manifest, outside_of(file))


@contextmanager
def _database(data_dir: Path, database_url: str | None) -> Iterator[CentralDatabase]:
    """The database to restore into, which nothing is in yet. Raises `PlaceTaken`."""
    database = CentralDatabase(database_url or sqlite_url(data_dir.absolute() / SQLITE_FILE))
    try:
        if database.file is None:
            with database.read() as connection:
                _require_no_tables(connection)
        elif database.file.exists():
            raise PlaceTaken(place=database.file)
        yield database
    finally:
        database.close()


def _require_no_tables(connection: Connection) -> None:
    if inspect(connection).get_table_names():
        raise PlaceTaken(place=connection.engine.url.render_as_string())


@contextmanager
def _empty_folder(data_dir: Path) -> Iterator[None]:
    """The folder, private and empty; one that was made here is removed if the restore fails. Raises `PlaceTaken`."""
    is_new = not data_dir.exists()
    if not is_new:
        if not data_dir.is_dir():
            raise PlaceTaken(place=data_dir)
        clear_abandoned(data_dir)
        if any(not entry.name.startswith(PREFIX) for entry in data_dir.iterdir()):
            raise PlaceTaken(place=data_dir)
    create_private_folder(data_dir)
    try:
        require_permissions(data_dir)
        yield
    except BaseException:
        if is_new:
            with suppress(OSError):
                data_dir.rmdir()
        raise


@contextmanager
def _settings_first(data_dir: Path, database_url: str | None) -> Iterator[None]:
    """The folder's settings, while the database is put in place as the last step; without it they go again."""
    try:
        save_central_settings(data_dir, database_url)
        yield
    except BaseException:
        for file in data_dir.glob(f"*{SETTINGS_FILE}*"):
            file.unlink()
        raise


def _prepare(copy: Path, origin: tuple[str, int, str] | None) -> None:
    """Make the copy a database of this version's schema; with its ``origin`` a new epoch begins in it."""
    from sync.central.db.migrations.run import upgrade  # noqa: PLC0415 - Alembic, loaded only here

    database = CentralDatabase(sqlite_url(copy))
    try:
        with database.write() as connection:
            unseal_copy(connection)
            upgrade(connection)
            if origin is not None:
                record_set_back(connection, *origin)
    finally:
        database.close()


def _load(copy: Path, target: CentralDatabase, origin: tuple[str, int, str]) -> None:
    """Load the copy into an empty PostgreSQL database, in one transaction."""
    from sync.central.db.migrations.run import upgrade  # noqa: PLC0415 - Alembic, loaded only here

    source = CentralDatabase(sqlite_url(copy))
    try:
        with source.read() as rows, target.write() as connection:
            _require_no_tables(connection)
            upgrade(connection)
            copy_rows(rows, connection)
            record_set_back(connection, *origin)
    finally:
        source.close()
