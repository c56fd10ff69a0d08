"""In whose place a line is written: by who stands in for somebody, and by the bureau for an office without a laptop.

Whoever may write a line in their own right does so. A stand-in whose own roles do not cover it writes it in the place
of the one whose roles do: the line says so in ``acting_for_id``, beside its author. The bureau names for whom it enters
(`Ledger.acting_for`). The central has the last word (``sync/central/accounts/permissions.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from store.db.connection import Connection
from store.domain.grants import DEPARTMENT_GRANTS, PROJECT_GRANTS, Grant, RoleTerm, own_grants_on, stand_ins_on
from store.domain.permissions import ISSUE_STEP, ROLE_PERMISSIONS, may_act
from store.ledger.kind_facts import kind_facts
from store.ledger.line import Line

ACTING_FOR = "acting_for_id"
"""The field with the person in whose place the author wrote the line."""
_IS_STAND_IN = (
    "SELECT 1 FROM assignment WHERE role = 'stand_in' AND deleted = 0 AND project_id IS NULL "
    "AND coalesce(from_date, :today) <= :today AND to_date >= :today LIMIT 1"
)
_TERMS = "SELECT role, person_id, project_id, unit_id, for_id, from_date, to_date FROM assignment WHERE deleted = 0"


class EffectiveGrants(NamedTuple):
    """What a person may do by themselves on a day, and what those may for whom they stand in, by id."""

    own: frozenset[Grant]
    principals: Mapping[str, frozenset[Grant]]

    @property
    def roles_of_principals(self) -> frozenset[str]:
        """The roles of those for whom they stand in."""
        return frozenset(grant.role for grants in self.principals.values() for grant in grants)

    def principal_of(self, line: Line) -> str | None:
        """In whose place they write a line; None in their own right, or where nobody's roles cover it."""
        if not self.principals or _covers(self.own, line):
            return None
        return next((each for each, grants in sorted(self.principals.items()) if _covers(grants, line)), None)


NOBODYS_STAND_IN = EffectiveGrants(frozenset(), {})


def effective_grants_of(connection: Connection, person: str, day: date) -> EffectiveGrants:
    """What the ledger says of a person on a day. Costs nothing worth mention where nobody stands in for anybody."""
    today = day.isoformat()
    if connection.execute(_IS_STAND_IN, {"today": today}).fetchone() is None:
        return NOBODYS_STAND_IN
    kept: dict[str, str] = dict(connection.execute("SELECT id, kept_id FROM merged_id").fetchall())
    terms = [RoleTerm(*row) for row in connection.execute(_TERMS) if row[1] is not None]
    me, own = kept.get(person, person), own_grants_on(terms, today, kept)
    principals = stand_ins_on(terms, today, kept).get(me, frozenset())
    nothing = frozenset[Grant]()
    return EffectiveGrants(own.get(me, nothing), {each: own.get(each, nothing) for each in principals})


def _covers(grants: Iterable[Grant], line: Line) -> bool:
    """Whether one of the roles may write the line, as far as a device can tell: which issues and procedures a
    department has is the central's to know."""
    return any(_may(grant, line) for grant in grants)


def _may(grant: Grant, line: Line) -> bool:
    if grant.role in PROJECT_GRANTS and grant.project != line.project:
        return False
    verbs = ROLE_PERMISSIONS[grant.role].verbs_for(line.kind, kind_facts()[line.kind].area, line.body.get("of_kind"))
    if "create" not in verbs and not (grant.role in DEPARTMENT_GRANTS and verbs):
        return False
    return line.kind != ISSUE_STEP or may_act(grant.role, line.body.get("act"), line.body.get("level"))
