"""Names to ids: find the project, department, account or device that an operator of the central names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Row, or_, select

from store.ledger.buckets import DISTRICT, Area
from store.ledger.line import is_id, stored_line
from store.search.likeness import is_slip, is_spelt
from store.values.name_cores import name_core
from store.values.text import normalize_name, sanitize
from sync.central.accounts.assignment_book import read_assignments
from sync.central.accounts.scope import DEPARTMENT_ROLES, PROJECT_ROLES, ROLES, Grant
from sync.central.db.tables import ACCOUNT, BUCKET, DEVICE, LINE, AccountRow
from sync.exceptions import AmbiguousName, BadRole, UnknownName

_SHORTEST_NAME = 2


class NameMatch(NamedTuple):
    """An id, and the name by which it was found."""

    id: str
    label: str


def project_id(connection: Connection, district: str, name: str) -> str:
    """A project by id, number or name. An id is taken as it is: its line may not have been synced yet. Raises
    `UnknownName`, `AmbiguousName`."""
    if is_id(name):
        return name
    heads = select(BUCKET.c.project).where(BUCKET.c.district == district, BUCKET.c.area == str(Area.HEAD))
    lines = select(LINE.c.id, LINE.c.wire).where(
        LINE.c.district == district, LINE.c.kind == "project", LINE.c.id.in_(heads)
    )
    return _unique_match("project", name, _matching_lines(connection.execute(lines), name, ("number", "name")))


def department_id(connection: Connection, district: str, name: str) -> str:
    """A department by the id or name of its unit. Raises `UnknownName`, `AmbiguousName`."""
    if is_id(name):
        return name
    lines = select(LINE.c.id, LINE.c.wire).where(
        LINE.c.district == district, LINE.c.bucket == DISTRICT, LINE.c.kind == "unit"
    )
    return _unique_match("department", name, _matching_lines(connection.execute(lines), name, ("name",)))


def names_of(connection: Connection, district: str, ids: Iterable[str | None]) -> dict[str, str]:
    """The names of projects and units by their ids, as far as their lines are here; a project's after its number."""
    wanted = sorted({line_id for line_id in ids if line_id})
    lines = select(LINE.c.id, LINE.c.wire).where(LINE.c.district == district, LINE.c.id.in_(wanted))
    rows = connection.execute(lines).all() if wanted else ()
    bodies = {line_id: line.body for line_id, wire in rows if (line := stored_line(wire)) is not None}
    parts = {line_id: (body.get("number"), body.get("name")) for line_id, body in bodies.items()}
    return {line_id: " ".join(part for part in both if isinstance(part, str)) for line_id, both in parts.items()}


def unclaimed_person(connection: Connection, district: str, name: str) -> str | None:
    """The only person of this name in the ledger that no account has; None when there is none, or several."""
    matches = people_named(connection, district, name)
    return matches[0].id if len(matches) == 1 else None


def account_id(connection: Connection, district: str, name: str) -> str:
    """An account by id, name, or the id of its person. Raises `UnknownName`, `AmbiguousName`."""
    named = _accounts_of(connection, district, name)
    return _unique_match("account", name, [NameMatch(account.id, account.name) for account in named])


def _accounts_of(connection: Connection, district: str, name: str) -> list[AccountRow]:
    rows = connection.execute(select(ACCOUNT).where(ACCOUNT.c.district == district))
    accounts = [AccountRow(*row) for row in rows]
    return [one for one in accounts if name in (one.id, one.person)] or same_name(accounts, name)


def same_name(accounts: Iterable[AccountRow], name: str) -> list[AccountRow]:
    """The accounts of this name, however it is spelt: without blanks, in any width."""
    wanted = normalize_name(name)
    return [account for account in accounts if normalize_name(account.name) == wanted]


def is_alike(name: str, other: str) -> bool:
    """Whether two people's names may be one person's: the same, the same but for 同志, a title or a bracket, one that
    sounds or looks the same but for one character, or one that the letters of the other spell."""
    if normalize_name(name) == normalize_name(other):
        return True
    core, other_core = name_core("person", name), name_core("person", other)
    if min(len(core), len(other_core)) < _SHORTEST_NAME:
        return False
    is_near = is_slip(core, other_core) or is_spelt(core, other_core) or is_spelt(other_core, core)
    return core == other_core or is_near


def people_named(connection: Connection, district: str, name: str) -> list[NameMatch]:
    """The people of this name in the ledger that no account has."""
    wanted = normalize_name(name)
    return [match for match in people_like(connection, district, name) if normalize_name(match.label) == wanted]


def people_like(connection: Connection, district: str, name: str) -> list[NameMatch]:
    """The people in the ledger, without an account, who have a name like this one, or had it on a record that was
    merged into theirs."""
    return [match for match, is_claimed in _people_like(connection, district, name) if not is_claimed]


def claimed_like(connection: Connection, district: str, name: str) -> set[str]:
    """The people with an account who have, or had on a merged record, a name like this one in the ledger."""
    return {match.id for match, is_claimed in _people_like(connection, district, name) if is_claimed}


def _people_like(connection: Connection, district: str, name: str) -> list[tuple[NameMatch, bool]]:
    """The same with whether somebody has an account as this person."""
    accounts = select(ACCOUNT.c.person, ACCOUNT.c.name).where(ACCOUNT.c.district == district)
    taken = {person: label for person, label in connection.execute(accounts)}
    people = {line_id: str(body.get("name", "")) for line_id, body in _live_bodies(connection, district, "person")}
    alike = [line_id for line_id, label in people.items() if is_alike(label, name)]
    merges, labels = read_assignments(connection, district).merges if alike else {}, {**taken, **people}
    kept = dict.fromkeys(stays if (stays := merges.get(each, each)) in labels else each for each in alike)
    return [(NameMatch(each, labels[each]), each in taken) for each in kept]


def distinguishing_marks(connection: Connection, district: str, people: Iterable[str]) -> dict[str, str]:
    """By id what tells people from their namesakes: their unit and the last digits of their phone."""
    wanted = set(people)
    units = {line_id: body.get("unit_id") for line_id, body in _live_bodies(connection, district, "person")
             if line_id in wanted}  # fmt: skip
    names = names_of(connection, district, (str(unit) for unit in units.values() if unit))
    contacts = (body for _, body in _live_bodies(connection, district, "contact") if body.get("person_id") in wanted)
    digits = {str(body["person_id"]): f"…{str(body.get('phone', ''))[-4:]}" for body in contacts}
    parts = {each: (names.get(str(units.get(each)), ""), digits.get(each, "")) for each in wanted}
    return {each: " ".join(filter(None, both)) for each, both in parts.items() if any(both)}


def _live_bodies(connection: Connection, district: str, kind: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The ids and bodies of the lines of a kind that are neither deleted nor damaged."""
    lines = select(LINE.c.id, LINE.c.wire).where(
        LINE.c.district == district, LINE.c.kind == kind, ~LINE.c.damaged
    ).order_by(LINE.c.id)  # fmt: skip
    for line_id, wire in connection.execute(lines):
        line = stored_line(wire)
        if line is not None and not line.deleted:
            yield line_id, line.body


def revocable(connection: Connection, district: str, name: str) -> tuple[list[str], str | None]:
    """A device by id or name; or all devices of an account by its name or id, and that account. People name their
    devices: one that is called like an account does not stand for it, nor hides it. Raises `UnknownName`,
    `AmbiguousName`."""
    named = select(DEVICE.c.id, DEVICE.c.name).where(
        DEVICE.c.district == district, or_(DEVICE.c.id == name, DEVICE.c.name == name)
    )
    matches = [NameMatch(*row) for row in connection.execute(named)]
    if matches:
        people = [NameMatch(account.id, account.name) for account in _accounts_of(connection, district, name)]
        return [_unique_match("device", name, [*matches, *people])], None
    account = account_id(connection, district, name)
    devices = select(DEVICE.c.id).where(DEVICE.c.district == district, DEVICE.c.account == account)
    return sorted(connection.execute(devices).scalars()), account


def grants_of_role(
    connection: Connection, district: str, role: str, department: str | None, projects: Sequence[str]
) -> list[Grant]:
    """The grants of a role with its department or projects. A project role without projects grants nothing yet. Raises
    `BadRole`, `UnknownName`, `AmbiguousName`."""
    if role not in ROLES:
        raise BadRole(detail=sanitize(role), roles=", ".join(ROLES))
    if role in DEPARTMENT_ROLES:
        if department is None:
            raise BadRole(detail="department?", roles=", ".join(ROLES))
        return [Grant(role, None, department_id(connection, district, department))]
    if role in PROJECT_ROLES and projects:
        return [Grant(role, project_id(connection, district, project)) for project in projects]
    return [Grant(role)]


def _matching_lines(rows: Iterable[Row[str, str]], name: str, fields: tuple[str, ...]) -> list[NameMatch]:
    """The lines (id, canonical text) that are not deleted and have this name in one of the fields."""
    wanted = normalize_name(name)
    matches = []
    for line_id, wire in rows:
        line = stored_line(wire)
        if line is None or line.deleted:
            continue
        names = [value for field in fields if isinstance(value := line.body.get(field), str)]
        if wanted in map(normalize_name, names):
            matches.append(NameMatch(line_id, " ".join(names)))
    return matches


def _unique_match(what_kind: str, name: str, matches: list[NameMatch]) -> str:
    if not matches:
        raise UnknownName(what_kind=what_kind, name=name)
    if len(matches) > 1:
        candidates = "; ".join(f"{label} ({line_id})" for line_id, label in matches)
        raise AmbiguousName(what_kind=what_kind, name=name, candidates=candidates)
    return matches[0].id
