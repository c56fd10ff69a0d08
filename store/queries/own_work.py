"""What is a person's own, and why an issue of theirs needs them now: the conditions that the reads of a day share.

One's own are the projects that one serves, the issues that one owns, and those whose next act falls on a role that one
holds; whoever watches over the whole district (`WATCHING`) has all of it. Where nothing on the device says what is the
person's (a home that works alone, a table just imported), all of it is. Conditions are on ``issue_state s`` and take
the values of `Mine.values`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from store.db.connection import Connection
from store.db.meta import read_meta
from store.domain.issue_lifecycle import LIFE
from store.domain.status_lights import LIT_STATES, Marks
from store.queries.lighting import LIGHT, lit
from store.queries.project_filters import SERVES_TODAY, UNFINISHED

Why = Literal["overdue", "returned", "due", "turn", "approval", "stale"]
WATCHING = frozenset({"bureau", "supervision_office", "principal_leader"})
"""The roles that see the whole district and answer for how it does."""
TURNED_BACK = ("returned", "rejected", "reopened")
"""The acts that give an issue back to who had settled it."""


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


_MOVES = _listed(tuple(act for act, rule in LIFE.items() if rule.moves))
_IN_TURN = "instr(coalesce(s.out_of_turn, ''), {0}.id) = 0"
_IS_BACK = (
    f"EXISTS (SELECT 1 FROM issue_step b WHERE b.issue_id = s.id AND b.act IN ({_listed(TURNED_BACK)}) "
    f"AND b.deleted = 0 AND {_IN_TURN.format('b')} AND NOT EXISTS (SELECT 1 FROM issue_step l "
    f"WHERE l.issue_id = s.id AND l.deleted = 0 AND l.act IN ({_MOVES}) AND {_IN_TURN.format('l')} "
    "AND (l.stamp, l.device_id, l.id) > (b.stamp, b.device_id, b.id)))"
)
_OWN_SETTLEMENT = (
    "(SELECT t.author_id FROM issue_step t WHERE t.issue_id = s.id AND t.act = 'settled' AND t.deleted = 0 "
    f"AND {_IN_TURN.format('t')} ORDER BY t.stamp DESC, t.device_id DESC, t.id DESC LIMIT 1)"
)
_MY_TURN = (
    "(s.state = 'open' AND {butler}) OR (s.state = 'settled' AND :confirmation AND {butler}) "
    "OR (s.state = 'assigned' AND (:all_roles OR s.department_id IN (SELECT value FROM json_each(:departments)))) "
    "OR (s.state = 'escalated' AND ((s.level = 1 AND {butler}) OR (s.level = 2 AND {leader}) "
    "OR (s.level = 3 AND :principal)))"
).format(
    butler="(:all_roles OR s.project_id IN (SELECT value FROM json_each(:butler_of)))",
    leader="(:all_roles OR s.project_id IN (SELECT value FROM json_each(:leader_of)))",
)
_TO_APPROVE = (
    "(s.state = 'pending_approval' OR (s.state = 'settled' AND NOT :confirmation)) "
    "AND coalesce((SELECT i.author_id FROM issue i WHERE i.id = s.id), '') <> :person "
    f"AND coalesce({_OWN_SETTLEMENT}, '') <> :person"
)
WHY = (
    f"CASE WHEN s.state IN ({_listed(LIT_STATES)}) THEN CASE WHEN s.due < :today THEN 'overdue' "
    f"WHEN s.state = 'in_progress' AND {_IS_BACK} THEN 'returned' WHEN s.due <= :soon THEN 'due' "
    f"WHEN {_MY_TURN} THEN 'turn' WHEN {LIGHT} = 'yellow' THEN 'stale' END "
    f"WHEN :bureau AND {_TO_APPROVE} THEN 'approval' WHEN {_MY_TURN} THEN 'turn' END"
)
"""Why an issue needs the person: the most pressing reason, so that each issue is counted once; NULL where none."""


@dataclass(frozen=True, slots=True)
class Mine:
    """Whose day it is. ``everything``: all that is here is theirs; ``known``: the device knows a role or a project of
    theirs. ``projects`` are those they serve, ``butler_of`` and ``leader_of`` as what; ``departments`` those that they
    act for."""

    person: str
    roles: tuple[str, ...]
    everything: bool
    known: bool
    projects: tuple[str, ...]
    butler_of: tuple[str, ...]
    leader_of: tuple[str, ...]
    departments: tuple[str, ...]

    @property
    def issues(self) -> str:
        """The condition that an issue is theirs."""
        if self.everything:
            return "TRUE"
        return (
            "(s.project_id IN (SELECT value FROM json_each(:projects)) OR s.owner_id = :person "
            "OR s.department_id IN (SELECT value FROM json_each(:departments)))"
        )

    @property
    def own_projects(self) -> str:
        """The condition that a project ``p`` is theirs."""
        return "TRUE" if self.everything else "p.id IN (SELECT value FROM json_each(:projects))"

    def values(self, on: Marks) -> dict[str, object]:
        """The values that all of these conditions take."""
        lists = ("projects", "butler_of", "leader_of", "departments")
        return {
            **lit(on),
            **{name: json.dumps(getattr(self, name)) for name in lists},
            "person": self.person,
            "confirmation": on.confirmation,
            "all_roles": not self.known,
            "bureau": "bureau" in self.roles,
            "principal": not self.known or "principal_leader" in self.roles,
        }


@dataclass(frozen=True, slots=True)
class Need:
    """The issues that need a person for one reason: what the ledger is narrowed to when one asks for all of them."""

    why: Why
    mine: Mine

    def condition(self, on: Marks) -> tuple[str, dict[str, object]]:
        """The condition on ``issue_state s`` and its values."""
        text = f"{self.mine.issues} AND s.state IN ({UNFINISHED}) AND ({WHY}) = :why"
        return text, {**self.mine.values(on), "why": self.why}


def mine(connection: Connection, on: Marks) -> Mine:
    """Whose home is this, which roles do they hold, and which projects and departments are theirs today?"""
    meta = read_meta(connection)
    person = meta.get("person", "")
    granted = json.loads(meta.get("roles") or "[]")
    roles = tuple(dict.fromkeys(str(one["role"]) for one in granted))
    served = [(one.get("project"), str(one["role"])) for one in granted if one.get("project")]
    served += connection.execute(_SERVED, {"person": person, "today": on.today}).fetchall()
    departments = [str(one["department"]) for one in granted if one.get("department")]
    known = bool(served or departments or WATCHING & set(roles))
    return Mine(
        person, roles, not known or bool(WATCHING & set(roles)), known,
        _of(served), _of(served, "butler", "project_secretary"), _of(served, "lead_leader"), tuple(departments),
    )  # fmt: skip


def _of(served: list[tuple[str, str]], *roles: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(project for project, role in served if not roles or role in roles))


_SERVED = f"SELECT a.project_id, a.role FROM assignment a WHERE a.person_id = :person AND {SERVES_TODAY} ORDER BY a.id"
