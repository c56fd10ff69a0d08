"""Erased people at the central: their lines get the form that says nothing, older texts about them are emptied. So with
attached files that were erased, whose bytes are deleted where no other line of the bucket names them.

Runs with every write that touches people or phones, whoever brings it and however late: a version of before that
arrives afterwards is taken in and replaced in the same transaction by one of the central's own, so devices follow by
the merge rule alone. Versions, claims and proposals keep id, stamp, device and digest; the audit keeps who did what
when, and its chain holds (``sync/central/audit_chain.py``). The rule is ``store/domain/erasures.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, exists, or_, select, update

from store.domain.erasures import (
    ATTACHMENT,
    ERASED,
    ERASED_BODY,
    ERASURE,
    NO_BYTES,
    PERSON,
    erased_line,
    owners_of,
    says_nothing,
    telling_names,
)
from store.ledger.buckets import CONTACT as PHONES
from store.ledger.buckets import DISTRICT
from store.ledger.hlc import tick
from store.ledger.line import Line, canonical_json, stored_line
from store.search.contact_phones import contact_id
from sync.central import audit
from sync.central.accounts.accounts import erased_among
from sync.central.accounts.invites import code_id
from sync.central.audit_chain import ERASED_EVENT, emptied_entries
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.database import ERASED_MARK, insert_rows, is_one_of
from sync.central.db.tables import (
    ACCOUNT,
    DEVICE,
    ERASED_LINE,
    INVITE,
    LINE,
    ErasedLineRow,
    LineRow,
    VersionRow,
)
from sync.central.db.triggers import empty_texts
from sync.central.reads.person_texts import KINDS, WAITING, texts_about, waiting_about
from sync.central.writes.blobs import erase_bytes
from sync.central.writes.erased_events import ErasedIdentity, events_about
from sync.central.writes.stored_rows import is_damaged
from sync.central.writes.validation import ValidLine

REJECTED = "rejected"
_OF_FILE = f'"kind":"{ATTACHMENT}"'
"""What the canonical text of an attachment has; quotes in texts are escaped."""
LineWriter = Callable[[Sequence[Line]], None]
"""Writes versions of the central's own in the transaction."""


def apply_erasures(
    connection: Connection, counter: DistrictCounter, written: Iterable[LineRow | VersionRow], write: LineWriter
) -> None:
    """Erase what a write brings about people who are or were erased. Costs one statement where it touches people,
    phones or files and nobody in the district was erased, and none for other lines."""
    rows = [row for row in written if row.bucket in (DISTRICT, PHONES) or _OF_FILE in row.wire]
    if rows and (people := _concerned(connection, counter.district, rows)):
        _erase(connection, counter, sorted(people), write)


def without_erased(connection: Connection, district: str, lines: Sequence[ValidLine]) -> list[ValidLine]:
    """Those of the lines that are not about erased people: the others are not kept for the bureau."""
    owners = {owner for each in lines for owner in owners_of(each.line)}
    erased = erased_among(connection, district, owners) if owners else set()
    return [each for each in lines if not owners_of(each.line) & erased]


def _concerned(connection: Connection, district: str, rows: Sequence[LineRow | VersionRow]) -> set[str]:
    """The erased people whom these rows are about."""
    erasures = [stored_line(row.wire) for row in rows if isinstance(row, LineRow) and row.kind == ERASURE]
    named = {str(line.body["person_id"]) for line in erasures if line is not None and line.body.get("person_id")}
    anybody = exists().where(ERASED_LINE.c.district == district)
    if not named and not connection.execute(select(anybody)).scalar():
        return set()
    owners = {owner for row in rows if (line := stored_line(row.wire)) for owner in owners_of(line)}
    return named | (erased_among(connection, district, owners) if owners else set())


def _erase(connection: Connection, counter: DistrictCounter, people: Sequence[str], write: LineWriter) -> None:
    held = texts_about(connection, counter.district, people)
    ids = held.ids | {*people}  # of a person whose line has not arrived yet, too
    fresh = ids - erased_among(connection, counter.district, ids)
    insert_rows(connection, ERASED_LINE, [ErasedLineRow(counter.district, each) for each in sorted(fresh)])
    telling = [line for row in held.current if (line := _telling_line(row, people)) is not None]
    if telling:  # the write comes back here for these people, with all of their lines replaced
        write([_successor(line, counter.now_ms) for line in telling])
        held, fresh = texts_about(connection, counter.district, people), frozenset()
    past = [line for row in held.past if (line := stored_line(row.wire)) is not None and line.body != ERASED_BODY]
    waiting = sum(_empty_waiting(connection, counter.district, table, people) for table in WAITING)
    own = _own_rows(
        connection, counter.district, people, telling_names(line.body for line in past if line.kind != ATTACHMENT)
    )
    _erase_names(connection, counter, people, own)
    entries = events_about(connection, counter.district, _identity(connection, counter.district, people, own))
    if past or waiting or entries or fresh:
        files = erase_bytes(connection, counter.district, _bytes_of(held.past), counter.now_ms)
        emptied = emptied_entries(connection, counter.district, entries)
        empty_texts(connection, counter.district, sorted(held.ids), [row.seq for row in entries])
        audit.record_event(
            connection, counter, ERASED_EVENT, people=list(people), lines=len(held.ids), versions=len(past),
            waiting=waiting, entries=emptied, files=files,
        )  # fmt: skip
        connection.info[ERASED_MARK] = True


# Lines and versions


def _telling_line(row: LineRow, people: Sequence[str]) -> Line | None:
    """The line of a row that still says something of its person; of a damaged row what follows from its id."""
    line = _line_of_id(row, people) if is_damaged(row) else stored_line(row.wire)
    return line if line is not None and line.kind in KINDS and not says_nothing(line) else None


def _bytes_of(past: Iterable[VersionRow]) -> set[tuple[str, str]]:
    """The bytes that these versions of files name: bucket and SHA-256."""
    bodies = [(row.bucket, line.body) for row in past if (line := stored_line(row.wire)) and line.kind == ATTACHMENT]
    found = {(bucket, str(body[name])) for bucket, body in bodies for name in ("sha256", "copy_sha256") if name in body}
    return {(bucket, sha256) for bucket, sha256 in found if sha256 != NO_BYTES["sha256"]}


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
        if (line := stored_line(row.wire)) is not None and line.body != ERASED_BODY and line.kind in KINDS
    ]
    if values:
        same = (table.c.district == district) & (table.c.seq == bindparam("its_seq"))
        connection.execute(update(table).where(same).values(wire=bindparam("text"), decision=bindparam("said")), values)
    return len(values)


def _emptied(line: Line) -> str:
    return canonical_json(line._replace(body=ERASED_BODY)).decode()


def _erase_names(connection: Connection, counter: DistrictCounter, people: Sequence[str], own: _OwnRows) -> None:
    """Take the name out of the accounts, devices and codes of these people, and out of codes for nobody who is known,
    which nobody has used and nobody can use any more."""
    here = counter.district
    connection.execute(
        update(ACCOUNT).where(ACCOUNT.c.district == here, ACCOUNT.c.id.in_(own.accounts)).values(name=ERASED)
    )
    connection.execute(
        update(DEVICE).where(DEVICE.c.district == here, DEVICE.c.id.in_(own.devices)).values(name=ERASED)
    )
    for_nobody = INVITE.c.used_at.is_(None), INVITE.c.account.is_(None), INVITE.c.person.is_(None)
    is_over = and_(*for_nobody, INVITE.c.expires_at < counter.now_ms, INVITE.c.name.in_(sorted(own.names)))
    whose = or_(own.is_code(people), is_over)
    connection.execute(update(INVITE).where(INVITE.c.district == here, whose).values(name=ERASED))


class _OwnRows(NamedTuple):
    """The accounts and devices of erased people, by id, and the names that nobody else has."""

    accounts: list[str]
    devices: list[str]
    names: frozenset[str]

    def is_code(self, people: Sequence[str]) -> ColumnElement[bool]:
        """Whether a one-time code is for them, or was used by a device of theirs."""
        used, theirs = INVITE.c.device.in_(self.devices), INVITE.c.account.in_(self.accounts)
        return or_(INVITE.c.person.in_(people), theirs, used)


def _own_rows(connection: Connection, district: str, people: Sequence[str], names: frozenset[str]) -> _OwnRows:
    theirs = select(ACCOUNT.c.id).where(ACCOUNT.c.district == district, is_one_of(connection, ACCOUNT.c.person, people))
    accounts = list(connection.execute(theirs).scalars())
    devices = select(DEVICE.c.id).where(DEVICE.c.district == district, DEVICE.c.account.in_(accounts))
    unshared = names - _names_of_others(connection, district, accounts, names)
    return _OwnRows(accounts, list(connection.execute(devices).scalars()), unshared)


def _names_of_others(connection: Connection, district: str, accounts: Sequence[str], names: frozenset[str]) -> set[str]:
    """Those of the names that another account or a person of the ledger has."""
    if not names:
        return set()
    others = select(ACCOUNT.c.name).where(
        ACCOUNT.c.district == district, ACCOUNT.c.id.not_in(accounts), ACCOUNT.c.name.in_(sorted(names))
    )
    said = or_(*(LINE.c.wire.contains(name, autoescape=True) for name in sorted(names)))
    here = (LINE.c.district == district, LINE.c.bucket == DISTRICT, LINE.c.kind == PERSON)
    people = select(LINE.c.wire).where(*here, said)
    lines = (stored_line(wire) for wire in connection.execute(people).scalars())
    return {*connection.execute(others).scalars(), *(str(line.body.get("name")) for line in lines if line is not None)}


def _identity(connection: Connection, district: str, people: Sequence[str], own: _OwnRows) -> ErasedIdentity:
    codes = select(INVITE.c.code_hash).where(INVITE.c.district == district, own.is_code(people))
    ids = (code_id(hashed) for hashed in connection.execute(codes).scalars())
    return ErasedIdentity(frozenset((*people, *own.accounts, *ids)), own.names)
