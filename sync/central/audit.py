"""The audit: who did what when, from which device (R50). Written with what it tells of, never changed.

Writes of lines are not told twice: the line and version rows carry account, device, time and the stamp that was
replaced. `read` gives both as one, in the order of the district's counter, which is the order of the commits. Lines
that were refused are told once a push (``writing.py``).

Such records are to be kept for 184 days at least. They are kept for good: the program has no statement that deletes
one, and the database refuses any (``triggers.py``).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Text,
    case,
    cast,
    func,
    insert,
    literal,
    null,
    select,
    union_all,
)

from sync.central.db.commit_order import DistrictCounter
from sync.central.db.tables import ACCOUNT, AUDIT, LINE, VERSION


class AuditEntry(NamedTuple):
    """One entry. ``action`` is ``write`` or ``late`` (a version that had already lost) for lines, else what was done;
    ``line`` and ``from_stamp`` are the line written and the stamp it replaced."""

    seq: int
    at: int
    account: str | None
    name: str | None
    device: str | None
    action: str
    line: str | None
    stamp: int | None
    from_stamp: int | None
    detail: dict[str, Any] | None


class TimeRange(NamedTuple):
    """A time from ``since`` on and before ``until``, in milliseconds since 1970; None is open."""

    since: int | None = None
    until: int | None = None

    def conditions(self, column: ColumnElement[int]) -> list[ColumnElement[bool]]:
        """The conditions on a column of times."""
        since = [] if self.since is None else [column >= self.since]
        return since if self.until is None else [*since, column < self.until]


_ALL_TIME = TimeRange()


def record_event(
    connection: Connection,
    counter: DistrictCounter,
    action: str,
    *,
    account: str | None = None,
    device: str | None = None,
    **detail: object,
) -> None:
    """Write one event down; the caller saves the counter."""
    row = {"district": counter.district, "seq": counter.next_seq(), "at": counter.now_ms, "action": action}
    row |= {"account": account, "device": device, "detail": orjson.dumps(detail).decode()}
    connection.execute(insert(AUDIT).values(row))


def read_entries(
    connection: Connection, district: str, after: int, limit: int, span: TimeRange = _ALL_TIME
) -> list[AuditEntry]:
    """The entries after a number and within a span of time, oldest first: events, and writes of lines, whether still
    current or not."""
    parts = [part.order_by("seq").limit(limit).subquery() for part in _parts(district, after, span)]
    merged = union_all(*(select(part) for part in parts)).subquery()
    names = (ACCOUNT.c.district == district) & (ACCOUNT.c.id == merged.c.account)
    rows = connection.execute(
        select(merged, ACCOUNT.c.name).outerjoin(ACCOUNT, names).order_by(merged.c.seq).limit(limit)
    )
    return [_entry(row) for row in rows]


def _parts(district: str, after: int, span: TimeRange) -> list[Select[Any]]:
    nothing, no_number = cast(null(), Text), cast(null(), BigInteger)
    events = select(
        AUDIT.c.seq, AUDIT.c.at, AUDIT.c.account, AUDIT.c.device, AUDIT.c.action, nothing.label("line"),
        no_number.label("stamp"), no_number.label("from_stamp"), AUDIT.c.detail,
    )  # fmt: skip
    current = select(
        LINE.c.seq, LINE.c.received_at.label("at"), LINE.c.account, func.coalesce(LINE.c.sender, LINE.c.device),
        literal("write"), LINE.c.id, LINE.c.stamp, LINE.c.from_stamp, nothing,
    )  # fmt: skip
    past = select(
        VERSION.c.seq, VERSION.c.received_at, VERSION.c.account, func.coalesce(VERSION.c.sender, VERSION.c.device),
        case((VERSION.c.reason == "late", "late"), else_="write"), VERSION.c.id, VERSION.c.stamp, VERSION.c.from_stamp,
        nothing,
    )  # fmt: skip
    return [
        events.where(AUDIT.c.district == district, AUDIT.c.seq > after, *span.conditions(AUDIT.c.at)),
        current.where(LINE.c.district == district, LINE.c.seq > after, *span.conditions(LINE.c.received_at)),
        past.where(VERSION.c.district == district, VERSION.c.seq > after, *span.conditions(VERSION.c.received_at)),
    ]


def _entry(row: Any) -> AuditEntry:
    seq, at, account, device, action, line, stamp, from_stamp, detail, name = row
    told = orjson.loads(detail) if detail else None
    return AuditEntry(seq, at, account, name, device, action, line, stamp, from_stamp, told)
