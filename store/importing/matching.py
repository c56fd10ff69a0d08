"""Matches the people and units that a table names with those in the store.

> A person is matched on normalised name and phone (domain.md). A missing phone matches the only person of that name; a
> new phone of the only person of that name in the same role is a changed phone. Otherwise it is a new person.
> A phone is in the person's contact line; in their own line only where an older version wrote it.
> New lines get ids derived from their natural keys, so that two devices that import one table write the same lines. A
> new person's key is the name with the first of the places in the table (project and role), never the phone: phones are
> few enough to try them all, and roles that may not see them see the ids.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from store.domain.merges import KeptIds
from store.importing.import_report import ImportCounts, TableImportWarning
from store.importing.rows import PersonMention, UnitMention
from store.ledger.line import Line, derived_id
from store.search.contact_phones import contact_id
from store.search.likeness import LikeNames
from store.values.name_cores import name_core
from store.values.text import normalize_name, phone_key
from store.writer.local_writes import Draft

PersonKey = tuple[str, str]


class ProjectMention(NamedTuple):
    """A mention of a person in the row of a project."""

    mention: PersonMention
    project: str

    @property
    def key(self) -> PersonKey:
        """Name and phone as they are compared."""
        return normalize_name(self.mention.name), phone_key(self.mention.phone)


class IdAllocator:
    """Allocates ids derived from natural keys, skipping ids that other lines have."""

    def __init__(self, district: str, lines: Iterable[Line]) -> None:
        self._district = district
        self._lines = {line.id: line for line in lines}
        self._allocated: set[str] = set()

    def allocate(self, kind: str, *key: str, is_same: Callable[[Line], bool]) -> str:
        """The first free id of this key. A deleted line that ``is_same`` says has this key is reused."""
        ordinal = 1
        while True:
            parts = key if ordinal == 1 else (*key, f"#{ordinal}")
            id = derived_id(self._district, kind, *parts)
            line = self._lines.get(id)
            if id not in self._allocated and (line is None or (line.deleted and is_same(line))):
                self._allocated.add(id)
                return id
            ordinal += 1


class ContactDrafts:
    """The phones of people; collects drafts of contact lines. ``lines`` are all there are, deleted ones too."""

    def __init__(self, district: str, lines: Iterable[Line], kept: KeptIds = MappingProxyType({})) -> None:
        self.drafts: list[Draft] = []
        self._district = district
        known = sorted(lines, key=lambda line: (not line.deleted, line.stamp, line.device))
        self._lines = {str(line.body["person_id"]): line for line in known if "person_id" in line.body}
        self._others: dict[str, set[str]] = defaultdict(set)
        for line in known:
            owner = str(line.body.get("further_of") or line.body.get("person_id") or "")
            if not line.deleted and ("further_of" in line.body or owner in kept):
                self._others[kept.get(owner, owner)].add(phone_key(str(line.body.get("phone", ""))))

    def phone_of(self, person: Line) -> str:
        """The phone of a person, or an empty text; of a deleted one, also that of a deleted contact line."""
        line = self._lines.get(person.id)
        found = person if line is None or (line.deleted and not person.deleted) else line
        return str(found.body.get("phone", ""))

    def key_of(self, person: Line) -> PersonKey:
        """Name and phone of a person as they are compared."""
        return normalize_name(str(person.body.get("name", ""))), phone_key(self.phone_of(person))

    def has_phone(self, person: Line, phone: str) -> bool:
        """Whether this is a phone of the person, as phones are compared: the main one, a further one, or one of a
        record that was merged into theirs."""
        return self.key_of(person)[1] == phone or phone in self._others[person.id]

    def set_phone(self, person: str, phone: str) -> None:
        """Draft a contact line with this phone, unless the person's contact line has it already."""
        line = self._lines.get(person)
        body = {**(line.body if line and not line.deleted else {}), "person_id": person, "phone": phone}
        if line is None or line.deleted or line.body != body:
            self.drafts.append(Draft("contact", body, id=line.id if line else contact_id(self._district, person)))


class PersonMatcher:
    """Finds the person of each mention; collects drafts, counts and warnings."""

    def __init__(
        self,
        named: Iterable[tuple[str, Line]],
        contacts: ContactDrafts,
        holders: Mapping[tuple[str, str], set[str]],
        ids: IdAllocator,
        units: UnitMatcher,
    ) -> None:
        self._units = units
        self.drafts: list[Draft] = []
        self.counts = ImportCounts()
        self.warnings: list[TableImportWarning] = []
        self._contacts = contacts
        self._holders = holders
        self._ids = ids
        self._named: dict[str, list[Line]] = defaultdict(list)
        for name, line in named:
            same = self._named[normalize_name(name)]
            if line not in same:
                same.append(line)
        self._phones: dict[str, list[str]] = {}
        self._told: set[str] = set()
        self._like = LikeNames(self._named)

    def resolve(self, places: Sequence[ProjectMention]) -> dict[PersonKey, str]:
        """The id of every person named, by the key that `key_of` gives."""
        phones: dict[str, dict[str, None]] = defaultdict(dict)
        for place in places:
            name, phone = place.key
            phones[name] |= {phone: None} if phone else {}
        self._phones = {name: list(numbers) for name, numbers in phones.items()}
        groups: dict[PersonKey, list[ProjectMention]] = defaultdict(list)
        for place in places:
            groups[self.key_of(place)].append(place)
        return {key: self._person(key, group) for key, group in groups.items()}

    def key_of(self, place: ProjectMention) -> PersonKey:
        """Name and phone of a mention; a missing phone is taken from the only other mention of this name with one."""
        name, phone = place.key
        phones = self._phones.get(name, [])
        return (name, phones[0]) if not phone and len(phones) == 1 else (name, phone)

    def _person(self, key: PersonKey, group: Sequence[ProjectMention]) -> str:
        same = self._named[key[0]]
        person = self._match(key, group, same)
        several = len(self._phones.get(key[0], [])) > 1 or (len(same) > 1 and not key[1])
        if (several or (person is None and same)) and key[0] not in self._told:
            self._told.add(key[0])
            first = group[0].mention
            self.warnings.append(TableImportWarning(first.row, first.column, "same_name", {"name": first.name}))
        return self._new(key, group) if person is None else self._known(person, key, group)

    def _match(self, key: PersonKey, group: Sequence[ProjectMention], same: Sequence[Line]) -> Line | None:
        name, phone = key
        exact = [line for line in same if self._contacts.has_phone(line, phone)]
        if exact:
            return min(exact, key=lambda line: (-self._holdings(line, group), line.id))
        if len(self._phones.get(name, [])) > 1:
            return None
        holding = [line for line in same if self._holdings(line, group)]
        if len(holding) == 1:
            return holding[0]
        return same[0] if len(same) == 1 and not (phone and self._contacts.phone_of(same[0])) else None

    def _holdings(self, person: Line, group: Sequence[ProjectMention]) -> int:
        """In how many of these mentions the person already holds the role."""
        return sum(person.id in self._holders.get((place.project, place.mention.role), ()) for place in group)

    def _new(self, key: PersonKey, group: Sequence[ProjectMention]) -> str:
        self.counts.added += 1
        self._warn_of_likeness(key[0], group[0].mention)
        first = (group[0].project, group[0].mention.role)
        id = self._ids.allocate("person", key[0], *first, is_same=lambda line: self._contacts.key_of(line) == key)
        self.drafts.append(Draft("person", {"name": group[0].mention.name, **self._said(group)}, id=id))
        if phone := _phone_in(group):
            self._contacts.set_phone(id, phone)
        return id

    def _warn_of_likeness(self, name: str, mention: PersonMention) -> None:
        """Tell of a new person whose name is one slip away from the names of others."""
        if not self._named.get(name) and (like := self._like.of(name)):
            known = "、".join(str(self._named[each][0].body["name"]) for each in like)
            self.warnings.append(
                TableImportWarning(mention.row, mention.column, "like_known", {"name": mention.name, "known": known})
            )

    def _known(self, person: Line, key: PersonKey, group: Sequence[ProjectMention]) -> str:
        phone, body = _phone_in(group), {**person.body, **self._said(group)}
        moved = bool(phone) and not self._contacts.has_phone(person, key[1])
        if moved:
            body.pop("phone", None)
            self._contacts.set_phone(person.id, phone)
        if body != person.body:
            self.drafts.append(Draft("person", body, id=person.id))
        if moved or body != person.body:
            self.counts.updated += 1
        else:
            self.counts.unchanged += 1
        return person.id

    def _said(self, group: Sequence[ProjectMention]) -> dict[str, str]:
        """The title and the unit that the table gives a person, if it gives them."""
        title = next((place.mention.title for place in group if place.mention.title), "")
        employed = next((place.mention for place in group if place.mention.employer), None)
        unit = self._units.employer(employed) if employed else ""
        return {name: value for name, value in (("title", title), ("unit_id", unit)) if value}


def _phone_in(group: Sequence[ProjectMention]) -> str:
    """The phone that the table gives a person, or an empty text."""
    return next((place.mention.phone for place in group if place.mention.phone), "")


_UNIT_KINDS = {"lead_unit": "lead_unit", "enterprise_contact": "enterprise"}
"""The kind of a new unit, by the role of the unit itself or of the person who works there."""


class UnitMatcher:
    """Finds units by name; collects drafts of new ones, and warnings of those that are like one that is here."""

    def __init__(self, named: Iterable[tuple[str, Line]], ids: IdAllocator, district_name: str = "") -> None:
        self.warnings: list[TableImportWarning] = []
        self._made: dict[str, Draft] = {}
        self._ids = ids
        self._district = normalize_name(district_name)
        self._named: dict[str, str] = {}
        self._cores: dict[str, dict[str, None]] = defaultdict(dict)
        self._names: dict[str, str] = {}
        for name, line in sorted(named, key=lambda known: known[1].id, reverse=True):
            self._know(name, line.id)
        self._like = LikeNames(self._named)

    def id_of(self, unit: UnitMention, row: int | None) -> str:
        """The unit of this name; a new one's kind follows from the role it is named in."""
        key = normalize_name(unit.name)
        if key not in self._named:
            known = [*self._cores.get(self._core(key), ()), *self._like.of(key)]
            if known:
                names = "、".join(self._names[name] for name in dict.fromkeys(known))
                self.warnings.append(TableImportWarning(row, None, "like_known", {"name": unit.name, "known": names}))
            self._add(unit.name, _UNIT_KINDS.get(unit.role, "department"))
        return self._named[key]

    @property
    def drafts(self) -> list[Draft]:
        """The new units."""
        return list(self._made.values())

    def made(self, id: str) -> Draft | None:
        """The draft of a new unit."""
        return self._made.get(id)

    def complete(self, id: str, more: Mapping[str, object]) -> None:
        """Add what else is said of a new unit."""
        self._made[id] = self._made[id]._replace(body={**self._made[id].body, **more})

    def employer(self, person: PersonMention) -> str:
        """The unit where a person works: one that is written with or without the district before it is the same."""
        key = normalize_name(person.employer)
        same = [name for name in self._cores.get(self._core(key), ()) if key.endswith(name) or name.endswith(key)]
        if key not in self._named and len(same) == 1:
            return self._named[same[0]]
        return self.id_of(UnitMention(person.role, person.employer), person.row)

    def _add(self, name: str, kind: str) -> None:
        key = normalize_name(name)
        id = self._ids.allocate("unit", key, is_same=lambda line: normalize_name(str(line.body.get("name", ""))) == key)
        self._made[id] = Draft("unit", {"name": name, "kind": kind}, id=id)
        self._know(name, id)

    def _know(self, name: str, id: str) -> None:
        key = normalize_name(name)
        self._named[key], self._names[key] = id, name
        self._cores[self._core(key)][key] = None

    def _core(self, key: str) -> str:
        return name_core("unit", key, self._district)
