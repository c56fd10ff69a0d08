"""Takes in the bytes of attachments part by part; what is complete is checked as a whole, and kept or thrown away."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable
from typing import BinaryIO, NamedTuple, cast

from sqlalchemy import ColumnElement, Connection, Table, delete, func, or_, select, true, update
from sqlalchemy.dialects import postgresql, sqlite

from store.values.media.content_types import media_type
from sync.central.db.database import insert_rows
from sync.central.db.tables import BLOB, BLOB_PART, BlobPartRow, BlobRow
from sync.central.reads.blobs import BlobReads, BlobStream, NamedBlob, coming_from
from sync.protocol.blobs import ERASED_BYTES, OTHER_BYTES, PART_BYTES, UNKNOWN_TYPE

_CHECKED_BYTES = 16 * PART_BYTES
_ERASING = 27
"""The sort of PostgreSQL's advisory locks that keeps parts and erasures apart; within it they are the districts'."""


class Reception(NamedTuple):
    """What there is after a part came: the row, and why nothing is, if it was refused."""

    row: BlobRow
    refused: str | None = None


class Sender(NamedTuple):
    """Who sends bytes: the district and the device."""

    district: str
    device: str


def receive_part(
    connection: Connection, sender: Sender, blob: NamedBlob, place: int, content: bytes, now_ms: int
) -> Reception:
    """Take in the bytes from ``place`` on, if this device has sent all before. The same part again, and one that comes
    too late or too early, changes nothing; of what was cut off the whole parts count. With the last part the whole is
    checked: what is not what the line names is thrown away; what is, is whole for everybody."""
    _keep_apart(connection, sender.district, func.pg_advisory_xact_lock_shared)
    if (held := _held_row(connection, sender.district, blob)) is not None:
        return Reception(held, None if held.erased_at is None else ERASED_BYTES)
    if place == 0 and blob.size and len(content) == blob.size:
        return _take_whole(connection, sender, blob, content, now_ms)
    row = _locked_row(connection, sender, blob)
    if place + len(content) != blob.size:
        content = content[: len(content) // PART_BYTES * PART_BYTES]
    fits = place == row.received and place + len(content) <= blob.size
    if not fits or (blob.size and not content):
        return Reception(row)
    _insert_parts(connection, row, place, content)
    row = row._replace(size=blob.size, received=place + len(content))
    if row.received < blob.size:
        connection.execute(update(BLOB).where(*_is(BLOB, row)).values(size=row.size, received=row.received))
        return Reception(row)
    if refused := _fault(BlobStream(BlobReads(connection, row.district, true()), row), blob):
        _forget(connection, row)
        return Reception(row._replace(received=0), refused)
    return Reception(_settle(connection, row, blob, now_ms))


def _keep_apart(connection: Connection, district: str, lock: Callable[..., ColumnElement[object]]) -> None:
    """Let no part be taken in while bytes of the district are erased, since the erasure would not see it. PostgreSQL
    only: SQLite has one writer at a time."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(lock(_ERASING, func.hashtext(district))))


def _take_whole(connection: Connection, sender: Sender, blob: NamedBlob, content: bytes, now_ms: int) -> Reception:
    """Take in all bytes at once: they are checked before they are kept."""
    whole = BlobRow(sender.district, blob.bucket, blob.sha256, blob.size, 0, None)
    if refused := _fault(io.BytesIO(content), blob):
        return Reception(whole, refused)
    connection.execute(_insert(connection, whole))
    held = BlobRow(*connection.execute(select(BLOB).where(*_is(BLOB, whole)).with_for_update()).one())
    if held.whole_at is None:
        _insert_parts(connection, whole, 0, content)
        held = _mark_whole(connection, whole._replace(received=blob.size), now_ms)
    _forget_coming(connection, whole)
    return Reception(held)


def _insert_parts(connection: Connection, row: BlobRow, place: int, content: bytes) -> None:
    parts = [content[at : at + PART_BYTES] for at in range(0, len(content), PART_BYTES)] or [content]
    rows = [BlobPartRow(*row[:3], place + n * PART_BYTES, part) for n, part in enumerate(parts)]
    insert_rows(connection, BLOB_PART, rows)


def _mark_whole(connection: Connection, row: BlobRow, now_ms: int) -> BlobRow:
    held = row._replace(whole_at=now_ms)
    changed = {"size": held.size, "received": held.received, "whole_at": held.whole_at}
    connection.execute(update(BLOB).where(*_is(BLOB, row)).values(changed))
    return held


def _held_row(connection: Connection, district: str, blob: NamedBlob) -> BlobRow | None:
    """The row of bytes that are whole, or were erased."""
    whole = BlobRow(district, blob.bucket, blob.sha256, 0, 0, None)
    is_settled = or_(BLOB.c.whole_at.is_not(None), BLOB.c.erased_at.is_not(None))
    found = connection.execute(select(BLOB).where(*_is(BLOB, whole), is_settled)).one_or_none()
    return None if found is None else BlobRow(*found)


def _locked_row(connection: Connection, sender: Sender, blob: NamedBlob) -> BlobRow:
    """The row of what this device has sent of these bytes, made where there is none, and held until the transaction
    ends: a message may come twice at a time."""
    key = coming_from(blob.sha256, sender.device)
    new = BlobRow(sender.district, blob.bucket, key, blob.size, 0, None)
    connection.execute(_insert(connection, new))
    return BlobRow(*connection.execute(select(BLOB).where(*_is(BLOB, new)).with_for_update()).one())


def _insert(connection: Connection, row: BlobRow) -> postgresql.Insert | sqlite.Insert:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return insert(BLOB).values(row._asdict()).on_conflict_do_nothing()


def _is(table: Table, row: BlobRow) -> tuple[ColumnElement[bool], ...]:
    return table.c.district == row.district, table.c.bucket == row.bucket, table.c.sha256 == row.sha256


def _fault(stream: BlobStream | io.BytesIO, blob: NamedBlob) -> str | None:
    """Why complete bytes are not taken: they are others than the line names, or of no type that is known."""
    digest, count = hashlib.sha256(), 0
    while part := stream.read(_CHECKED_BYTES):
        digest.update(part)
        count += len(part)
    if digest.hexdigest() != blob.sha256 or count != blob.size:
        return OTHER_BYTES
    return None if media_type(cast("BinaryIO", stream)) == blob.media_type else UNKNOWN_TYPE


def _settle(connection: Connection, row: BlobRow, blob: NamedBlob, now_ms: int) -> BlobRow:
    """Let checked bytes be those of the content, unless another device's have just become it; what else was coming of
    it is thrown away."""
    whole = row._replace(sha256=blob.sha256, received=0)
    connection.execute(_insert(connection, whole))
    held = BlobRow(*connection.execute(select(BLOB).where(*_is(BLOB, whole)).with_for_update()).one())
    if held.whole_at is None:
        connection.execute(delete(BLOB_PART).where(*_is(BLOB_PART, whole)))
        connection.execute(update(BLOB_PART).where(*_is(BLOB_PART, row)).values(sha256=whole.sha256))
        held = _mark_whole(connection, whole._replace(received=row.received), now_ms)
    _forget_coming(connection, whole)
    return held


def _forget_coming(connection: Connection, row: BlobRow) -> None:
    """Throw away what devices have begun to send of bytes."""
    coming = coming_from(row.sha256, "")
    for table in (BLOB, BLOB_PART):
        same = (table.c.district == row.district, table.c.bucket == row.bucket)
        after = (table.c.sha256 >= coming, table.c.sha256 < coming + "g")
        connection.execute(delete(table).where(*same, *after))


def _forget(connection: Connection, row: BlobRow) -> None:
    for table in (BLOB, BLOB_PART):
        connection.execute(delete(table).where(*_is(table, row)))


def erase_bytes(connection: Connection, district: str, blobs: Iterable[tuple[str, str]], now_ms: int) -> int:
    """Delete those of these bytes (bucket, SHA-256) that no line names any more, for good: none of them is taken again.
    Gives how many."""
    wanted = set(blobs)
    if wanted:
        _keep_apart(connection, district, func.pg_advisory_xact_lock)
    named = BlobReads(connection, district, true()).named_in(bucket for bucket, _sha256 in wanted) if wanted else set()
    for bucket, sha256 in sorted(wanted - named):
        row = BlobRow(district, bucket, sha256, 0, 0, None, now_ms)
        connection.execute(_insert(connection, row))
        left = {"size": 0, "received": 0, "whole_at": None, "erased_at": now_ms}
        connection.execute(update(BLOB).where(*_is(BLOB, row)).values(left))
        connection.execute(delete(BLOB_PART).where(*_is(BLOB_PART, row)))
        _forget_coming(connection, row)
    return len(wanted - named)
