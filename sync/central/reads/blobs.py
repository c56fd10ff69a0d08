"""Reads of the bytes of attachments: which a line names, what there is of them, parts of them.

What is whole is kept under its SHA-256. What is still coming is kept for each device that sends it (`coming_from`), so
that nobody's wrong bytes come among another's right ones.
"""

from __future__ import annotations

import errno
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, and_, select

from store.domain.limits import DEFAULT_LIMITS, FILE_LIMITS, Limits
from store.ledger.line import Body, derived_id, stored_line
from sync.central.db.database import is_one_of
from sync.central.db.tables import BLOB, BLOB_PART, BUCKET, LINE, BlobRow
from sync.protocol.blobs import PART_BYTES

ATTACHMENT = "attachment"
"""The kind of lines that name bytes."""


def coming_from(sha256: str, device: str) -> str:
    """In place of a SHA-256 that of bytes which a device has begun to send."""
    return f"{sha256}:{device}"


class NamedBlob(NamedTuple):
    """Bytes that a line names: in which bucket, what they are, how many, and of which type the line says they are."""

    bucket: str
    sha256: str
    size: int
    media_type: str


def match_blobs(names: Sequence[tuple[str, str]], lines: Iterable[Row[str, str]]) -> list[NamedBlob | None]:
    """Of each line (id) and SHA-256 the bytes that are meant, by these rows (bucket, line)."""
    known: dict[tuple[str, str], NamedBlob] = {}
    for bucket, wire in lines:
        line = stored_line(wire)
        if line is not None:
            for blob in _named_by(bucket, line.body):
                known[line.id, blob.sha256] = blob
    return [known.get(name) for name in names]


def _named_by(bucket: str, body: Body) -> Iterable[NamedBlob]:
    for prefix, kind in (("", "media_type"), ("copy_", "copy_type")):
        sha256, size, media_type = body.get(f"{prefix}sha256"), body.get(f"{prefix}size"), body.get(kind)
        if isinstance(sha256, str) and isinstance(size, int) and isinstance(media_type, str):
            yield NamedBlob(bucket, sha256, size, media_type)


class BlobReads:
    """The bytes of a district that lines name in buckets of which ``scope`` holds."""

    def __init__(self, connection: Connection, district: str, scope: ColumnElement[bool]) -> None:
        self._connection, self._district, self._scope = connection, district, scope

    def named(self, names: Sequence[tuple[str, str]]) -> list[NamedBlob | None]:
        """Of each line (id) and SHA-256 the bytes that are meant; None where there is no such line in scope, or it
        names other bytes."""
        same_bucket = and_(BUCKET.c.district == LINE.c.district, BUCKET.c.bucket == LINE.c.bucket)
        ids = is_one_of(self._connection, LINE.c.id, sorted({line_id for line_id, _sha256 in names}))
        of_district = and_(LINE.c.district == self._district, LINE.c.kind == ATTACHMENT, ~LINE.c.damaged)
        lines = select(LINE.c.bucket, LINE.c.wire).join(BUCKET, same_bucket).where(self._scope, of_district, ids)
        return match_blobs(names, self._connection.execute(lines).all())

    def rows(self, blobs: Sequence[NamedBlob], device: str) -> dict[tuple[str, str], BlobRow]:
        """What there is of these, by bucket and SHA-256: the whole, else what this device has sent of it."""
        if not blobs:
            return {}
        coming = {(blob.bucket, coming_from(blob.sha256, device)): blob.sha256 for blob in blobs}
        whole = {(blob.bucket, blob.sha256): blob.sha256 for blob in blobs}
        chosen = select(BLOB).where(
            BLOB.c.district == self._district,
            is_one_of(self._connection, BLOB.c.bucket, sorted({blob.bucket for blob in blobs})),
            is_one_of(self._connection, BLOB.c.sha256, sorted({sha256 for _bucket, sha256 in (*coming, *whole)})),
        )
        found = {(row[1], row[2]): BlobRow(*row) for row in self._connection.execute(chosen)}
        begun = {(key[0], sha256): found[key] for key, sha256 in coming.items() if key in found}
        return begun | {key: found[key] for key in whole if key in found and found[key].whole_at is not None}

    def named_in(self, buckets: Iterable[str]) -> set[tuple[str, str]]:
        """The bytes that lines of these buckets name: bucket and SHA-256."""
        of_buckets = is_one_of(self._connection, LINE.c.bucket, sorted(set(buckets)))
        of_district = and_(LINE.c.district == self._district, LINE.c.kind == ATTACHMENT, ~LINE.c.damaged)
        rows = self._connection.execute(select(LINE.c.bucket, LINE.c.wire).where(of_district, of_buckets))
        lines = ((bucket, stored_line(wire)) for bucket, wire in rows)
        return {blob[:2] for bucket, line in lines if line is not None for blob in _named_by(bucket, line.body)}

    def limits(self) -> Limits:
        """The district's limits of files; of the others the defaults."""
        ids = {derived_id(self._district, "district_limit", name) for name in FILE_LIMITS}
        of_district = and_(LINE.c.district == self._district, LINE.c.kind == "district_limit", ~LINE.c.damaged)
        chosen = select(LINE.c.wire).where(of_district, is_one_of(self._connection, LINE.c.id, sorted(ids)))
        lines = [stored_line(wire) for wire in self._connection.execute(chosen).scalars()]
        found = {str(line.body.get("name")): line.body.get("value") for line in lines if line and not line.deleted}
        return replace(
            DEFAULT_LIMITS,
            **{name: value for name, value in found.items() if name in FILE_LIMITS and type(value) is int},
        )

    def parts(self, blob: NamedBlob | BlobRow, place: int, count: int) -> bytes:
        """At most so many parts from a place on, where one begins; empty behind the last."""
        chosen = (
            select(BLOB_PART.c.content)
            .where(
                BLOB_PART.c.district == self._district,
                BLOB_PART.c.bucket == blob.bucket,
                BLOB_PART.c.sha256 == blob.sha256,
                BLOB_PART.c.place >= place,
            )
            .order_by(BLOB_PART.c.place)
            .limit(count)
        )
        return b"".join(map(bytes, self._connection.execute(chosen).scalars()))


class BlobStream(io.RawIOBase):
    """Bytes of attachments as a file: of what is read, only the parts that it lies in are in memory."""

    def __init__(self, reads: BlobReads, row: BlobRow) -> None:
        super().__init__()
        self._reads, self._row = reads, row
        self._at = 0

    def readable(self) -> bool:
        """It is read."""
        return True

    def seekable(self) -> bool:
        """It can be read from any place."""
        return True

    def tell(self) -> int:
        """The place of the next byte."""
        return self._at

    def seek(self, place: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place. Raises `OSError` for one before the beginning."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._row.received}[whence]
        if base + place < 0:
            raise OSError(errno.EINVAL, "before the beginning")
        self._at = base + place
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        """So many bytes, or all that are left."""
        left = max(self._row.received - self._at, 0)
        count = left if size < 0 else min(size, left)
        begins = self._at // PART_BYTES * PART_BYTES
        ends = self._at + count
        data = self._reads.parts(self._row, begins, -(-(ends - begins) // PART_BYTES)) if count else b""
        data = data[self._at - begins : ends - begins]
        self._at += len(data)
        return data
