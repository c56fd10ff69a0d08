"""What the central holds on some people, page by page: versions, what waits for the bureau, events of their accounts.

All of these are numbered by the district's counter, so they are one list. A page is bounded by bytes, however many
versions there are and however long each is; what has one number is on one page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, Select, Table, Text, cast, literal, null, or_, select

from store.domain.erasures import owners_of
from store.ledger.line import stored_line
from store.search.contact_phones import contact_id
from sync.central.audit import AuditEntry, AuditFilter, read_entries
from sync.central.db.tables import LINE, VERSION
from sync.central.reads.person_texts import KINDS, WAITING, may_be_about

_FETCH_SIZE = 20
_Columns = Select[*tuple[Any, ...]]


class HeldText(NamedTuple):
    """A version as it is stored: its number, its line, when it came from which account and device, its text, and why it
    is not current (None: it is)."""

    seq: int
    id: str
    at: int
    account: str
    device: str
    wire: str
    reason: str | None


class HeldPage(NamedTuple):
    """A page, and the number after which the next one begins; None where there is no more."""

    texts: list[HeldText]
    entries: list[AuditEntry]
    next: int | None


def held_page(
    connection: Connection, district: str, people: Sequence[str], accounts: Sequence[str], after: int, max_bytes: int
) -> HeldPage:
    """What is held on these people, who have these accounts, after a number: about so many bytes."""
    queries = _queries(connection, district, people, after)
    sources = [_bounded(_texts(connection, query, district, people), max_bytes) for query in queries]
    sources += [_bounded(_events(connection, district, each, after, max_bytes), max_bytes) for each in accounts]
    horizon = min((source.seen[-1].seq for source in sources if source.is_cut), default=None)
    seen = [each for source in sources for each in source.seen if horizon is None or each.seq <= horizon]
    page = _bounded(sorted(seen, key=lambda each: each.seq), max_bytes)
    is_more = page.is_cut or horizon is not None
    texts = [each for each in page.seen if isinstance(each, HeldText)]
    entries = [each for each in page.seen if isinstance(each, AuditEntry)]
    return HeldPage(texts, entries, page.seen[-1].seq if is_more else None)


class _Source(NamedTuple):
    seen: list[HeldText | AuditEntry]
    is_cut: bool


def _bounded(rows: Iterable[HeldText | AuditEntry], max_bytes: int) -> _Source:
    """The first of these rows, by number, of about so many bytes: at least one, and all of its number."""
    seen, size = list[HeldText | AuditEntry](), 0
    for row in rows:
        size += _size(row)
        if seen and size > max_bytes and row.seq != seen[-1].seq:
            return _Source(seen, is_cut=True)
        seen.append(row)
    return _Source(seen, is_cut=False)


def _size(row: HeldText | AuditEntry) -> int:
    return len(row.wire.encode() if isinstance(row, HeldText) else orjson.dumps(row.detail)) + _ROW_BYTES


_ROW_BYTES = 200
"""About what a row takes beside its text."""


def _queries(connection: Connection, district: str, people: Sequence[str], after: int) -> Iterator[_Columns]:
    for table, reason in ((LINE, cast(null(), Text)), (VERSION, VERSION.c.reason)):
        about = may_be_about(connection, table, district, people)
        yield select(*_columns(table, "received_at"), reason).where(about, table.c.seq > after)
    for table in WAITING:
        named = or_(*(table.c.wire.contains(each) for each in people))
        here = (table.c.district == district, table.c.seq > after, named)
        yield select(*_columns(table, "at"), literal(f"{table.name}s")).where(*here)


def _columns(table: Table, at: str) -> list[ColumnElement[Any]]:
    return [table.c[name] for name in ("seq", "id", at, "account", "device", "wire")]


def _texts(connection: Connection, query: _Columns, district: str, people: Sequence[str]) -> Iterator[HeldText]:
    """The rows of a query that are about these people; of what says nothing, or cannot be read, those of their ids."""
    own = {*people, *(contact_id(district, person) for person in people)}
    ordered = query.order_by(next(iter(query.selected_columns)))
    with connection.execute(ordered, execution_options={"yield_per": _FETCH_SIZE}) as rows:
        for row in rows:
            text = HeldText(*row)
            line = stored_line(text.wire)
            owners = frozenset[str]() if line is None else owners_of(line)
            if owners & {*people} or (not owners and text.id in own and (line is None or line.kind in KINDS)):
                yield text


def _events(connection: Connection, district: str, account: str, after: int, max_bytes: int) -> Iterator[AuditEntry]:
    most = max_bytes // _ROW_BYTES + 1
    return iter(read_entries(connection, district, after, most, chosen=AuditFilter(account)))
