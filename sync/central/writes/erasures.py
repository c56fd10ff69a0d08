"""Erased people at the central: their lines get the form that says nothing, older texts about them are emptied.

Runs with every write that touches people or phones, whoever brings it and however late: a version of before that
arrives afterwards is taken in and replaced in the same transaction by one of the central's own, so devices follow by
the merge rule alone. Versions, claims and proposals keep id, stamp, device and digest; the audit keeps who did what
when, and its chain holds (``sync/central/audit_chain.py``). The rule is ``store/domain/erasures.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import orjson
from sqlalchemy import Connection, Table, and_, bindparam, exists, or_, select, update

from store.domain.erasures import (
    CONTACT,
    ERASED,
    ERASED_BODY,
    ERASURE,
    PERSON,
    erased_line,
    owners_of,
    says_nothing,
    telling_words,
)
from store.ledger.buckets import CONTACT as PHONES
from store.ledger.buckets import DISTRICT
from store.ledger.hlc import tick
from store.ledger.line import Line, canonical_json
from store.search.contact_phones import contact_id
from sync.central import audit
from sync.central.audit_chain import ERASED_EVENT, emptied_entries
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.database import ERASED_MARK, insert_rows, is_one_of
from sync.central.db.tables import (
    ACCOUNT,
    AUDIT,
    DEVICE,
    ERASED_LINE,
    INVITE,
    AuditRow,
    ErasedLineRow,
    LineRow,
    VersionRow,
)
from sync.central.db.triggers import ERASED_DETAIL, empty_texts
from sync.central.reads.person_texts import WAITING, line_in, texts_about, waiting_about
from sync.central.writes.merge_batch import is_damaged
from sync.central.writes.validation import ValidLine

REJECTED = "rejected"
LineWriter = Callable[[Sequence[Line]], None]
"""Writes versions of the central's own in the transaction."""


def apply_erasures(
    connection: Connection, counter: DistrictCounter, written: Iterable[LineRow | VersionRow], write: LineWriter
) -> None:
    """Erase what a write brings about people who are or were erased. Costs one statement where it touches people or
    phones and nobody in the district was erased, and none for other lines."""
    rows = [row for row in written if row.bucket in (DISTRICT, PHONES)]
    if rows and (people := _concerned(connection, counter.district, rows)):
        _erase(connection, counter, sorted(people), write)


def without_erased(connection: Connection, district: str, lines: Sequence[ValidLine]) -> list[ValidLine]:
    """Those of the lines that are not about erased people: the others are not kept for the bureau."""
    owners = {owner for each in lines for owner in owners_of(each.line)}
    erased = _erased_among(connection, district, owners) if owners else set()
    return [each for each in lines if not owners_of(each.line) & erased]


def _concerned(connection: Connection, district: str, rows: Sequence[LineRow | VersionRow]) -> set[str]:
    """The erased people whom these rows are about."""
    erasures = [line_in(row.wire) for row in rows if isinstance(row, LineRow) and row.kind == ERASURE]
    named = {str(line.body["person_id"]) for line in erasures if line is not None and line.body.get("person_id")}
    anybody = exists().where(ERASED_LINE.c.district == district)
    if not named and not connection.execute(select(anybody)).scalar():
        return set()
    owners = {owner for row in rows if (line := line_in(row.wire)) for owner in owners_of(line)}
    return named | (_erased_among(connection, district, owners) if owners else set())


def _erased_among(connection: Connection, district: str, people: Iterable[str]) -> set[str]:
    chosen = is_one_of(connection, ERASED_LINE.c.id, sorted(people))
    return set(connection.execute(select(ERASED_LINE.c.id).where(ERASED_LINE.c.district == district, chosen)).scalars())


def _erase(connection: Connection, counter: DistrictCounter, people: Sequence[str], write: LineWriter) -> None:
    held = texts_about(connection, counter.district, people)
    ids = held.ids | {*people}  # of a person whose line has not arrived yet, too
    fresh = ids - _erased_among(connection, counter.district, ids)
    insert_rows(connection, ERASED_LINE, [ErasedLineRow(counter.district, each) for each in sorted(fresh)])
    telling = [line for row in held.current if (line := _telling_line(row, people)) is not None]
    if telling:  # the write comes back here for these people, with all of their lines replaced
        write([_successor(line, counter.now_ms) for line in telling])
        held, fresh = texts_about(connection, counter.district, people), frozenset()
    past = [line for row in held.past if (line := line_in(row.wire)) is not None and line.body != ERASED_BODY]
    waiting = sum(_empty_waiting(connection, counter.district, table, people) for table in WAITING)
    words = telling_words(line.body for line in past)
    accounts = _erase_names(connection, counter, people, words)
    entries = _entries_about(connection, counter.district, words, frozenset((*accounts, *people)), frozenset(accounts))
    if past or waiting or entries or fresh:
        emptied = emptied_entries(connection, counter.district, entries)
        empty_texts(connection, counter.district, sorted(held.ids), [row.seq for row in entries])
        audit.record_event(
            connection, counter, ERASED_EVENT, people=list(people), lines=len(held.ids), versions=len(past),
            waiting=waiting, entries=emptied,
        )  # fmt: skip
        connection.info[ERASED_MARK] = True


# Lines and versions


def _telling_line(row: LineRow, people: Sequence[str]) -> Line | None:
    """The line of a row that still says something of its person; of a damaged row what follows from its id."""
    line = _line_of_id(row, people) if is_damaged(row) else line_in(row.wire)
    return line if line is not None and line.kind in (PERSON, CONTACT) and not says_nothing(line) else None


def _line_of_id(row: LineRow, people: Sequence[str]) -> Line | None:
    owner = next((each for each in people if contact_id(row.district, each) == row.id), None)
    if row.kind != PERSON and owner is None:
        return None
    body = {} if owner is None else {"person_id": owner}
    return Line(row.id, row.kind, None, row.stamp, row.device, row.device, False, body)


def _successor(line: Line, now_ms: int) -> Line:
    """The version of the central's own that replaces this one; who writes it is filled in by the writer."""
    return erased_line(line)._replace(stamp=tick(line.stamp, now_ms), base=line.stamp)


# What else names them


def _empty_waiting(connection: Connection, district: str, table: Table, people: Sequence[str]) -> int:
    """Empty the claims or proposals about these people, and decline those that wait; gives how many."""
    values = [
        {"its_seq": row.seq, "text": _emptied(line), "said": row.decision or REJECTED}
        for row in waiting_about(connection, district, table, people)
        if (line := line_in(row.wire)) is not None and line.body != ERASED_BODY and line.kind in (PERSON, CONTACT)
    ]
    if values:
        same = (table.c.district == district) & (table.c.seq == bindparam("its_seq"))
        connection.execute(update(table).where(same).values(wire=bindparam("text"), decision=bindparam("said")), values)
    return len(values)


def _emptied(line: Line) -> str:
    return canonical_json(line._replace(body=ERASED_BODY)).decode()


def _erase_names(
    connection: Connection, counter: DistrictCounter, people: Sequence[str], words: frozenset[str]
) -> list[str]:
    """Take the name out of the accounts and codes of these people, and out of codes that nobody has used and nobody can
    use any more; gives the ids of the accounts."""
    here = (ACCOUNT.c.district == counter.district) & is_one_of(connection, ACCOUNT.c.person, people)
    accounts = list(connection.execute(select(ACCOUNT.c.id).where(here)).scalars())
    if accounts:
        connection.execute(update(ACCOUNT).where(here).values(name=ERASED))
    used = select(DEVICE.c.id).where(DEVICE.c.district == counter.district, DEVICE.c.account.in_(accounts))
    is_over = and_(INVITE.c.used_at.is_(None), INVITE.c.expires_at < counter.now_ms, INVITE.c.name.in_(sorted(words)))
    whose = or_(INVITE.c.person.in_(people), INVITE.c.account.in_(accounts), INVITE.c.device.in_(used), is_over)
    connection.execute(update(INVITE).where(INVITE.c.district == counter.district, whose).values(name=ERASED))
    return accounts


def _entries_about(
    connection: Connection, district: str, words: frozenset[str], ids: frozenset[str], accounts: frozenset[str]
) -> list[AuditRow]:
    """The events whose detail names these people: by their ids, or by a name that no other account has."""
    if not words:
        return []
    namesakes = select(ACCOUNT.c.name).where(
        ACCOUNT.c.district == district, is_one_of(connection, ACCOUNT.c.name, sorted(words))
    )
    shared = set(connection.execute(namesakes).scalars())
    chosen = select(AUDIT).where(
        AUDIT.c.district == district, AUDIT.c.action != ERASED_EVENT, AUDIT.c.detail != ERASED_DETAIL,
        or_(*(AUDIT.c.detail.contains(word, autoescape=True) for word in sorted(words))),
    )  # fmt: skip
    rows = (AuditRow(*row) for row in connection.execute(chosen.order_by(AUDIT.c.seq)).all())
    return [
        row for row in rows if _names(row, words - shared) or (_names(row, words) and _concerns(row, ids, accounts))
    ]


def _concerns(row: AuditRow, ids: frozenset[str], accounts: frozenset[str]) -> bool:
    return row.account in accounts or bool({*_texts_in(orjson.loads(row.detail))} & ids)


def _names(row: AuditRow, words: frozenset[str]) -> bool:
    return any(text.strip() in words for text in _texts_in(orjson.loads(row.detail)))


def _texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts_in(each)
