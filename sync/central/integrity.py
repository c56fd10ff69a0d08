"""Integrity of the central's own rows: every text matches its digest, every bucket's checksum is that of its rows, the
district's that of its buckets.

A damaged row is quarantined: it counts in no checksum and is sent to nobody, so devices that have the line notice the
difference at their next round and send it again (``writes/merge_batch.py`` repairs the row).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Row, Select, bindparam, cast, func, literal_column, select, update

from store.ledger.buckets import SetChecksum
from store.ledger.line import digest_of
from store.ledger.row_mapping import to_signed
from sync.central import audit
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.database import is_one_of
from sync.central.db.tables import BUCKET, DISTRICT, LINE

CHECK_EVERY_S = 60.0
"""A bucket that was found sound for a device is not read again for it sooner."""
MAX_RECENT_CHECKS = 100_000
_FETCH_SIZE = 500


class IntegrityReport(NamedTuple):
    """What a check found and repaired: how many ``lines`` it read, ``damaged`` line ids, ``buckets`` whose checksum was
    wrong, and whether the district's ``total`` was not that of its buckets."""

    lines: int
    damaged: list[str]
    buckets: list[str]
    total: bool


def check_integrity(
    connection: Connection, counter: DistrictCounter, buckets: Sequence[str] | None = None
) -> IntegrityReport:
    """Read every line of the district (or of ``buckets``), quarantine damaged rows and correct wrong checksums. The
    caller saves the counter."""
    damaged: list[str] = []
    lines = 0
    for line_id, wire, digest, quarantined in _rows(connection, counter.district, buckets):
        lines += 1
        if not quarantined and to_signed(digest_of(wire.encode())) != digest:
            damaged.append(line_id)
    quarantine(connection, counter, damaged)
    wrong = recompute_checksums(connection, counter, buckets)
    report = IntegrityReport(lines, damaged, wrong, repair_total(connection, counter))
    if damaged or wrong or report.total:
        audit.record_event(
            connection, counter, "mended", damaged=damaged[:100], buckets=wrong[:100], total=report.total
        )
    return report


def suspicious_buckets(connection: Connection, district: str, buckets: Sequence[str] | None = None) -> list[str]:
    """Those of these buckets (or of all) that have a damaged row or a wrong checksum, by reading only: nobody waits."""
    damaged = [
        line_id
        for line_id, wire, digest, quarantined in _rows(connection, district, buckets)
        if not quarantined and to_signed(digest_of(wire.encode())) != digest
    ]
    wrong = [bucket for bucket, before, after in _checksums(connection, district, buckets) if before != after]
    return sorted({*wrong, *buckets_of(connection, district, damaged)})


class RecentChecks:
    """Which buckets were found sound lately for which device, in this process: a device whose own checksums are wrong
    has its buckets read once a minute, however often it asks. It saves work and decides nothing else."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._checked_at: dict[tuple[str, str, str], float] = {}

    def due(self, district: str, device: str, buckets: Sequence[str]) -> list[str]:
        """The buckets that were not found sound for this device within the last minute."""
        since = self._clock() - CHECK_EVERY_S
        with self._lock:
            return [b for b in buckets if self._checked_at.get((district, device, b), since) <= since]

    def record(self, district: str, device: str, buckets: Sequence[str]) -> None:
        """These buckets were found sound."""
        now = self._clock()
        with self._lock:
            if len(self._checked_at) > MAX_RECENT_CHECKS:
                self._checked_at.clear()
            self._checked_at |= {(district, device, bucket): now for bucket in buckets}


def _rows(connection: Connection, district: str, buckets: Sequence[str] | None) -> Iterable[Row[str, str, int, bool]]:
    rows = select(LINE.c.id, LINE.c.wire, LINE.c.digest, LINE.c.damaged).where(LINE.c.district == district)
    if buckets is not None:
        rows = rows.where(is_one_of(connection, LINE.c.bucket, buckets))
    yield from connection.execute(rows, execution_options={"yield_per": _FETCH_SIZE})


def quarantine(connection: Connection, counter: DistrictCounter, damaged: Sequence[str]) -> None:
    """Mark rows whose text does not match its digest; `recompute_checksums` of their buckets must follow."""
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
    """Set the checksums of ``buckets`` (or of all) to those of their undamaged rows; gives the buckets that were wrong.
    The caller saves the counter."""
    wrong = []
    for bucket, before, after in _checksums(connection, counter.district, buckets):
        if after != before:
            wrong.append({"its": bucket, **after._asdict()})
            counter.total = counter.total.add(after).minus(before)
    if wrong:
        chosen = update(BUCKET).where(BUCKET.c.district == counter.district, BUCKET.c.bucket == bindparam("its"))
        connection.execute(chosen.values(lines=bindparam("lines"), hi=bindparam("hi"), lo=bindparam("lo")), wrong)
    return sorted(str(row["its"]) for row in wrong)


def _checksums(
    connection: Connection, district: str, buckets: Sequence[str] | None
) -> Iterator[tuple[str, SetChecksum, SetChecksum]]:
    """Each bucket with its stored checksum and that of its undamaged rows."""
    stored = select(BUCKET.c.bucket, BUCKET.c.lines, BUCKET.c.hi, BUCKET.c.lo).where(BUCKET.c.district == district)
    if buckets is not None:
        stored = stored.where(is_one_of(connection, BUCKET.c.bucket, buckets))
    counted = connection.execute(_checksum_query(connection, district, buckets))
    actual = {bucket: SetChecksum(*map(int, sums)) for bucket, *sums in counted}
    for bucket, *sums in connection.execute(stored.order_by(BUCKET.c.bucket)).all():
        yield bucket, SetChecksum(*sums), actual.get(bucket, SetChecksum())


def _checksum_query(connection: Connection, district: str, buckets: Sequence[str] | None) -> Select[str, int, int, int]:
    """The upper and lower halves of signed digests, added up by SQL: a shift and a mask are the same in both databases,
    but a shifted negative number must be masked again."""
    low = LINE.c.digest.bitwise_and(0xFFFFFFFF)
    high = LINE.c.digest.bitwise_rshift(literal_column("32")).bitwise_and(0xFFFFFFFF)
    sums = (func.count(), func.sum(cast(high, LINE.c.digest.type)), func.sum(cast(low, LINE.c.digest.type)))
    rows = select(LINE.c.bucket, *sums).where(LINE.c.district == district, ~LINE.c.damaged).group_by(LINE.c.bucket)
    return rows if buckets is None else rows.where(is_one_of(connection, LINE.c.bucket, buckets))


def repair_total(connection: Connection, counter: DistrictCounter) -> bool:
    """Set the district's total to that of its buckets; gives whether it was wrong. The caller saves the counter."""
    actual = _total_of_buckets(connection, counter.district)
    wrong = actual != counter.total
    counter.total = actual
    return wrong


def is_total_wrong(connection: Connection, district: str) -> bool:
    """Whether the district's total is not that of its buckets, by reading only."""
    stored = connection.execute(
        select(DISTRICT.c.lines, DISTRICT.c.hi, DISTRICT.c.lo).where(DISTRICT.c.code == district)
    ).one()
    return SetChecksum(*stored) != _total_of_buckets(connection, district)


def _total_of_buckets(connection: Connection, district: str) -> SetChecksum:
    sums = (func.coalesce(func.sum(column), 0) for column in (BUCKET.c.lines, BUCKET.c.hi, BUCKET.c.lo))
    return SetChecksum(*map(int, connection.execute(select(*sums).where(BUCKET.c.district == district)).one()))
