"""The file of a backup: an SQLite database of the central's schema, closed, with a manifest; and its verification.

The manifest says what the file is of (districts, their counters, schema, time) and has a checksum of each table, so
that a file which rotted is told from a sound one. Lines are checked by themselves as well: each text against its
digest, each bucket against its lines, each district against its buckets.

The file holds everything in plain text, the key of the cursors included: it is private (0600).
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import orjson
import sqlcipher3.dbapi2 as sqlite
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from store.ledger.line import digest_of
from store.ledger.row_mapping import to_signed
from store.values.text import sanitize
from sync.central import integrity
from sync.central.admin.files import FileCount, count_outside
from sync.central.admin.setup import schema_version
from sync.central.db.database import fsync_file
from sync.central.db.schema_version import HEAD
from sync.central.exceptions import DamagedBackup, NewerCentral, NotABackup

FORMAT = 1
APPLICATION_ID = 0x676A6362
"""SQLite's mark of the application, in the header of every backup."""
MANIFEST_TABLE = "backup_manifest"
_HEADER_BYTES, _APPLICATION_ID_AT = 100, 68
_NOT_COMPARED = (MANIFEST_TABLE, "alembic_version")


class BackupDistrict(NamedTuple):
    """A district in a backup: its code and name, the id of its central, its counter and its number of lines."""

    code: str
    name: str
    central: str
    seq: int
    lines: int


class BackupManifest(NamedTuple):
    """What a backup says of itself. ``made_at`` is in milliseconds since 1970; ``rotates``: made with ``--keep``, so a
    later one may delete it; ``tables``: the number of rows and a checksum of each."""

    format: int
    made_at: int
    schema: str
    rotates: bool
    districts: list[BackupDistrict]
    accounts: int
    tables: dict[str, list[int]]

    @property
    def lines(self) -> int:
        """The lines of all districts."""
        return sum(district.lines for district in self.districts)


def seal_copy(path: Path, made_at: int, *, rotates: bool) -> None:
    """Make a copy of a central's database a backup: one closed file without a log, with its manifest. Raises
    `sqlite.Error` or `OSError`."""
    connection = sqlite.connect(str(path), isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 0")
        manifest = _describe(connection, made_at, rotates)
        connection.execute(f"CREATE TABLE {MANIFEST_TABLE} (manifest TEXT NOT NULL, digest INTEGER NOT NULL)")
        values = manifest._asdict() | {"districts": [district._asdict() for district in manifest.districts]}
        written = orjson.dumps(values)
        row = (written.decode(), to_signed(digest_of(written)))
        connection.execute(f"INSERT INTO {MANIFEST_TABLE} VALUES (?, ?)", row)
    finally:
        connection.close()
    fsync_file(path)


def unseal_copy(connection: Connection) -> None:
    """Make a copy of a backup a central's database again."""
    connection.execute(text(f"DROP TABLE {MANIFEST_TABLE}"))
    connection.exec_driver_sql("PRAGMA application_id = 0")


def _describe(connection: sqlite.Connection, made_at: int, rotates: bool) -> BackupManifest:
    (schema,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    rows = connection.execute("SELECT code, name, central, seq, lines FROM district ORDER BY code")
    districts = [BackupDistrict(*row) for row in rows]
    (accounts,) = connection.execute("SELECT COUNT(*) FROM account").fetchone()
    return BackupManifest(FORMAT, made_at, schema, rotates, districts, accounts, table_checksums(connection))


def table_checksums(connection: sqlite.Connection) -> dict[str, list[int]]:
    """By table: how many rows it has, and the sum of their digests, which does not depend on their order."""
    chosen = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    names = [name for (name,) in connection.execute(chosen) if name not in _NOT_COMPARED]
    checksums = {}
    for name in names:
        count = total = 0
        for row in connection.execute(f'SELECT * FROM "{name}"'):
            count += 1
            total += digest_of(orjson.dumps(row, default=_bytes_as_text))
        checksums[name] = [count, total & (1 << 63) - 1]
    return checksums


def is_backup(path: Path) -> bool:
    """Whether the header of a file has the mark of a backup; the cheapest look there is."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except OSError:
        return False
    mark = int.from_bytes(header[_APPLICATION_ID_AT : _APPLICATION_ID_AT + 4], "big")
    return header.startswith(b"SQLite format 3\0") and mark == APPLICATION_ID


def read_manifest(path: Path) -> BackupManifest:
    """The manifest of a backup. Raises `NotABackup` or `DamagedBackup`."""
    with _opened(path) as connection:
        return _read_manifest(connection, path)


def verify_backup(path: Path, name: Path | None = None) -> BackupManifest:
    """Open a backup anew and check all of it: the file's structure, every table, every line, every checksum. Errors
    speak of ``name`` where ``path`` is a copy. Raises `NotABackup`, `DamagedBackup` or `NewerCentral`."""
    shown = name or path
    with _opened(path, shown) as connection:
        manifest = _read_manifest(connection, shown)
        if manifest.schema > HEAD:
            raise NewerCentral(found=manifest.schema, known=HEAD)
        for problem in _problems(connection, manifest):
            raise DamagedBackup(file=shown, detail=problem)
        return manifest


def outside_of(path: Path) -> FileCount:
    """How many attached files a backup knows of that an outside store had when it was made: they are not in it. Raises
    `NotABackup` or `DamagedBackup`."""
    with _opened(path) as connection:
        if schema_version(connection) != HEAD:  # of a version that knew no such store, or of a newer one
            return FileCount()
        return count_outside(connection)


@contextlib.contextmanager
def _opened(path: Path, name: Path | None = None) -> Iterator[Connection]:
    """A backup, read only: nothing is written beside it. Raises `NotABackup` or `DamagedBackup`."""
    if not is_backup(path):
        raise NotABackup(file=name or path)
    address = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
    engine = create_engine(
        "sqlite+pysqlite://", module=sqlite, creator=lambda: sqlite.connect(address, uri=True), poolclass=NullPool
    )
    try:
        with engine.connect() as connection:
            yield connection
    except (sqlite.Error, SQLAlchemyError) as error:
        raise DamagedBackup(file=name or path, detail=str(getattr(error, "orig", None) or error)) from None
    finally:
        engine.dispose()


def _read_manifest(connection: Connection, name: Path) -> BackupManifest:
    stored, digest = connection.execute(text(f"SELECT manifest, digest FROM {MANIFEST_TABLE}")).one()
    if to_signed(digest_of(stored.encode())) != digest:
        raise DamagedBackup(file=name, detail="manifest")
    try:
        values = orjson.loads(stored)
        districts = [BackupDistrict(**district) for district in values["districts"]]
        return BackupManifest(**{**values, "districts": districts})
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedBackup(file=name, detail=sanitize(str(error))) from None


def _problems(connection: Connection, manifest: BackupManifest) -> Iterator[str]:
    """What is wrong with a backup; the caller stops at the first."""
    structure = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
    if structure != "ok":
        yield str(structure)
    if schema_version(connection) != manifest.schema:
        yield "schema"
    raw = connection.connection.driver_connection
    present = table_checksums(raw)
    yield from sorted(name for name in present | manifest.tables if present.get(name) != manifest.tables.get(name))
    for district in manifest.districts:
        yield from _wrong_lines(connection, district.code)


def _wrong_lines(connection: Connection, district: str) -> Iterator[str]:
    yield from integrity.suspicious_buckets(connection, district)
    if integrity.is_total_wrong(connection, district):
        yield district


def _bytes_as_text(value: object) -> str:
    """The bytes of attachments, which JSON cannot carry, by their own digest."""
    assert isinstance(value, bytes | memoryview)
    return hashlib.sha256(value).hexdigest()
