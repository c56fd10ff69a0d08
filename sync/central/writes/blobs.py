"""Takes in the bytes of attachments part by part; what is complete is checked as a whole, and kept or thrown away."""

from __future__ import annotations

import hashlib
import io
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, select, true, update
from sqlalchemy.dialects import postgresql, sqlite

from store.values.media.content_types import media_type
from sync.central.db.database import insert_rows
from sync.central.db.tables import BLOB, BLOB_PART, BlobPartRow, BlobRow
from sync.central.reads.blobs import BlobReads, NamedBlob
from sync.protocol.blobs import OTHER_BYTES, PART_BYTES, UNKNOWN_TYPE


class Reception(NamedTuple):
    """What there is after a part came: the row, and why nothing is, if it was refused."""

    row: BlobRow
    refused: str | None = None


def receive_part(
    connection: Connection, district: str, blob: NamedBlob, place: int, content: bytes, now_ms: int
) -> Reception:
    """Take in the bytes from ``place`` on, if all before are here. The same part again, and one that comes too late or
    too early, changes nothing. With the last part the whole is checked: what is not what the line names is thrown
    away."""
    row = _locked_row(connection, district, blob)
    fits = place == row.received and place + len(content) <= blob.size
    whole_parts = len(content) % PART_BYTES == 0 or place + len(content) == blob.size
    if row.whole_at is not None or not fits or not whole_parts or (blob.size and not content):
        return Reception(row)
    parts = (content[at : at + PART_BYTES] for at in range(0, len(content), PART_BYTES))
    places = range(place, blob.size + 1, PART_BYTES)
    rows = [BlobPartRow(district, blob.bucket, blob.sha256, *each) for each in zip(places, parts, strict=False)]
    insert_rows(connection, BLOB_PART, rows)
    row = row._replace(received=place + len(content))
    if row.received == blob.size:
        if refused := _fault(connection, district, blob):
            _forget(connection, row)
            return Reception(row._replace(received=0), refused)
        row = row._replace(whole_at=now_ms)
    changed = {"size": blob.size, "received": row.received, "whole_at": row.whole_at}
    connection.execute(update(BLOB).where(*_key(row)).values(changed))
    return Reception(row)


def _locked_row(connection: Connection, district: str, blob: NamedBlob) -> BlobRow:
    """The row of these bytes, made where there is none, and held until the transaction ends: two devices may send the
    same at a time."""
    new = BlobRow(district, blob.bucket, blob.sha256, blob.size, 0, None)
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(BLOB).values(new._asdict()).on_conflict_do_nothing())
    return BlobRow(*connection.execute(select(BLOB).where(*_key(new)).with_for_update()).one())


def _key(row: BlobRow) -> tuple[ColumnElement[bool], ...]:
    return BLOB.c.district == row.district, BLOB.c.bucket == row.bucket, BLOB.c.sha256 == row.sha256


def _fault(connection: Connection, district: str, blob: NamedBlob) -> str | None:
    """Why complete bytes are not taken: they are others than the line names, or of no type that is known."""
    reads = BlobReads(connection, district, true())
    whole = io.BytesIO()
    while part := reads.parts(blob, whole.tell(), 64):
        whole.write(part)
    if hashlib.sha256(whole.getbuffer()).hexdigest() != blob.sha256 or whole.tell() != blob.size:
        return OTHER_BYTES
    whole.seek(0)
    return None if media_type(whole) == blob.media_type else UNKNOWN_TYPE


def _forget(connection: Connection, row: BlobRow) -> None:
    for table in (BLOB_PART, BLOB):
        same = (table.c.district == row.district, table.c.bucket == row.bucket, table.c.sha256 == row.sha256)
        connection.execute(delete(table).where(*same))
