"""The address book: people and units with their phones, roles and open issues; lists by page, and one of them.

A record that was merged into another is none of the list; its phones, roles and issues are the other's
(``store/domain/merges.py``). Every statement is for a whole page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import orjson

from store.db.connection import Connection
from store.queries.name_sql import kept_id_sql, phone_sql
from store.queries.paging import KeysetIndex, Listing, RowKey, page_sql
from store.queries.project_filters import SERVES_TODAY_SQL, SERVING_ORDER_SQL
from store.search.contact_sql import ALL_IDS, contacts_sql
from store.values.records import field_values
from store.values.text import phone_key
from store.writer.project_figures import UNFINISHED_STATES_SQL

ContactKind = Literal["person", "unit"]
UNIT_CONTACT = "unit_contact"
"""The role of whom a unit names as its contact."""
_LAST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class PhoneEntry:
    """A phone: what it is for (``label``), whether it is the main one, and the id of the contact line; empty where an
    older version wrote it into the line of the person or unit itself."""

    phone: str
    label: str | None
    main: bool
    line: str


@dataclass(frozen=True, slots=True)
class ServedRole:
    """A role of a person or unit on a project, in a department, in the district, or in the place of ``principal``;
    ``current``: today."""

    role: str
    project_id: str | None
    number: str | None
    project: str | None
    unit: str | None
    principal: str | None
    from_date: str | None
    to_date: str | None
    current: bool

    @property
    def place(self) -> str:
        """What the role is for, in short: the project's number, the department, or who is stood in for."""
        return self.number or self.unit or self.principal or ""


@dataclass(frozen=True, slots=True)
class ContactEntry:
    """A person or unit. ``unit`` is a person's; ``contact`` whom to ask for at a unit; ``former`` the names of records
    merged into this one; ``account`` what the central has told of the person's account: None, nothing."""

    kind: ContactKind
    id: str
    name: str
    title: str | None
    unit_id: str | None
    unit: str | None
    unit_kind: str | None
    contact_id: str | None
    contact: str | None
    note: str | None
    retired_on: str | None
    open_issues: int
    phones: tuple[PhoneEntry, ...] = ()
    roles: tuple[ServedRole, ...] = ()
    former: tuple[str, ...] = ()
    account: str | None = None

    @property
    def phone(self) -> str | None:
        """The main phone."""
        return self.phones[0].phone if self.phones else None

    @property
    def apart(self) -> str:
        """What tells this person from namesakes: unit and the last digits of the phone."""
        digits = phone_key(self.phone)[-_LAST_DIGITS:] if self.phone else ""
        return " ".join(filter(None, (self.unit, digits and f"…{digits}")))

    def to_json(self) -> dict[str, object]:
        """The entry as ``guanjia person list --json`` prints it: ``phones`` as texts, the main one first."""
        phones = [each.phone for each in self.phones]
        return {**field_values(self), "phones": phones, "contacts": self.phones}


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """Which to list; None: no condition. ``ids``: only these; ``unit``: people of this unit; ``role``: who has it
    today; ``project``: who serves it today; ``retired``: also those no longer offered; ``after``: only who comes behind
    the one with this id."""

    ids: tuple[str, ...] | None = None
    unit: str | None = None
    role: str | None = None
    project: str | None = None
    unit_kind: str | None = None
    retired: bool = False
    after: str | None = None


EVERYBODY = ContactFilter()


def listing(kind: ContactKind, today: str, chosen: ContactFilter = EVERYBODY) -> Listing:
    """The people or units that pass the filter on a day, by name."""
    conditions = ["k.deleted = 0", "k.id NOT IN (SELECT id FROM merged_id)"]
    values: dict[str, object] = {"today": today}
    if not chosen.retired:
        conditions.append("coalesce(k.retired_on, '9999') > :today")
    if chosen.ids is not None:
        conditions.append("k.id IN (SELECT value FROM json_each(:chosen))")
        values["chosen"] = orjson.dumps(chosen.ids).decode()
    if chosen.unit is not None:
        conditions.append(f"{kept_id_sql('k.unit_id')} = {kept_id_sql(':unit')}")
    if chosen.unit_kind is not None:
        conditions.append("k.kind = :unit_kind")
    if chosen.after is not None:
        conditions.append(f"(k.name, k.id) > (SELECT x.name, x.id FROM {kind} x WHERE x.id = :after)")
        values["after"] = chosen.after
    if chosen.role is not None or chosen.project is not None:
        conditions.append(_serving_sql(kind, chosen))
    named = {"unit": chosen.unit, "role": chosen.role, "project": chosen.project, "unit_kind": chosen.unit_kind}
    values |= {name: value for name, value in named.items() if value is not None}
    return Listing(f"{kind} k WHERE " + " AND ".join(conditions), ("k.name", "k.id"), values=values)


def _serving_sql(kind: ContactKind, chosen: ContactFilter) -> str:
    wanted = [SERVES_TODAY_SQL, f"a.{kind}_id IS NOT NULL"]
    wanted += ["a.role = :role"] if chosen.role is not None else []
    wanted += ["a.project_id = :project"] if chosen.project is not None else []
    return f"k.id IN (SELECT {kept_id_sql(f'a.{kind}_id')} FROM assignment a WHERE {' AND '.join(wanted)})"


def contact_key(entry: ContactEntry) -> RowKey:
    """An entry's key in the list's order."""
    return (entry.name, entry.id)


def contacts(
    connection: Connection,
    kind: ContactKind,
    selection: Listing,
    *,
    limit: int = -1,
    index: KeysetIndex | None = None,
    position: int = 0,
) -> list[ContactEntry]:
    """Which people or units are there, how are they reached, what do they serve, what is open with them? ``limit`` -1
    gives all."""
    page, values = page_sql(selection, "k.*", limit, index, position)
    return _entries(connection, kind, page, values)


def contact(connection: Connection, kind: ContactKind, line_id: str, today: str) -> ContactEntry | None:
    """One person or unit, by its id or that of a record merged into it; None when it is not here."""
    page = f"SELECT k.* FROM {kind} k WHERE k.id = {kept_id_sql(':id')} AND k.deleted = 0"
    return next(iter(_entries(connection, kind, page, {"id": line_id, "today": today})), None)


def _entries(connection: Connection, kind: ContactKind, page: str, values: Mapping[str, object]) -> list[ContactEntry]:
    query = f"WITH page AS MATERIALIZED ({page}) {_COLUMNS[kind]} ORDER BY k.name, k.id"
    rows = connection.execute(query, values).fetchall()
    ids = {"ids": orjson.dumps([row[0] for row in rows]).decode(), "today": values["today"]}
    phones = _phones(connection, kind, ids, {row[0]: row[-1] for row in rows})
    roles = _roles(connection, kind, ids)
    former = _former(connection, kind, ids)
    entries = []
    for row in rows:
        names = tuple(name for name in former.get(row[0], ()) if name != row[1])
        entry = (kind, *row[:-1], phones.get(row[0], ()), roles.get(row[0], ()), names)
        entries.append(ContactEntry(*entry))
    return entries


def _phones(
    connection: Connection, kind: ContactKind, ids: Mapping[str, object], legacy: Mapping[str, str | None]
) -> dict[str, tuple[PhoneEntry, ...]]:
    """The phones of each, each number once."""
    phones: dict[str, dict[str, PhoneEntry]] = defaultdict(dict)
    for owner, phone, label, main, line in connection.execute(contacts_sql(kind), ids):
        phones[owner].setdefault(phone_key(phone), PhoneEntry(phone, label, bool(main), line))
    for owner, phone in legacy.items():
        if phone and not any(each.main for each in phones[owner].values()):
            phones[owner] = {phone_key(phone): PhoneEntry(phone, None, True, ""), **phones[owner]}
    return {owner: tuple(numbers.values()) for owner, numbers in phones.items()}


def phone_lines(connection: Connection, kind: ContactKind, line_id: str) -> list[tuple[str, str]]:
    """Which contact lines have a person or unit and the records merged into it? Number and id; a number may be in
    several."""
    rows = connection.execute(contacts_sql(kind), {"ids": orjson.dumps([line_id]).decode()})
    return [(phone, line) for _owner, phone, _label, _main, line in rows]


def _roles(connection: Connection, kind: ContactKind, ids: Mapping[str, object]) -> dict[str, tuple[ServedRole, ...]]:
    roles: dict[str, dict[ServedRole, None]] = defaultdict(dict)
    for owner, *stored, current in connection.execute(_ROLES[kind], ids):
        values = (*stored, bool(current))
        roles[owner][ServedRole(*values)] = None
    return {owner: tuple(served) for owner, served in roles.items()}


def _former(connection: Connection, kind: ContactKind, ids: Mapping[str, object]) -> dict[str, Sequence[str]]:
    query = (
        f"SELECT m.kept_id, k.name FROM merged_id m JOIN {kind} k ON k.id = m.id "
        "WHERE m.kept_id IN (SELECT value FROM json_each(:ids)) ORDER BY m.id"
    )
    names: dict[str, dict[str, None]] = defaultdict(dict)
    for owner, name in connection.execute(query, ids):
        names[owner][name] = None
    return {owner: tuple(each) for owner, each in names.items()}


def merged_records(connection: Connection, kind: ContactKind, line_id: str) -> list[tuple[str, str]]:
    """Which records were merged into this one? Id and name; each can be taken out of it again."""
    query = (
        f"SELECT m.from_id, coalesce(k.name, m.from_id) FROM merge m LEFT JOIN {kind} k ON k.id = m.from_id "
        f"WHERE m.what = ? AND m.deleted = 0 AND {kept_id_sql('m.from_id')} = {kept_id_sql('?')} AND m.from_id <> ? "
        "ORDER BY m.from_id"
    )
    return [(row[0], row[1]) for row in connection.execute(query, (kind, line_id, line_id, line_id))]


def retired_ids(connection: Connection, kind: ContactKind, ids: Iterable[str], today: str) -> set[str]:
    """Which of these people or units are no longer offered on a day?"""
    query = f"SELECT id FROM {kind} WHERE id IN (SELECT value FROM json_each(?)) AND retired_on <= ?"
    return {row[0] for row in connection.execute(query, (orjson.dumps(list(ids)).decode(), today))}


def contact_details(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """What tells each of these people from namesakes: unit and main phone; an empty text where neither is known."""
    query = (
        f"SELECT n.id, u.name, {phone_sql('n')} FROM person n LEFT JOIN unit u ON u.id = {kept_id_sql('n.unit_id')} "
        "WHERE n.id IN (SELECT value FROM json_each(?))"
    )
    rows = connection.execute(query, (orjson.dumps(list(ids)).decode(),))
    return {line_id: " ".join(filter(None, (unit, phone))) for line_id, unit, phone in rows}


_OPEN = f"(SELECT count(*) FROM issue_state s WHERE s.{{0}} = k.id AND s.state IN ({UNFINISHED_STATES_SQL}))"
_COLUMNS: Mapping[ContactKind, str] = {
    "person": f"SELECT k.id, k.name, k.title, u.id, u.name, NULL, NULL, NULL, k.note, k.retired_on, "
    f"{_OPEN.format('owner_id')}, k.phone FROM page k "
    f"LEFT JOIN unit u ON u.id = {kept_id_sql('k.unit_id')}",
    "unit": f"SELECT k.id, k.name, NULL, NULL, NULL, k.kind, n.id, n.name, k.note, k.retired_on, "
    f"{_OPEN.format('department_id')}, k.phone FROM page k "
    f"LEFT JOIN person n ON n.id = {kept_id_sql('k.contact_id')}",
}
_ROLES: Mapping[ContactKind, str] = {
    kind: f"WITH {ALL_IDS}, served AS (SELECT w.kept, a.role, a.project_id, p.number, p.name AS project, "
    f"u.name AS unit, s.name AS principal, a.from_date, a.to_date, {SERVES_TODAY_SQL} AS current, {SERVING_ORDER_SQL} "
    f"FROM wanted w JOIN assignment a ON a.{kind}_id = w.id AND a.deleted = 0 "
    f"LEFT JOIN project p ON p.id = a.project_id "
    f"LEFT JOIN person s ON s.id = {kept_id_sql('a.for_id')} "
    f"LEFT JOIN unit u ON {'TRUE' if kind == 'person' else 'FALSE'} AND u.id = {kept_id_sql('a.unit_id')}) "
    "SELECT kept, role, project_id, number, project, unit, principal, from_date, to_date, current FROM served "
    "ORDER BY current DESC, coalesce(from_date, '') DESC, stamp, device_id, id"
    for kind in ("person", "unit")
}
