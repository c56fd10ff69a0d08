"""Repair what was stamped while the central's clock was ahead, once it is right: lines, and the central's own times.

The wrong period is what was received later than it is now. It ended before anything that was received after it, so
the stamps from the future are moved to end there, in their order, and never before what was committed earlier
(``store/ledger/clock_repair.py``). Every version stays in history as it was; close-out numbers never change. Devices
learn the interval with their next hello. The number of statements does not grow with the lines but by chunks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import orjson
from sqlalchemy import Column, ColumnElement, Connection, and_, case, func, or_, select, true, union_all, update

from store.ledger.buckets import SetChecksum
from store.ledger.clock_repair import ClockRepair, repaired_line
from store.ledger.hlc import MAX_CLOCK_AHEAD_MS, hlc_from_ms, ms_from_hlc
from store.ledger.line import canonical_json, digest_of
from store.ledger.row_mapping import to_signed, to_unsigned
from store.values.plausible_time import EARLIEST_MS
from sync.central import audit
from sync.central.db.clock_bounds import MAX_BEHIND_MS
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.database import insert_rows, is_one_of
from sync.central.db.tables import AUDIT, DEVICE, EPOCH, HEALING_DEVICE, INVITE, LINE, ROLE, VERSION, LineRow
from sync.central.writes.grant_changes import apply_dates
from sync.central.writes.stored_rows import is_damaged, line_of, version_row
from sync.central.writes.transaction import (
    WriteTransaction,
    apply_deltas,
    bucket_owners,
    central_itself,
    issues_and_procedures,
    lines_by_bucket,
    replace_lines,
    update_departments,
)
from sync.protocol import MAX_REPAIRS

MAX_TRUSTED_MS = 2 * 366 * 86_400_000
"""So far in the future a wrong period may lie for the repair to need no operator."""
SLACK_MS = 60_000
"""So far beyond the latest stamp the interval reaches: for unsent edits of versions from the future."""
_CHUNK = 500
_REPAIRED = "clock_repaired"
"""The repair's event in the audit."""
_TIMES: tuple[Column[int], ...] = (
    LINE.c.received_at, DEVICE.c.created_at, DEVICE.c.seen_at, DEVICE.c.used_at, DEVICE.c.revoked_at,
    DEVICE.c.admitted_at, ROLE.c.granted_at, ROLE.c.withdrawn_at, EPOCH.c.begun_at, EPOCH.c.copied_at,
    HEALING_DEVICE.c.back_at, HEALING_DEVICE.c.healed_at, HEALING_DEVICE.c.equal_at,
)  # fmt: skip
"""The central's own times that something follows from: how long withdrawn roles cover late work, since when lines may
be lost."""


class _WrongPeriod(NamedTuple):
    """The first and last stamp from the future, the numbers of the first and last write of the period, and how many
    writes were received at possible times."""

    first_stamp: int | None
    last_stamp: int | None
    first_seq: int | None
    last_seq: int | None
    rightly_received: int


class RepairResult(NamedTuple):
    """What was repaired: how many lines have another stamp, and by how much times were moved back."""

    lines: int
    shift_ms: int


_NOTHING = RepairResult(0, 0)


def stamped_ahead(connection: Connection, district: str, now_ms: int) -> int:
    """How many lines are stamped in the future; an index tells, whatever the size of the ledger."""
    ahead = LINE.c.stamp > hlc_from_ms(now_ms + MAX_CLOCK_AHEAD_MS)
    return connection.execute(select(func.count()).where(LINE.c.district == district, ahead)).scalar_one()


def repair_clock(connection: Connection, counter: DistrictCounter, *, by_operator: bool = False) -> RepairResult:
    """Repair the locked district, and save its counter. Without the operator's word nothing is done where all that was
    ever received is in the future, or it is far away: then the present clock is the more doubtful one."""
    due, counter.repair_due = counter.repair_due, None
    period = _wrong_period(connection, counter)
    latest_ms = max(due or 0, ms_from_hlc(period.last_stamp or 0))
    is_doubtful = not period.rightly_received or latest_ms - counter.now_ms > MAX_TRUSTED_MS
    result = _NOTHING
    if latest_ms > counter.now_ms + MAX_BEHIND_MS or period.last_stamp is not None:
        if is_doubtful and not by_operator:
            audit.record_event(connection, counter, "clock_repair_left", until=latest_ms)
        else:
            result = _repair(connection, counter, period, latest_ms)
    apply_dates(connection, counter)
    counter.save(connection)
    return result


def _repair(connection: Connection, counter: DistrictCounter, period: _WrongPeriod, latest_ms: int) -> RepairResult:
    until_ms = _end_of(connection, counter, period)
    shift_ms, lines = latest_ms - until_ms, 0
    _move_times(connection, counter, shift_ms)
    stamps: dict[str, int] = {}
    if period.first_stamp is not None and period.last_stamp is not None:
        floor = _floor(connection, counter, period)
        repair = repair_of(period.first_stamp, period.last_stamp, until_ms=until_ms, floor=floor)
        lines = _restamp(connection, counter, repair)
        known = orjson.loads(counter.clock_repairs or "[]")
        counter.clock_repairs = orjson.dumps([*known, list(repair)][-MAX_REPAIRS:]).decode()
        stamps = repair._asdict()
    audit.record_event(connection, counter, _REPAIRED, lines=lines, shift_ms=shift_ms, stamps=stamps)
    return RepairResult(lines, shift_ms)


def repair_of(first: int, last: int, *, until_ms: int, floor: int) -> ClockRepair:
    """The repair of the stamps from ``first`` to ``last``, which were given before ``until_ms`` and after the stamp
    ``floor``."""
    slack = hlc_from_ms(SLACK_MS)
    last, to_last = last + slack, hlc_from_ms(until_ms) + slack
    to_first = max(to_last - (last - first), min(floor + 1, to_last), 1)
    return ClockRepair(first, last, to_first, to_last)


# What is wrong


def _wrong_period(connection: Connection, counter: DistrictCounter) -> _WrongPeriod:
    """Without the versions of before the latest repair: they stay in history as they were, stamped in the future."""
    latest = select(func.coalesce(func.max(AUDIT.c.seq), 0)).where(
        AUDIT.c.district == counter.district, AUDIT.c.action == _REPAIRED
    )
    counted = ((LINE, true()), (VERSION, VERSION.c.seq > latest.scalar_subquery()))
    parts = [
        select(table.c.seq, table.c.stamp, table.c.received_at).where(table.c.district == counter.district, which)
        for table, which in counted
    ]
    rows = union_all(*parts).subquery()
    is_ahead = rows.c.stamp > hlc_from_ms(counter.now_ms + MAX_CLOCK_AHEAD_MS)
    is_late = rows.c.received_at > counter.now_ms + MAX_BEHIND_MS
    row = connection.execute(
        select(
            func.min(case((is_ahead, rows.c.stamp))), func.max(case((is_ahead, rows.c.stamp))),
            func.min(case((or_(is_ahead, is_late), rows.c.seq))), func.max(case((is_late, rows.c.seq))),
            func.count(case((~is_late, 1))),
        )
    ).one()  # fmt: skip
    return _WrongPeriod(*row)


def _end_of(connection: Connection, counter: DistrictCounter, period: _WrongPeriod) -> int:
    """The time by which the wrong period was over: when the first write after it was received, else now."""
    after = LINE.c.stamp > hlc_from_ms(counter.now_ms + MAX_CLOCK_AHEAD_MS)
    if period.last_seq is not None:
        after = LINE.c.seq > period.last_seq
    chosen = select(func.min(LINE.c.received_at)).where(
        LINE.c.district == counter.district, after, LINE.c.received_at <= counter.now_ms
    )
    return connection.execute(chosen).scalar() or counter.now_ms


def _floor(connection: Connection, counter: DistrictCounter, period: _WrongPeriod) -> int:
    """The latest possible stamp of what was committed before the wrong period; devices take no earlier one."""
    chosen = select(func.max(LINE.c.stamp)).where(
        LINE.c.district == counter.district, LINE.c.seq < (period.first_seq or 0),
        LINE.c.stamp <= hlc_from_ms(counter.now_ms + MAX_CLOCK_AHEAD_MS),
    )  # fmt: skip
    return connection.execute(chosen).scalar() or hlc_from_ms(EARLIEST_MS)


# Its repair


def _restamp(connection: Connection, counter: DistrictCounter, repair: ClockRepair) -> int:
    """Restamp the current lines, in the order of their commits; gives how many. Lines stamped since may name a version
    from the future, as approvals do."""
    changed, buckets = 0, set[str]()
    for rows in _rows_since(connection, counter.district, repair.to_first):
        pairs = [(row, new) for row in rows if (new := _restamped(row, repair, counter)) is not None]
        deltas: dict[str, list[int]] = {}
        for old, new in pairs:
            _add(deltas, new, to_unsigned(old.digest), to_unsigned(new.digest))
        insert_rows(connection, VERSION, [version_row(old, "restamped", counter.now_ms) for old, _ in pairs])
        replace_lines(connection, [new for _, new in pairs])
        counter.accept(new for _, new in pairs)
        apply_deltas(connection, counter, deltas, {})
        buckets.update(deltas)
        changed += len(pairs)
    _settle_issues(connection, counter, buckets)
    return changed


def _rows_since(connection: Connection, district: str, since: int) -> Iterator[list[LineRow]]:
    chosen = select(LINE.c.id).where(LINE.c.district == district, LINE.c.stamp >= since, ~LINE.c.damaged)
    ids = connection.execute(chosen.order_by(LINE.c.seq)).scalars().all()
    for start in range(0, len(ids), _CHUNK):
        some = select(LINE).where(
            LINE.c.district == district, is_one_of(connection, LINE.c.id, ids[start : start + _CHUNK])
        )
        yield [LineRow(*row) for row in connection.execute(some.order_by(LINE.c.seq))]


def _restamped(row: LineRow, repair: ClockRepair, counter: DistrictCounter) -> LineRow | None:
    """The row with its repaired line, which the central itself writes (no account); None where nothing changes."""
    if is_damaged(row):
        return None
    line = line_of(row)
    new = repaired_line(line, repair)
    if new is line:
        return None
    wire = canonical_json(new)
    return row._replace(
        seq=counter.next_seq(), stamp=new.stamp, digest=to_signed(digest_of(wire)), wire=wire.decode(), account="",
        received_at=counter.now_ms, from_stamp=row.stamp,
    )  # fmt: skip


def _add(deltas: dict[str, list[int]], row: LineRow, before: int, after: int) -> None:
    seq, *sums = deltas.get(row.bucket, (0, 0, 0, 0))
    change = SetChecksum(*sums).with_digest(before, -1).with_digest(after)
    deltas[row.bucket] = [max(seq, row.seq), *change]


def _settle_issues(connection: Connection, counter: DistrictCounter, buckets: set[str]) -> None:
    """What follows from the order of an issue's steps: its department, and its close-out number."""
    owners = bucket_owners(connection, counter.district, buckets)
    lines = lines_by_bucket(connection, counter.district, issues_and_procedures(owners.values()))
    WriteTransaction(connection, central_itself(connection, counter), counter).number_closed_issues(lines)
    update_departments(connection, counter, owners.values(), (), lines)


def _move_times(connection: Connection, counter: DistrictCounter, shift_ms: int) -> None:
    """Move the central's own times of the wrong period back."""
    for column in _TIMES:
        connection.execute(update(column.table).where(_is_late(column, counter)).values({column: column - shift_ms}))
    moved = {name: INVITE.c[name] - shift_ms for name in ("created_at", "expires_at")}
    connection.execute(update(INVITE).where(_is_late(INVITE.c.created_at, counter)).values(moved))


def _is_late(column: Column[int], counter: DistrictCounter) -> ColumnElement[bool]:
    return and_(column.table.c.district == counter.district, column > counter.now_ms + MAX_BEHIND_MS)
