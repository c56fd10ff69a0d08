"""``guanjia central backup``: a verified copy of all districts while the central serves.

The copy is of one moment: `VACUUM INTO` for SQLite, one read-only snapshot for PostgreSQL. It is written aside, opened
anew and verified, and only then put in place: under its final name there is a whole backup or none.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

import sqlcipher3.dbapi2 as sqlite
from sqlalchemy.exc import SQLAlchemyError

from store.home.paths import create_private_folder
from store.values.file_causes import file_cause
from sync.central import audit, integrity
from sync.central.admin.files import FileCount
from sync.central.admin.operator import operator_name
from sync.central.admin.setup import districts, open_database
from sync.central.backup.aside import folder_aside, put_in_place
from sync.central.backup.backup_file import (
    BackupManifest,
    is_backup,
    outside_of,
    read_manifest,
    seal_copy,
    verify_backup,
)
from sync.central.backup.rows import copy_rows
from sync.central.clock import central_clock
from sync.central.db.commit_order import lock_district
from sync.central.db.database import CentralDatabase, sqlite_url
from sync.central.exceptions import BackupExists, BackupFailed, BackupNotRecorded, DamagedBackup, NotABackup

SUFFIX = ".gjc"


class CentralBackup(NamedTuple):
    """A backup that was written and verified; ``removed`` are the older ones that ``--keep`` removed, ``outside`` the
    attached files that an outside store has, so that they are not in it."""

    file: Path
    manifest: BackupManifest
    removed: list[Path]
    outside: FileCount

    def to_json(self) -> dict[str, object]:
        """As ``guanjia central backup --json`` prints it."""
        return {
            "lines": self.manifest.lines,
            "accounts": self.manifest.accounts,
            "file": str(self.file),
            "verified": True,
            "districts": [district.code for district in self.manifest.districts],
            "removed": [str(path) for path in self.removed],
            "outside": self.outside._asdict(),
        }


def create_backup(data_dir: Path, file: Path, keep: int | None = None) -> CentralBackup:
    """Write a backup of the central in ``data_dir`` to ``file``, or under a name with district and time into a folder;
    with ``keep`` the older backups of this central beside it that were made so are removed, but the newest ``keep``,
    and a name that nothing has and that does not look like a file's is a folder to be made: a file there would be in
    the way of tomorrow's.
    Raises `BackupExists`, `BackupFailed`, `BackupNotRecorded`, `DiskKeepsNoPermissions`, and what `open_database`
    raises."""
    database = open_database(data_dir)
    try:
        target = _target(database, file, rotates=keep is not None)
        manifest = _write(database, target, rotates=keep is not None)
        try:
            _record(database, target, manifest)
        except SQLAlchemyError as error:
            raise BackupNotRecorded(file=target, detail=getattr(error, "orig", None) or error) from None
    finally:
        database.close()
    removed = remove_older(target, manifest, keep) if keep is not None else []
    return CentralBackup(target, manifest, removed, outside_of(target))


def _target(database: CentralDatabase, file: Path, *, rotates: bool) -> Path:
    target = file.absolute()
    if rotates and not target.suffix and not target.exists() and target.parent.is_dir():
        create_private_folder(target)
    if target.is_dir():
        with database.read() as connection:
            name = "-".join(districts(connection))
        target /= f"central-{name[:80]}-{time.strftime('%Y%m%d-%H%M%S')}{SUFFIX}"
    if target.exists():
        raise BackupExists(file=target)
    return target


def _write(database: CentralDatabase, target: Path, *, rotates: bool) -> BackupManifest:
    try:
        with folder_aside(target.parent) as aside:
            copy = aside / target.name
            try:
                manifest = _copy(database, copy, rotates)
            except DamagedBackup:  # a damaged row of the central itself: quarantined, it counts in no checksum
                copy.unlink()
                _quarantine(database)
                manifest = _copy(database, copy, rotates)
            if target.exists():
                raise BackupExists(file=target)
            put_in_place(copy, target)
            return manifest
    except DamagedBackup as error:
        raise BackupFailed(file=target, detail=error.values["detail"]) from None
    except (OSError, sqlite.Error, SQLAlchemyError) as error:
        reason = file_cause(error.errno) if isinstance(error, OSError) else getattr(error, "orig", None) or error
        raise BackupFailed(file=target, detail=reason) from None


def _copy(database: CentralDatabase, copy: Path, rotates: bool) -> BackupManifest:
    """Copy, seal and verify."""
    made_at = central_clock().now_ms()
    if database.file is not None:
        database.copy_into(copy)
    else:
        _export(database, copy)
    seal_copy(copy, made_at, rotates=rotates)
    return verify_backup(copy)


def _export(database: CentralDatabase, copy: Path) -> None:
    """The rows of one snapshot in a new SQLite file of the same schema."""
    from sync.central.db.migrations.run import upgrade  # noqa: PLC0415 - Alembic, for PostgreSQL only

    copy.touch(mode=0o600)
    target = CentralDatabase(sqlite_url(copy))
    try:
        with database.read() as source, target.write() as connection:
            upgrade(connection)
            copy_rows(source, connection)
    finally:
        target.close()


def _quarantine(database: CentralDatabase) -> None:
    with database.write() as connection:
        for district in districts(connection):
            counter = lock_district(connection, district, central_clock().now_ms())
            if counter is not None:
                integrity.check_integrity(connection, counter)
                counter.save(connection)


def _record(database: CentralDatabase, target: Path, manifest: BackupManifest) -> None:
    """The backup in the audit of each district: `stats` tells its age by it."""
    with database.write() as connection:
        for district in manifest.districts:
            counter = lock_district(connection, district.code, central_clock().now_ms())
            if counter is not None:
                audit.record_event(
                    connection, counter, "backup", file=str(target), lines=district.lines, made_at=manifest.made_at,
                    by=operator_name(),
                )  # fmt: skip
                counter.save(connection)


def remove_older(newest: Path, manifest: BackupManifest, keep: int) -> list[Path]:
    """Remove the backups beside ``newest`` that are of the same central and were made with ``--keep``, but the newest
    ``keep``, of which ``newest`` is one; gives those removed. Anything else is never touched. Raises `OSError`."""
    centrals = {district.central for district in manifest.districts}
    older: list[tuple[int, Path]] = []
    for path in newest.parent.iterdir():
        if path == newest or path.is_symlink() or not path.is_file() or not is_backup(path):
            continue
        try:
            other = read_manifest(path)
        except (NotABackup, DamagedBackup):
            continue
        if other.rotates and centrals & {district.central for district in other.districts}:
            older.append((other.made_at, path))
    removed = [path for _, path in sorted(older, reverse=True)[max(keep - 1, 0) :]]
    for path in removed:
        path.unlink()
    return removed
