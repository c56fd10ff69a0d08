"""What the central holds about some people: their lines and phones, the versions of these, and what waits for the
bureau; the same about attached files, named by their ids. For erasing (``sync/central/writes/erasures.py``) and
for telling (``sync/central/steps/admin_person.py``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, and_, or_, select

from store.domain.erasures import ATTACHMENT, CONTACT, PERSON, owners_of
from store.ledger.buckets import CONTACT as PHONES
from store.ledger.line import stored_line
from store.search.contact_phones import contact_id
from sync.central.db.database import is_one_of
from sync.central.db.tables import CLAIM, LINE, PROPOSAL, VERSION, ClaimRow, LineRow, ProposalRow, VersionRow

KINDS = (PERSON, CONTACT, ATTACHMENT)


class PersonTexts(NamedTuple):
    """The current rows, the versions that are not current, and the ids of the lines of both."""

    current: list[LineRow]
    past: list[VersionRow]
    ids: frozenset[str]


def texts_about(connection: Connection, district: str, people: Sequence[str]) -> PersonTexts:
    """The people's own lines, and every line that is or was a phone of theirs; an id that another line has is nobody's.
    Reads all phones and versions."""
    main_phones = {contact_id(district, person) for person in people}
    rows = [
        LineRow(*row)
        for row in connection.execute(select(LINE).where(may_be_about(connection, LINE, district, people)))
    ]
    current = [row for row in rows if row.kind in KINDS and (row.id in main_phones or is_about(row.wire, people))]
    about = may_be_about(connection, VERSION, district, people)
    versions = connection.execute(select(VERSION.c.id, VERSION.c.wire).where(about))
    ids = {row.id for row in current} | {line_id for line_id, wire in versions if is_about(wire, people)}
    ids -= {row.id for row in rows if row.kind not in KINDS}
    chosen = VERSION.c.district == district, is_one_of(connection, VERSION.c.id, sorted(ids))
    past = [VersionRow(*row) for row in connection.execute(select(VERSION).where(*chosen).order_by(VERSION.c.seq))]
    return PersonTexts(current, past, frozenset(ids))


def may_be_about(connection: Connection, table: Table, district: str, people: Sequence[str]) -> ColumnElement[bool]:
    """Which rows of lines or versions may be about these people: theirs, and phones whose text has one of their ids."""
    phones = and_(table.c.bucket == PHONES, or_(*(table.c.wire.contains(each) for each in people)))
    return and_(table.c.district == district, or_(is_one_of(connection, table.c.id, people), phones))


def waiting_about(
    connection: Connection, district: str, table: Table, people: Sequence[str]
) -> list[ClaimRow | ProposalRow]:
    """The claims or the proposals about these people, decided or not."""
    named = or_(*(table.c.wire.contains(each) for each in people))
    rows = connection.execute(select(table).where(table.c.district == district, named).order_by(table.c.seq)).all()
    make = ClaimRow if table is CLAIM else ProposalRow
    found = (make(*row) for row in rows)
    return [row for row in found if is_about(row.wire, people)]


WAITING = (CLAIM, PROPOSAL)
"""The tables of what waits for the bureau."""


def is_about(wire: str, people: Sequence[str]) -> bool:
    """Whether a stored text is that of a line about one of these people."""
    line = stored_line(wire)
    return line is not None and bool(owners_of(line) & {*people})
