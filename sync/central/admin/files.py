"""Where the bytes of attachments lie: in the central's database or in its outside store; and whether all are there."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select

from sync.central.admin.setup import read_central, resolve_district
from sync.central.db.object_store import ObjectStore, object_name
from sync.central.db.settings import load_central_settings
from sync.central.db.tables import BLOB, BlobRow
from sync.central.exceptions import ObjectsNotNamed
from sync.central.writes.blob_moves import TO_ERASE, TO_MOVE

IS_STORED = BLOB.c.stored_at.is_not(None) & BLOB.c.erased_at.is_(None)
"""Bytes of which the outside store has the only copy."""


class FileCount(NamedTuple):
    """So many ``files``, and ``bytes``."""

    files: int = 0
    bytes: int = 0


class FilesReport(NamedTuple):
    """What is in the ``database``, what the ``outside`` store has, how many erased ones are still there (``erasing``),
    and the ``store``, if the settings name one. ``missing`` are those of the store (SHA-256) that are not there, or of
    another length; None where nobody has looked."""

    database: FileCount
    outside: FileCount
    erasing: int
    store: str | None
    missing: list[str] | None = None

    def to_json(self) -> dict[str, object]:
        """As ``guanjia central files --json`` prints it."""
        return {**self._asdict(), "database": self.database._asdict(), "outside": self.outside._asdict()}


def count_outside(connection: Connection) -> FileCount:
    """Those of all districts that only the outside store has."""
    return _count(connection, IS_STORED)


def files_report(data_dir: Path, *, district: str | None = None, look: bool = False) -> FilesReport:
    """Count the files of a district; with ``look`` ask the store for each of its own. Raises `ObjectsNotNamed` where
    the settings name no store and there are files in one, `ObjectsUnreachable`, `NoObjectCredentials`."""
    settings = load_central_settings(data_dir)
    with read_central(data_dir, incomplete=True) as connection:
        code = resolve_district(connection, district)
        here = BLOB.c.district == code
        store = None if settings.blobs is None else str(settings.blobs)
        erasing = _count(connection, here & TO_ERASE).files
        report = FilesReport(_count(connection, here & TO_MOVE), _count(connection, here & IS_STORED), erasing, store)
        rows = [BlobRow(*row) for row in connection.execute(select(BLOB).where(here, IS_STORED))] if look else []
    if not look:
        return report
    objects = settings.object_store()
    if objects is None and rows:
        raise ObjectsNotNamed(n=len(rows))
    return report._replace(missing=[] if objects is None else _missing(objects, code, rows))


def _missing(objects: ObjectStore, district: str, rows: list[BlobRow]) -> list[str]:
    sizes = dict(objects.sizes(district))
    return sorted(row.sha256 for row in rows if sizes.get(object_name(*row[:3])) != row.size)


def _count(connection: Connection, chosen: ColumnElement[bool]) -> FileCount:
    counted = select(func.count(), func.coalesce(func.sum(BLOB.c.size), 0)).where(chosen)
    files, size = connection.execute(counted).one()
    return FileCount(int(files), int(size))
