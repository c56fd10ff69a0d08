"""What is held on one person on this device: the own records with every version, where lines name the person, what the
person wrote, and what is typed and searched for here. Reads every line; for an export, and before an erasure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import orjson

from store.db.connection import Connection
from store.domain.erasures import mentions, telling_words
from store.home.device_state import DeviceState
from store.home.drafts import FormDraft, unsaved_drafts
from store.ledger.hlc import ms_from_hlc
from store.ledger.line import Body, Line
from store.queries.lines import Version, lines_by_authors, lines_containing, version_history
from store.search.history import search_history
from store.values.times import district_time, format_moment

_OWN_KINDS = ("person", "contact", "erasure")
_LONGER = (
    "SELECT name FROM person, json_each(?) AS word WHERE instr(name, word.value) AND name <> word.value "
    "UNION SELECT said.value FROM visit, json_each(visit.participants) AS said, json_each(?) AS word "
    "WHERE instr(said.value, word.value) AND said.value <> word.value AND length(said.value) <= 4"
)
_PHONES = "SELECT id FROM contact WHERE {} IN (SELECT value FROM json_each(?))"


class RecordVersion(NamedTuple):
    """A version of a person's own record: of the line of this id."""

    line: str
    version: Version


class NamingLine(NamedTuple):
    """A line that names the person in these ``fields``; ``at`` is when its current version was written."""

    kind: str
    id: str
    project_id: str | None
    at: str
    fields: tuple[str, ...]
    body: Body


class PersonalData(NamedTuple):
    """What this device holds on a person, who has these ids (their own, and those of records that were merged)."""

    people: tuple[str, ...]
    versions: list[RecordVersion]
    named: list[NamingLine]
    written: list[NamingLine]
    drafts: list[FormDraft]
    searches: list[str]

    @property
    def words(self) -> frozenset[str]:
        """Names and phones that the person has or had."""
        return telling_words(record.version.body for record in self.versions)


def ids_of(connection: Connection, person: str) -> tuple[str, ...]:
    """Under which ids is this person known: their own, then those of records that were merged into it?"""
    merged = connection.execute("SELECT id FROM merged_id WHERE kept_id = ? ORDER BY id", (person,)).fetchall()
    return (person, *(row[0] for row in merged))


def record_ids(connection: Connection, people: Sequence[str]) -> list[str]:
    """Which lines are about these people alone: the records and the phones, deleted ones too?"""
    chosen = orjson.dumps(list(people)).decode()
    phones = {
        row[0]
        for field in ("person_id", "further_of")
        for row in connection.execute(_PHONES.format(field), (chosen,)).fetchall()
    }
    return [*people, *sorted(phones)]


def own_versions(connection: Connection, people: Sequence[str]) -> list[RecordVersion]:
    """Which versions have the records and phones of these people had?"""
    return [
        RecordVersion(line_id, version)
        for line_id in record_ids(connection, people)
        for version in version_history(connection, line_id)
    ]


def lines_naming(connection: Connection, people: Iterable[str], words: Iterable[str]) -> list[NamingLine]:
    """Which other lines name these people, by id or in words?"""
    terms = [*people, *words]
    lines = (line for line in lines_containing(connection, terms) if line.kind not in _OWN_KINDS)
    return [_naming_line(line, _fields_with(line.body, terms)) for line in lines]


def longer_names(connection: Connection, words: Iterable[str]) -> frozenset[str]:
    """Which names of others have one of these words in them: 张三丰 for 张三?"""
    chosen = orjson.dumps(sorted(words)).decode()
    return frozenset(row[0] for row in connection.execute(_LONGER, (chosen, chosen)).fetchall())


def personal_data(connection: Connection, state: DeviceState, person: str) -> PersonalData:
    """What is held on this person (an id) here?"""
    people = ids_of(connection, person)
    versions = own_versions(connection, people)
    words = telling_words(record.version.body for record in versions)
    return PersonalData(
        people,
        versions,
        lines_naming(connection, people, words),
        [_naming_line(line, ()) for line in lines_by_authors(connection, people)],
        [draft for draft in unsaved_drafts(connection, state) if mentions(_text_of(draft.body), words)],
        [query for query in search_history(state).queries if mentions(query, words)],
    )


def _naming_line(line: Line, fields: tuple[str, ...]) -> NamingLine:
    at = format_moment(district_time(ms_from_hlc(line.stamp)))
    return NamingLine(line.kind, line.id, line.project, at, fields, line.body)


def _fields_with(body: Body, terms: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name, value in body.items() if mentions(_text_of(value), terms))


def _text_of(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
