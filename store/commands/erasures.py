"""Erase what is held on a person, for a reason and on a legal basis. The bureau's; it cannot be undone.

One transaction gives the person's records and phones the form that says nothing, and writes an `erasure` line for each
record; what that has emptied everywhere is in ``store/domain/erasures.py``. Next: ``store/queries/personal_data.py``.
"""

from __future__ import annotations

from typing import NamedTuple

from store.commands.exceptions import EntryFieldMissing, ErasureNamesPerson, PersonErased
from store.commands.people import corrected_now
from store.commands.resolve import resolve
from store.db.connection import Connection
from store.db.device_facts import read_device_facts
from store.domain.erasures import ERASURE, PERSON, erased_line, mentions, telling_words
from store.ledger.line import derived_id
from store.queries.lines import current_lines
from store.queries.personal_data import NamingLine, ids_of, lines_naming, own_versions, record_ids
from store.values.text import is_blank, sanitize
from store.writer.local_writes import Draft, Ledger

DEFAULT_BASIS = "《中华人民共和国个人信息保护法》第四十七条"
"""The right to erasure; stored, and so the same in every language."""


class ErasurePlan(NamedTuple):
    """Who is erased: the ids of the person's records, the lines that are about them alone, the names and phones that go
    (``words``), and what of other lines names them: by id, which stays, and in ``texts``, which do too."""

    people: tuple[str, ...]
    lines: tuple[str, ...]
    words: frozenset[str]
    references: int
    texts: tuple[NamingLine, ...]


def plan_erasure(connection: Connection, reference: str) -> ErasurePlan:
    """Who would be erased, named as typed. Raises `PersonErased`, and what `resolve` raises."""
    person = resolve(connection, "person", reference).id
    people = ids_of(connection, person)
    known = connection.execute("SELECT person_id FROM erasure").fetchall()
    if {row[0] for row in known}.issuperset(people):
        raise PersonErased(id=person)
    words = telling_words(record.version.body for record in own_versions(connection, people))
    naming = lines_naming(connection, people, words)
    texts = tuple(line for line in naming if any(mentions(str(line.body[field]), words) for field in line.fields))
    return ErasurePlan(people, tuple(record_ids(connection, people)), words, len(naming), texts)


def erase(ledger: Ledger, plan: ErasurePlan, reason: str, basis: str = DEFAULT_BASIS) -> None:
    """Erase the person of a plan. Raises `EntryFieldMissing` without a reason and a basis, and `ErasureNamesPerson`
    where one of these says whom it is about, since both stay."""
    said = {"reason": sanitize(reason).strip(), "basis": sanitize(basis).strip()}
    if missing := [name for name, text in said.items() if is_blank(text)]:
        raise EntryFieldMissing(fields=", ".join(missing))
    if any(mentions(text, plan.words) for text in said.values()):
        raise ErasureNamesPerson()
    connection = ledger.database.connection()
    district, today = read_device_facts(connection).district, corrected_now(ledger).date().isoformat()
    drafts = [
        Draft(line.kind, {**({"retired_on": today} if line.kind == PERSON else {}), **erased_line(line).body},
              None, line.id, line.deleted)
        for line in current_lines(connection, plan.lines).values()
    ]  # fmt: skip
    drafts += [
        Draft(ERASURE, {"person_id": person, **said}, id=derived_id(district, ERASURE, person))
        for person in plan.people
    ]
    ledger.put_many(drafts)
