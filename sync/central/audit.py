"""The audit log: who did what when, from which device (R50). Written in the transaction of the event, never changed.

Writes of lines are not recorded twice: the line and version rows have account, device, time and the stamp that was
replaced. `read_entries` merges both in the order of the district's counter, which is the order of the commits. Rejected
lines are one event a push (``writes/transaction.py``).

Audit records must be kept for 184 days at least. Here they are kept for good: the program has no statement that deletes
one, and triggers refuse it (``db/triggers.py``).
"""

from __future__ import annotations

from typing import NamedTuple

import orjson
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    Text,
    case,
    cast,
    exists,
    func,
    insert,
    null,
    select,
    text,
    union_all,
)

from sync.central.audit_chain import next_link
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.tables import ACCOUNT, AUDIT, LINE, REGAINED, VERSION, AuditRow


class AuditEntry(NamedTuple):
    """One entry. ``action`` is ``write``, ``late`` (a version that lost against a stored one) or ``regained`` (one that
    the account's device brought back to a central that was set back; its author is in the line) or ``restamped`` (by
    the central itself, when it repaired what was stamped in the future) for lines, else the event;
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
    detail: dict[str, object] | None


class TimeRange(NamedTuple):
    """From ``since`` on and before ``until``, in milliseconds since 1970; None is unbounded."""

    since: int | None = None
    until: int | None = None

    def conditions(self, column: ColumnElement[int]) -> list[ColumnElement[bool]]:
        """The range as conditions on a column of times."""
        since = [] if self.since is None else [column >= self.since]
        return since if self.until is None else [*since, column < self.until]


class AuditFilter(NamedTuple):
    """Which entries: of one ``account``, ``action`` or ``line`` (ids); with ``before``, those below this number, the
    newest first; of exports, ``what`` and as which ``file_kind``. None is any."""

    account: str | None = None
    action: str | None = None
    line: str | None = None
    before: int | None = None
    what: str | None = None
    file_kind: str | None = None

    @property
    def details(self) -> list[str]:
        """What the detail of an event has to contain, as it is written there."""
        told = {"what": self.what, "file_kind": self.file_kind}
        return [orjson.dumps({name: value})[1:-1].decode() for name, value in told.items() if value is not None]


_FOLDED = 500
"""Among so many of the newest events of one name an equal one is looked for."""
_ALL_TIME, _EVERYTHING = TimeRange(), AuditFilter()
JsonObject = dict[str, object]
UNREADABLE: JsonObject = {"unreadable": True}
"""What is told of a detail that cannot be read."""
_EntryQuery = Select[int, int, str, str, str, str, int, int, str]
_EntryRow = Row[int, int, str | None, str | None, str, str | None, int | None, int | None, str | None, str | None]


def record_event(
    connection: Connection,
    counter: DistrictCounter,
    action: str,
    *,
    account: str | None = None,
    device: str | None = None,
    **detail: object,
) -> None:
    """Insert one event with its link of the chain (``audit_chain.py``); the caller saves the counter."""
    text = orjson.dumps(detail).decode()
    row = AuditRow(counter.district, counter.next_seq(), counter.now_ms, account, device, action, text)
    counter.audit_link = next_link(counter.audit_link or "", row)
    row = row._replace(link=counter.audit_link)
    connection.execute(insert(AUDIT), row._asdict())


def has_recorded(
    connection: Connection, caller: tuple[str, str, str], action: str, detail: JsonObject, since_ms: int, now_ms: int
) -> bool:
    """Whether an equal event of the caller (ids of district, account and device) stands in the audit for that time, as
    far as the newest `_FOLDED` of its name tell."""
    district, account, device = caller
    newest = (
        select(AUDIT.c.at, AUDIT.c.account, AUDIT.c.device, AUDIT.c.detail)
        .where(AUDIT.c.district == district, AUDIT.c.action == action)
        .order_by(AUDIT.c.seq.desc())
        .limit(_FOLDED)
        .subquery()
    )
    equal = select(newest.c.at).where(
        newest.c.account == account, newest.c.device == device, newest.c.detail == orjson.dumps(detail).decode(),
        newest.c.at > since_ms, newest.c.at <= now_ms,
    )  # fmt: skip
    return connection.execute(equal.limit(1)).first() is not None


def read_entries(
    connection: Connection,
    district: str,
    after: int,
    limit: int,
    span: TimeRange = _ALL_TIME,
    chosen: AuditFilter = _EVERYTHING,
) -> list[AuditEntry]:
    """The entries after a number and within a range of time, oldest first: events, and writes of lines, current or
    not; or those that are ``chosen``."""
    queries = [_chosen(query, chosen) for query in _parts(district, after, span)]
    newest_first = chosen.before is not None
    parts = [query.order_by(text("seq DESC" if newest_first else "seq")).limit(limit).subquery() for query in queries]
    merged = union_all(*(select(part) for part in parts)).subquery()
    names = (ACCOUNT.c.district == district) & (ACCOUNT.c.id == merged.c.account)
    order = merged.c.seq.desc() if newest_first else merged.c.seq
    rows = connection.execute(select(merged, ACCOUNT.c.name).outerjoin(ACCOUNT, names).order_by(order).limit(limit))
    return [_entry(row) for row in rows]


def _chosen(query: _EntryQuery, chosen: AuditFilter) -> _EntryQuery:
    """The query with the conditions of a filter on its columns, which are those of `AuditEntry` by position."""
    seq, _at, account, _device, action, line, *_stamps, detail = list(query.selected_columns)
    wanted = ((account, chosen.account), (action, chosen.action), (line, chosen.line))
    conditions = [column == value for column, value in wanted if value is not None]
    conditions += [detail.contains(text, autoescape=True) for text in chosen.details]
    if chosen.before is not None:
        conditions.append(seq < chosen.before)
    return query.where(*conditions)


def newest_detail(connection: Connection, district: str, action: str) -> JsonObject | None:
    """The detail of the newest event of this name; None where there is none."""
    chosen = select(AUDIT.c.detail).where(AUDIT.c.district == district, AUDIT.c.action == action)
    detail = connection.execute(chosen.order_by(AUDIT.c.seq.desc()).limit(1)).scalar()
    return None if detail is None else _detail(detail)


def _is_restamped(table: Table) -> ColumnElement[bool]:
    """Whether a version of somebody else was stamped anew by the central; what it wrote itself has no sender."""
    return (table.c.account == "") & (func.coalesce(table.c.sender, "-") != "")


def _is_regained(district: str, seq: ColumnElement[int]) -> ColumnElement[bool]:
    return exists().where(REGAINED.c.district == district, REGAINED.c.seq == seq)


def _parts(district: str, after: int, span: TimeRange) -> list[_EntryQuery]:
    nothing, no_number = cast(null(), Text), cast(null(), BigInteger)
    events = select(
        AUDIT.c.seq, AUDIT.c.at, AUDIT.c.account, AUDIT.c.device, AUDIT.c.action, nothing.label("line"),
        no_number.label("stamp"), no_number.label("from_stamp"), AUDIT.c.detail,
    )  # fmt: skip
    current = select(
        LINE.c.seq, LINE.c.received_at.label("at"), LINE.c.account, func.coalesce(LINE.c.sender, LINE.c.device),
        case((_is_regained(district, LINE.c.seq), "regained"), (_is_restamped(LINE), "restamped"), else_="write"),
        LINE.c.id, LINE.c.stamp,
        LINE.c.from_stamp, nothing,
    )  # fmt: skip
    past = select(
        VERSION.c.seq, VERSION.c.received_at, VERSION.c.account, func.coalesce(VERSION.c.sender, VERSION.c.device),
        case(
            (_is_regained(district, VERSION.c.seq), "regained"), (_is_restamped(VERSION), "restamped"),
            (VERSION.c.reason == "late", "late"), else_="write",
        ),
        VERSION.c.id, VERSION.c.stamp, VERSION.c.from_stamp, nothing,
    )  # fmt: skip
    return [
        events.where(AUDIT.c.district == district, AUDIT.c.seq > after, *span.conditions(AUDIT.c.at)),
        current.where(LINE.c.district == district, LINE.c.seq > after, *span.conditions(LINE.c.received_at)),
        past.where(VERSION.c.district == district, VERSION.c.seq > after, *span.conditions(VERSION.c.received_at)),
    ]


def _entry(row: _EntryRow) -> AuditEntry:
    seq, at, account, device, action, line, stamp, from_stamp, detail, name = row
    told = _detail(detail) if detail else None
    return AuditEntry(seq, at, account or None, name, device, action, line, stamp, from_stamp, told)


def _detail(text: str) -> JsonObject:
    """The detail of an event; one that was damaged past the central, which `check_chain` finds, fails no page."""
    try:
        detail = orjson.loads(text)
    except ValueError:
        return UNREADABLE
    return detail if isinstance(detail, dict) else UNREADABLE
