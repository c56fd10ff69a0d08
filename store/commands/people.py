"""Who is meant: names resolved to lines, and people and units written down when they are named for the first time.

Ids of people and units follow from their names (and phone) exactly as intake makes them, so two laptops that write down
the same department offline, by hand or from a table, have written one line, not two. A phone is a line of its own,
a `contact`, whose id follows from whom it reaches.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from store.commands.exceptions import NameUnknown
from store.commands.resolve import ambiguous_name, resolve
from store.db.connection import Connection
from store.db.meta import read_device_state
from store.exceptions import LineNotFound
from store.ledger.line import Body, derived_id, is_id, new_id
from store.queries.lines import current_line
from store.queries.name_lookup import NamedLine, is_same_phone, list_named
from store.search.contact_phones import contact_id
from store.values.text import normalize_name, phone_key, sanitize
from store.values.times import district_time
from store.writer.local_writes import Draft, Ledger

UnitKind = Literal["department", "lead_unit", "enterprise", "other"]
_NAME_AND_PHONE = re.compile(r"(?P<name>.*?[^\d\s:：,，(（+-])[\s:：,，(（]*(?P<phone>\+?\d[\d\s-]{5,}\d)[)）]?")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person or unit that was written down because it was named for the first time."""

    kind: Literal["person", "unit"]
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What an officer's act wrote: the line that matters, and whom it named for the first time."""

    id: str
    added: tuple[Newcomer, ...] = ()


def corrected_now(ledger: Ledger) -> datetime:
    """The district's time, corrected by what the last round measured."""
    offset = int(read_device_state(ledger.database.connection()).get("offset_ms", "0"))
    return district_time(ledger.wall_clock() + offset)


def unit_id(district: str, name: str) -> str:
    """The id of a unit by its name: the same on every device of the district."""
    return derived_id(district, "unit", normalize_name(name))


def person_id(district: str, name: str, phone: str | None) -> str:
    """The id of a person by name and phone (domain.md: a person is matched on both)."""
    return derived_id(district, "person", normalize_name(name), phone_key(phone or ""))


def split_phone(text: str) -> tuple[str, str | None]:
    """A name and the phone typed behind it: ``乙卫东 19900000002`` or ``乙卫东（19900000002）``."""
    found = _NAME_AND_PHONE.fullmatch(text.strip())
    return (found["name"], found["phone"]) if found and not is_id(text.strip()) else (text.strip(), None)


@dataclass
class Newcomers:
    """Finds people and units by id, phone or whole name, and drafts those that nobody has named before. ``drafts`` go
    into the same transaction as the line that names them; a part of a name is never taken for somebody."""

    connection: Connection
    drafts: list[Draft] = field(default_factory=list)
    added: list[Newcomer] = field(default_factory=list)

    def unit(self, text: str, kind: UnitKind = "department") -> str:
        """The unit's id. Raises `NameAmbiguous`, or `NameUnknown` where an id was given that is not here."""
        name = sanitize(text).strip()
        namesakes = [one for one in list_named(self.connection, "unit") if _is_same_name(one.name, name)]
        if found := self._existing_id("unit", name, namesakes):
            return found
        return self._draft("unit", unit_id(self._district(), name), {"name": name, "kind": kind})

    def person(self, text: str, unit: str | None = None) -> str:
        """The person's id; a phone may follow the name. ``unit`` is the id of the unit that a newcomer belongs to."""
        name, phone = split_phone(sanitize(text))
        namesakes = [
            one
            for one in list_named(self.connection, "person")
            if _is_same_name(one.name, name) or is_same_phone(one.number, name)
        ]
        if phone:
            expected = person_id(self._district(), name, phone)
            namesakes = [
                one for one in namesakes if is_same_phone(one.number, phone) or _has_hidden_phone(one, expected)
            ]
        if found := self._existing_id("person", name, namesakes):
            return found
        if not any(character.isalpha() for character in name):  # a phone that rings nobody is no name
            raise NameUnknown(text=text)
        body = {"name": name, "unit_id": unit}
        given = {key: value for key, value in body.items() if value}
        found = self._draft("person", person_id(self._district(), name, phone), given)
        if phone:
            self.set_phone(found, phone)
        return found

    def set_phone(self, person: str, phone: str) -> None:
        """Draft the contact line of a person who is reached by this phone from now on; what it notes besides stays."""
        body = {**self._contact(person), "person_id": person, "phone": phone}
        self.drafts.append(Draft("contact", body, id=contact_id(self._district(), person)))

    def clear_phone(self, person: str) -> None:
        """Draft the deletion of a person's contact line, if there is one."""
        if body := self._contact(person):
            self.drafts.append(Draft("contact", body, id=contact_id(self._district(), person), deleted=True))

    def _contact(self, person: str) -> Body:
        """What the contact line of a person says; nothing where there is none."""
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
        if any(one.id == line_id for one in self.added):
            return line_id
        taken = self.connection.execute(f"SELECT 1 FROM {kind} WHERE id = ? AND deleted = 0", (line_id,)).fetchone()
        if taken:  # somebody of this name has been renamed since, and is another now
            line_id = new_id()
        self.drafts.append(Draft(kind, body, id=line_id))
        self.added.append(Newcomer(kind, line_id, body["name"]))
        return line_id

    def _district(self) -> str:
        return read_device_state(self.connection).get("district", "")


def ensure_department(ledger: Ledger, name: str) -> WriteResult:
    """The department of this name, written down if nobody has named it before."""
    newcomers = Newcomers(ledger.database.connection())
    found = newcomers.unit(name)
    return write_drafts(ledger, newcomers, [], found)


def edit_person(ledger: Ledger, person: str, *, unit: str | None = None, **changes: str | None) -> WriteResult:
    """Change what is known of a person: name, phone, title, note, or the unit (by name). A phone goes into the contact
    line alone, and out of the person's own line, where an older version may have written it."""
    connection = ledger.database.connection()
    found, newcomers = resolve(connection, "person", person).id, Newcomers(connection)
    moved = {"unit_id": newcomers.unit(unit)} if unit else {}
    if "phone" in changes:
        phone, changes = changes["phone"], {**changes, "phone": None}
        if phone:
            newcomers.set_phone(found, phone)
        else:
            newcomers.clear_phone(found)
    written = write_drafts(ledger, newcomers, [], found)
    ledger.edit("person", found, **changes, **moved)
    return written


def write_drafts(ledger: Ledger, newcomers: Newcomers, drafts: list[Draft], line_id: str) -> WriteResult:
    """Write the newcomers and then ``drafts`` in one transaction."""
    everything = [*newcomers.drafts, *drafts]
    if everything:
        ledger.put_many(everything)
    return WriteResult(line_id, tuple(newcomers.added))


def project_of(connection: Connection, line_id: str, table: Literal["visit", "issue"]) -> str:
    """The project of a visit or issue. Raises `LineNotFound`."""
    row = connection.execute(f"SELECT project_id FROM {table} WHERE id = ? AND deleted = 0", (line_id,)).fetchone()
    if row is None:
        raise LineNotFound(id=line_id)
    return str(row[0])


def _is_same_name(name: str, text: str) -> bool:
    return normalize_name(name) == normalize_name(text)


def _has_hidden_phone(candidate: NamedLine, expected: str) -> bool:
    """Whether this is who has the ``expected`` id by name and phone, and their phone is not known here: it has not
    arrived, or is not for this device."""
    return candidate.number is None and candidate.id == expected
