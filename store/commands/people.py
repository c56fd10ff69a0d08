"""People and units in write commands: names resolved to lines, and new lines for those named for the first time.

Ids of units are derived from their names exactly as imports derive them, so that two devices that record the same
department offline, by hand or from a table, write one line, not two. A person's id is random: names are shared, and an
id that followed from a phone would give the phone away. A phone is a `contact` line, whose id is derived from its
owner's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from store.commands.exceptions import NameUnknown
from store.commands.resolve import ambiguous_name, resolve
from store.db.connection import Connection
from store.db.device_facts import read_device_facts
from store.exceptions import LineNotFound
from store.ledger.line import Body, derived_id, is_id, new_id
from store.queries.lines import current_line
from store.queries.name_lookup import KnownNames, NamedKind, NamedLine, is_same_phone
from store.search.contact_phones import contact_id
from store.values.text import normalize_name, phone_key, sanitize
from store.values.times import district_time
from store.writer.local_writes import Draft, Ledger

UnitKind = Literal["department", "lead_unit", "enterprise", "other"]
_NAME_AND_PHONE = re.compile(r"(?P<name>.*?[^\d\s:：,，(（+-])[\s:：,，(（]*(?P<phone>\+?\d[\d\s-]{5,}\d)[)）]?")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person or unit that was added because it was named for the first time."""

    kind: Literal["person", "unit"]
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What a command wrote: the id of its main line, and the people and units that it added."""

    id: str
    added: tuple[Newcomer, ...] = ()


def corrected_now(ledger: Ledger) -> datetime:
    """The current time in the district, corrected by the clock offset that the last round measured."""
    offset = read_device_facts(ledger.database.connection()).offset_ms
    return district_time(ledger.wall_clock() + offset)


def unit_id(district: str, name: str) -> str:
    """The id of a unit by its name: the same on every device of the district."""
    return derived_id(district, "unit", normalize_name(name))


def former_person_id(district: str, name: str, phone: str) -> str:
    """The id that older versions gave a person of this name and phone, who keeps it."""
    return derived_id(district, "person", normalize_name(name), phone_key(phone))


def split_phone(text: str) -> tuple[str, str | None]:
    """A name and the phone typed behind it: ``乙卫东 19900000002`` or ``乙卫东（19900000002）``."""
    match = _NAME_AND_PHONE.fullmatch(text.strip())
    return (match["name"], match["phone"]) if match and not is_id(text.strip()) else (text.strip(), None)


@dataclass
class Newcomers:
    """Finds people and units by id, phone or whole name, and drafts new lines for those that are not found. ``drafts``
    must be written in the same transaction as the line that names them. A part of a name never matches."""

    connection: Connection
    drafts: list[Draft] = field(default_factory=list)
    added: list[Newcomer] = field(default_factory=list)
    _new: dict[tuple[str, ...], str] = field(default_factory=dict, init=False)
    _known: dict[NamedKind, KnownNames] = field(default_factory=dict, init=False)

    def unit(self, text: str, kind: UnitKind = "department") -> str:
        """The unit's id. Raises `NameAmbiguous`, or `NameUnknown` where an id was given that is not here."""
        name = sanitize(text).strip()
        typed = normalize_name(name)
        namesakes = [unit for unit in self._lines("unit", name) if unit.goes_by(typed)]
        if found := self._existing_id("unit", name, namesakes):
            return found
        if ("unit", typed) not in self._new:
            self._new["unit", typed] = self._draft(
                "unit", unit_id(self._district(), name), {"name": name, "kind": kind}
            )
        return self._new["unit", typed]

    def person(self, text: str, unit: str | None = None) -> str:
        """The person's id; a phone may follow the name. ``unit`` is the id of the unit that a newcomer belongs to."""
        name, phone = split_phone(sanitize(text))
        typed = normalize_name(name)
        alike = self._lines("person", name)
        namesakes = [person for person in alike if person.goes_by(typed) or _has_phone(person, name)]
        if phone:
            expected = former_person_id(self._district(), name, phone)
            namesakes = [
                person for person in namesakes if _has_phone(person, phone) or _has_hidden_phone(person, expected)
            ]
        if found := self._existing_id("person", name, namesakes):
            return found
        if not any(character.isalpha() for character in name):  # a phone that nobody has is no name
            raise NameUnknown(text=text)
        key = "person", typed, phone_key(phone or "")
        if key not in self._new:
            body = {"name": name, **({"unit_id": unit} if unit else {})}
            self._new[key] = self._draft("person", new_id(), body)
            if phone:
                self.set_phone(self._new[key], phone)
        return self._new[key]

    def set_phone(self, person: str, phone: str) -> None:
        """Draft the contact line of a person with this phone; its other fields stay."""
        body = {**self._contact(person), "person_id": person, "phone": phone}
        self.drafts.append(Draft("contact", body, id=contact_id(self._district(), person)))

    def _lines(self, kind: NamedKind, text: str) -> list[NamedLine]:
        """Those of this kind that the text can mean; the names are read once, however many are typed."""
        if kind not in self._known:
            self._known[kind] = KnownNames(self.connection, kind)
        return self._known[kind].lines_like(text)

    def _contact(self, person: str) -> Body:
        """The body of a person's contact line; empty where there is none."""
        now = current_line(self.connection, contact_id(self._district(), person))
        return {} if now is None or now.deleted else now.body

    def _existing_id(self, kind: Literal["person", "unit"], text: str, whole: list[NamedLine]) -> str | None:
        if not text:
            raise NameUnknown(text=text)
        if is_id(text):
            return resolve(self.connection, kind, text).id
        if len(whole) > 1:
            raise ambiguous_name(text, whole)
        return whole[0].id if whole else None

    def _draft(self, kind: Literal["person", "unit"], line_id: str, body: dict[str, str]) -> str:
        taken = self.connection.execute(f"SELECT 1 FROM {kind} WHERE id = ? AND deleted = 0", (line_id,)).fetchone()
        if taken:  # the line of this name has been renamed since, and means somebody else
            line_id = new_id()
        self.drafts.append(Draft(kind, body, id=line_id))
        self.added.append(Newcomer(kind, line_id, body["name"]))
        return line_id

    def _district(self) -> str:
        return read_device_facts(self.connection).district


def ensure_department(ledger: Ledger, name: str) -> WriteResult:
    """The department of this name, added if it is not here."""
    newcomers = Newcomers(ledger.database.connection())
    return write_drafts(ledger, newcomers, [], newcomers.unit(name))


def write_drafts(ledger: Ledger, newcomers: Newcomers, drafts: list[Draft], line_id: str) -> WriteResult:
    """Write the newcomers and then ``drafts`` in one transaction."""
    if lines := [*newcomers.drafts, *drafts]:
        ledger.put_many(lines)
    return WriteResult(line_id, tuple(newcomers.added))


def project_of(connection: Connection, line_id: str, table: Literal["visit", "issue"]) -> str:
    """The project of a visit or issue. Raises `LineNotFound`."""
    row = connection.execute(f"SELECT project_id FROM {table} WHERE id = ? AND deleted = 0", (line_id,)).fetchone()
    if row is None:
        raise LineNotFound(id=line_id)
    return str(row[0])


def _has_phone(line: NamedLine, text: str) -> bool:
    return any(is_same_phone(number, text) for number in line.phones)


def _has_hidden_phone(candidate: NamedLine, expected: str) -> bool:
    """Whether the candidate has the ``expected`` id, which an older version derived from name and phone, and its phone
    is not known here: it has not arrived, or is outside this device's scope."""
    return candidate.number is None and candidate.id == expected
