"""What a person may serve and see on a day, from the assignments of the ledger (domain.md, assignment; R06, R07, R15,
R16, R31). Pure: the same lines and the same day give the same grants everywhere, in whatever order the lines came.

    butler, project_secretary                  the project, as its butler: the secretary keeps the butler's records
    lead_leader                                the project, as its lead leader (without a project: of none yet)
    department, department_contact             the department that the assignment names
    bureau, supervision_office,
    principal_leader, auditor                  the district, where the assignment names no project
    stand_in                                   until its last day, all that the person stood in for has by themselves
    all others                                 nothing: units and enterprises have no account

An assignment holds from its first day to its last one, both included, in the district's days; without a first day it
has always held, without a last one it holds on. A stand-in without a last day grants nothing, and is not passed on: who
stands in for somebody who stands in for a third gets nothing of the third's. Records that were merged are one: grants
are of the person who stays, and of a department under every id that it has had. The central keeps the grants of its
accounts in a table of its own (``sync/central/writes/grant_changes.py``); permissions by role:
``store/domain/permissions.py``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import NamedTuple

from store.ledger.line import Body, is_id
from store.values.times import stored_day

PROJECT_GRANTS: Mapping[str, str] = {"butler": "butler", "project_secretary": "butler", "lead_leader": "lead_leader"}
"""The role on a project that an assignment's role grants."""
DEPARTMENT_GRANTS = frozenset({"department", "department_contact"})
DISTRICT_GRANTS = frozenset({"bureau", "supervision_office", "principal_leader", "auditor"})
STAND_IN = "stand_in"
OF_THE_DISTRICT = frozenset({"department", STAND_IN}) | DISTRICT_GRANTS
"""The roles of assignments that name no project: their lines lie in the district's bucket."""
WITHDRAWAL_GRACE_DAYS = 30
"""For so many days after a role was withdrawn the central still takes what was written before."""
NO_MERGES: Mapping[str, str] = MappingProxyType({})


class Grant(NamedTuple):
    """A role with the project or department that it is for; with neither, for the whole district."""

    role: str
    project: str | None = None
    department: str | None = None


class RoleTerm(NamedTuple):
    """An assignment as far as it grants: who (``person``) serves as what, for which project or unit, or in whose place
    (``principal``), from the first day to the ``last`` (ISO 8601; None: without a bound)."""

    role: str
    person: str
    project: str | None = None
    unit: str | None = None
    principal: str | None = None
    first: str | None = None
    last: str | None = None

    def holds_on(self, day: str) -> bool:
        """Whether it is in force on a day."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


def role_term(project: str | None, body: Body) -> RoleTerm | None:
    """The term of an assignment of this ``project``; None where it names nobody who could have grants, or a day that is
    none."""
    role, person, unit, principal = (body.get(name) for name in ("role", "person_id", "unit_id", "for_id"))
    if not isinstance(role, str) or not isinstance(person, str) or not is_id(person):
        return None
    days = [body.get(name) for name in ("from_date", "to_date")]
    if any(day is not None and (not isinstance(day, str) or stored_day(day) is None) for day in days):
        return None
    first, last = (None if day is None else str(day)[:10] for day in days)
    its_unit, its_principal = (each if isinstance(each, str) else None for each in (unit, principal))
    return RoleTerm(role, person, project, its_unit, its_principal, first, last)


def grants_on(
    terms: Iterable[RoleTerm], day: str, merges: Mapping[str, str] = NO_MERGES
) -> dict[str, frozenset[Grant]]:
    """By person: what these terms grant on a day. ``merges`` gives for the id of a merged record the one that stays."""
    held = [term for term in terms if term.holds_on(day)]
    aliases = _aliases(merges)
    own: dict[str, set[Grant]] = defaultdict(set)
    for term in held:
        own[merges.get(term.person, term.person)].update(_own_grants(term, merges, aliases))
    result = {person: set(grants) for person, grants in own.items()}
    for person, principals in stand_ins_on(held, day, merges).items():
        for principal in principals:
            result.setdefault(person, set()).update(own.get(principal, ()))
    return {person: frozenset(grants) for person, grants in result.items() if grants}


def own_grants_on(
    terms: Iterable[RoleTerm], day: str, merges: Mapping[str, str] = NO_MERGES
) -> dict[str, frozenset[Grant]]:
    """The same without what somebody has as a stand-in."""
    return grants_on((term for term in terms if term.role != STAND_IN), day, merges)


def stand_ins_on(
    terms: Iterable[RoleTerm], day: str, merges: Mapping[str, str] = NO_MERGES
) -> dict[str, frozenset[str]]:
    """By person: for whom they stand in on a day."""
    principals: dict[str, set[str]] = defaultdict(set)
    for term in terms:
        if term.role == STAND_IN and term.principal and term.last and term.project is None and term.holds_on(day):
            person, principal = (merges.get(each, each) for each in (term.person, term.principal))
            if person != principal:
                principals[person].add(principal)
    return {person: frozenset(each) for person, each in principals.items()}


def change_days(terms: Iterable[RoleTerm], after: str, until: str) -> list[str]:
    """The days after one and up to another (both ISO 8601) from which on other terms hold than the day before."""
    days = set[str]()
    for term in terms:
        days |= {term.first} if term.first else set()
        days |= {day_after(term.last)} if term.last else set()
    return sorted(day for day in days if after < day <= until)


def day_after(day: str) -> str:
    """The day after one (ISO 8601)."""
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def _own_grants(term: RoleTerm, merges: Mapping[str, str], aliases: Mapping[str, frozenset[str]]) -> set[Grant]:
    if term.role in PROJECT_GRANTS:
        return {Grant(PROJECT_GRANTS[term.role], term.project)}
    if term.role in DEPARTMENT_GRANTS and term.unit:
        unit = merges.get(term.unit, term.unit)
        return {Grant("department", None, each) for each in aliases.get(unit, frozenset({unit}))}
    if term.role in DISTRICT_GRANTS and term.project is None:
        return {Grant(term.role)}
    return set()


def _aliases(merges: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """By the id that stays: every id of the record, itself included."""
    groups: dict[str, set[str]] = defaultdict(set)
    for before, stays in merges.items():
        groups[stays] |= {before, stays}
    return {stays: frozenset(ids) for stays, ids in groups.items()}
