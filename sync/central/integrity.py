"""Agreement within the central: every row's text has its digest, every bucket's sum is the sum of its rows, the
district's that of its buckets. What is damaged is set apart: it counts in no sum and is sent to nobody, so devices that
hold the line notice the difference at their next round and send it again (``batch.py`` mends the row).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, cast, func, literal_column, select, update

from store.ledger.buckets import SetChecksum
from store.ledger.line import digest_of
from store.ledger.row_mapping import to_signed
from sync.central import audit
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.database import is_one_of
from sync.central.db.tables import BUCKET, LINE

_FETCH_SIZE = 500


class IntegrityReport(NamedTuple):
    """What a check found, and mended: ``damaged`` line ids, ``buckets`` whose sum was wrong, and whether the district's
    ``total`` was not that of its buckets."""

    lines: int
    damaged: list[str]
    buckets: list[str]
    total: bool


def check_integrity(
    connection: Connection, counter: DistrictCounter, buckets: Sequence[str] | None = None
) -> IntegrityReport:
    """Read every line of the district (or of ``buckets``), set damaged rows apart and put wrong sums right."""
    damaged: list[str] = []
    lines = 0
    for line_id, wire, digest, known in _rows(connection, counter.district, buckets):
        lines += 1
        if not known and to_signed(digest_of(wire.encode())) != digest:
            damaged.append(line_id)
    quarantine(connection, counter, damaged)
    wrong = recompute_checksums(connection, counter, buckets)
    found = IntegrityReport(lines, damaged, wrong, repair_total(connection, counter))
    if damaged or wrong or found.total:
        audit.record_event(connection, counter, "mended", damaged=damaged[:100], buckets=wrong[:100], total=found.total)
    return found


def _rows(connection: Connection, district: str, buckets: Sequence[str] | None) -> Iterable[Any]:
    rows = select(LINE.c.id, LINE.c.wire, LINE.c.digest, LINE.c.damaged).where(LINE.c.district == district)
    if buckets is not None:
        rows = rows.where(is_one_of(connection, LINE.c.bucket, buckets))
    yield from connection.execute(rows, execution_options={"yield_per": _FETCH_SIZE})


def quarantine(connection: Connection, counter: DistrictCounter, damaged: Sequence[str]) -> None:
    """Mark rows whose text no longer has its digest; `recompute_checksums` their buckets afterwards."""
    if damaged:
        chosen = is_one_of(connection, LINE.c.id, damaged)
        connection.execute(update(LINE).where(LINE.c.district == counter.district, chosen).values(damaged=True))


def buckets_of(connection: Connection, district: str, ids: Sequence[str]) -> list[str]:
    """The buckets that these lines are in."""
    chosen = select(LINE.c.bucket).where(LINE.c.district == district, is_one_of(connection, LINE.c.id, ids))
    return sorted(set(connection.execute(chosen).scalars()))


def recompute_checksums(
    connection: Connection, counter: DistrictCounter, buckets: Sequence[str] | None = None
) -> list[str]:
    """Make the sums of ``buckets`` (or of all) those of their sound rows; gives the buckets that were wrong."""
    kept = select(BUCKET.c.bucket, BUCKET.c.lines, BUCKET.c.hi, BUCKET.c.lo).where(
        BUCKET.c.district == counter.district
    )
    if buckets is not None:
        kept = kept.where(is_one_of(connection, BUCKET.c.bucket, buckets))
    real = {
        row[0]: SetChecksum(*map(int, row[1:]))
        for row in connection.execute(_checksum_query(connection, counter.district, buckets))
    }
    wrong = []
    for bucket, *stored in connection.execute(kept).all():
        actual, before = real.get(bucket, SetChecksum()), SetChecksum(*stored)
        if actual != before:
            wrong.append({"its": bucket, **actual._asdict()})
            counter.total = counter.total.add(actual).add(SetChecksum(*(-part for part in before)))
    if wrong:
        chosen = update(BUCKET).where(BUCKET.c.district == counter.district, BUCKET.c.bucket == bindparam("its"))
        connection.execute(chosen.values(lines=bindparam("lines"), hi=bindparam("hi"), lo=bindparam("lo")), wrong)
    return [str(row["its"]) for row in wrong]


def _checksum_query(connection: Connection, district: str, buckets: Sequence[str] | None) -> Select[Any]:
    """The upper and lower halves of signed digests, added up by SQL: a shift and a mask are the same in both databases,
    but a shifted negative number needs its sign taken off again."""
    low = LINE.c.digest.bitwise_and(0xFFFFFFFF)
    high = LINE.c.digest.bitwise_rshift(literal_column("32")).bitwise_and(0xFFFFFFFF)
    sums = (func.count(), func.sum(cast(high, LINE.c.digest.type)), func.sum(cast(low, LINE.c.digest.type)))
    rows = select(LINE.c.bucket, *sums).where(LINE.c.district == district, ~LINE.c.damaged).group_by(LINE.c.bucket)
    return rows if buckets is None else rows.where(is_one_of(connection, LINE.c.bucket, buckets))


def repair_total(connection: Connection, counter: DistrictCounter) -> bool:
    """Make the district's total that of its buckets; whether it was wrong. The caller saves the counter."""
    sums = (func.coalesce(func.sum(column), 0) for column in (BUCKET.c.lines, BUCKET.c.hi, BUCKET.c.lo))
    actual = SetChecksum(
        *map(int, connection.execute(select(*sums).where(BUCKET.c.district == counter.district)).one())
    )
    wrong = actual != counter.total
    counter.total = actual
    return wrong
