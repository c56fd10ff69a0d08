"""Erase what is held on a person, or attached files, for a reason and on a legal basis. The bureau's; it cannot be
undone.

One transaction gives the person's records and phones the form that says nothing, and writes an `erasure` line for each
record; what that has emptied everywhere is in ``store/domain/erasures.py``. Next: ``store/queries/personal_data.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from store.commands.exceptions import EntryFieldMissing, ErasureNamesPerson, FileErased, PersonErased
from store.commands.people import corrected_now
from store.commands.resolve import resolve
from store.db.connection import Connection
from store.db.device_facts import read_device_facts
from store.domain.erasures import ATTACHMENT, ERASED, ERASURE, PERSON, erased_line, mentions, names_whom, telling_words
from store.ledger.line import Body, derived_id
from store.queries.attachments import AttachmentRow, with_same_content
from store.queries.lines import current_lines
from store.queries.personal_data import NamingLine, ids_of, lines_naming, longer_names, own_versions, record_ids
from store.values.text import is_blank, sanitize
from store.writer.local_writes import Draft, Ledger

DEFAULT_BASIS = "《中华人民共和国个人信息保护法》第四十七条"
"""The right to erasure; stored, and so the same in every language."""


class ErasurePlan(NamedTuple):
    """Who is erased: the ids of the person's records, the lines that are about them alone, the names and phones that go
    (``words``), and what of other lines names them: by id, which stays, and in ``texts``, which do too. Of these
    ``files`` are attached files whose names or words name the person and nobody with a longer name, which may be erased
    with them."""

    people: tuple[str, ...]
    lines: tuple[str, ...]
    words: frozenset[str]
    references: int
    texts: tuple[NamingLine, ...]
    files: tuple[str, ...] = ()


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
    longer = longer_names(connection, words)
    files = tuple(
        line.id
        for line in texts
        if line.kind == ATTACHMENT and any(names_whom(str(line.body[field]), words, longer) for field in line.fields)
    )
    return ErasurePlan(people, tuple(record_ids(connection, people)), words, len(naming), texts, files)


def erase(
    ledger: Ledger, plan: ErasurePlan, reason: str, basis: str = DEFAULT_BASIS, *, files: Sequence[str] = ()
) -> None:
    """Erase the person of a plan, and these attached ``files`` (ids) with them. Raises `EntryFieldMissing` without a
    reason and a basis, and `ErasureNamesPerson` where one of these says whom it is about, since both stay."""
    connection = ledger.database.connection()
    ids = [row.id for row in files_with(connection, files)]
    _erase(ledger, (*plan.people, *ids), (*plan.lines, *ids), _said(reason, basis, plan.words))


def files_with(connection: Connection, attachments: Iterable[str]) -> list[AttachmentRow]:
    """Which files go with these (ids): they, and those with the same content, each once."""
    return list({row.id: row for each in attachments for row in with_same_content(connection, each)}.values())


def plan_file_erasure(connection: Connection, attachment: str) -> list[AttachmentRow]:
    """Which files would be erased with this one (an id): those with the same content, wherever they are attached, also
    where they were removed from their line. Raises `FileErased`."""
    files = [row for row in with_same_content(connection, attachment) if row.name != ERASED or row.size]
    if not files:
        raise FileErased(id=attachment)
    return files


def erase_files(ledger: Ledger, files: Sequence[AttachmentRow], reason: str, basis: str = DEFAULT_BASIS) -> None:
    """Erase attached files: their lines, what these said before, and the bytes. Raises `EntryFieldMissing`."""
    ids = [row.id for row in files]
    _erase(ledger, ids, ids, _said(reason, basis, frozenset()))


def _said(reason: str, basis: str, words: frozenset[str]) -> Body:
    said = {"reason": sanitize(reason).strip(), "basis": sanitize(basis).strip()}
    if missing := [name for name, text in said.items() if is_blank(text)]:
        raise EntryFieldMissing(fields=", ".join(missing))
    if any(mentions(text, words) for text in said.values()):
        raise ErasureNamesPerson()
    return said


def _erase(ledger: Ledger, whom: Sequence[str], lines: Sequence[str], said: Body) -> None:
    """Empty these lines, and write that people or files of these ids are erased."""
    connection = ledger.database.connection()
    district, today = read_device_facts(connection).district, corrected_now(ledger).date().isoformat()
    erased = [erased_line(line) for line in current_lines(connection, lines).values()]
    drafts = [
        Draft(line.kind, {**({"retired_on": today} if line.kind == PERSON else {}), **line.body},
              line.project, line.id, line.deleted)
        for line in erased
    ]  # fmt: skip
    drafts += [Draft(ERASURE, {"person_id": one, **said}, id=derived_id(district, ERASURE, one)) for one in whom]
    ledger.put_many(drafts)
