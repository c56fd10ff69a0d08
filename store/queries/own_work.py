"""A person's responsibilities, and why an issue needs the person now: SQL conditions shared by the queries of a day.

A person is responsible for the projects that they serve, the issues that they own, and the issues whose next act falls
on a role that they hold; roles that see the whole district (`DISTRICT_WIDE_ROLES`) are responsible for all of it. Where
the device knows no role or project of the person (a home without a central, a table just imported), everything counts
as theirs. Conditions are on ``issue_state s`` and take the values of `Responsibilities.parameters`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from store.db.connection import Connection
from store.db.device_facts import corrected_ms, read_device_facts
from store.domain.grants import DEPARTMENT_GRANTS
from store.domain.issue_lifecycle import FINISHED_STATES, STATES, TRANSITIONS
from store.domain.status_lights import LIGHT_STATES, LightThresholds
from store.ledger.hlc import system_clock_ms
from store.queries.co_handling import OWED_BY_SQL
from store.queries.light_sql import LACKS_PROGRESS_SQL, LIGHT_SQL, light_parameters
from store.queries.name_sql import kept_id_sql, same_ids_sql
from store.queries.project_filters import SERVES_TODAY_SQL, serves_for_sql
from store.values.times import district_time
from store.writer.project_figures import DUE_SQL, LIGHT_STATES_SQL, UNFINISHED_STATES_SQL

NeedReason = Literal["decision", "opinion", "overdue", "late", "returned", "due", "turn", "approval", "stale"]
"""``late``: an act on it is late, other than settling it by its due date."""
DISTRICT_WIDE_ROLES = frozenset({"bureau", "supervision_office", "principal_leader", "auditor"})
"""The roles that see the whole district and are responsible for it."""
RETURNING_ACTS = ("returned", "rejected", "reopened", "disputed")
"""The acts that return an issue to who leads it: a dispute too, where it is of a co-handling department's part."""


def _sql_list(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


_MOVING_ACTS_SQL = _sql_list(tuple(act for act, rule in TRANSITIONS.items() if rule.counts_as_progress))
_IN_TURN = "instr(coalesce(s.out_of_turn, ''), {0}.id) = 0"
_IS_RETURNED_SQL = (
    f"EXISTS (SELECT 1 FROM issue_step b WHERE b.issue_id = s.id AND b.act IN ({_sql_list(RETURNING_ACTS)}) "
    f"AND b.deleted = 0 AND {_IN_TURN.format('b')} AND NOT EXISTS (SELECT 1 FROM issue_step l "
    f"WHERE l.issue_id = s.id AND l.deleted = 0 AND l.act IN ({_MOVING_ACTS_SQL}) AND {_IN_TURN.format('l')} "
    "AND (l.stamp, l.device_id, l.id) > (b.stamp, b.device_id, b.id)))"
)
_OWN_SETTLEMENT = (
    "(SELECT t.author_id FROM issue_step t WHERE t.issue_id = s.id AND t.act = 'settled' AND t.deleted = 0 "
    f"AND {_IN_TURN.format('t')} ORDER BY t.stamp DESC, t.device_id DESC, t.id DESC LIMIT 1)"
)
_OWN_TURN_SQL = (
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
    f"AND coalesce((SELECT i.author_id FROM issue i WHERE i.id = s.id), '') NOT IN ({same_ids_sql(':person')}) "
    f"AND coalesce({_OWN_SETTLEMENT}, '') NOT IN ({same_ids_sql(':person')})"
)
_TO_DECIDE_SQL = (
    "s.id IN (SELECT d.id FROM issue_state d WHERE d.state = 'escalated' AND NOT :all_roles AND ((d.level = 2 AND "
    "d.project_id IN (SELECT value FROM json_each(:leader_of))) OR (d.level = 3 AND :principal)))"
)
_OWN_OPINION_SQL = OWED_BY_SQL.format(units="SELECT value FROM json_each(:departments)")
NEED_REASON_SQL = (
    f"CASE WHEN {_TO_DECIDE_SQL} THEN 'decision' WHEN {_OWN_OPINION_SQL} THEN 'opinion' "
    f"WHEN s.state IN ({LIGHT_STATES_SQL}) THEN CASE WHEN {DUE_SQL} < :today THEN 'overdue' "
    "WHEN s.limit_at < :now THEN 'late' "
    f"WHEN s.state IN ('assigned', 'in_progress', 'waiting') AND {_IS_RETURNED_SQL} THEN 'returned' "
    f"WHEN {DUE_SQL} <= :soon OR s.limit_at <= :soon_until THEN 'due' "
    f"WHEN {_OWN_TURN_SQL} THEN 'turn' WHEN {LIGHT_SQL} = 'yellow' THEN 'stale' END "
    f"WHEN :bureau AND {_TO_APPROVE} THEN 'approval' WHEN {_OWN_TURN_SQL} THEN 'turn' END"
)
"""Why an issue needs the person: the most pressing reason, so that each issue is counted once; NULL where there is
none."""
OVERDUE_SQL = (  # the index that has all of it; due dates before today first, since the day that counts is no earlier
    f"FROM issue_state s INDEXED BY issue_state_due WHERE s.state IN ({LIGHT_STATES_SQL}) AND s.due < :today "
    f"AND {DUE_SQL} < :today AND NOT {_TO_DECIDE_SQL} AND NOT {_OWN_OPINION_SQL}"
)
"""The issues of the district whose reason is ``overdue``, which may be most of them: read from an index alone."""
_BY_DUE = f"SELECT s.id FROM issue_state s INDEXED BY issue_state_due WHERE s.state IN ({LIGHT_STATES_SQL}) AND s.due"
_WITHOUT_LIGHT = tuple(state for state in STATES if state not in (*LIGHT_STATES, *FINISHED_STATES))
_RETURNED_ONCE = (
    f"s.id IN (SELECT b.issue_id FROM issue_step b WHERE b.act IN ({_sql_list(RETURNING_ACTS)}) AND b.deleted = 0)"
)
_MAY_PRESS = (
    f"(s.state IN ('open', 'assigned', 'escalated') OR {DUE_SQL} <= :soon OR s.limit_at <= :soon_until "
    f"OR {LACKS_PROGRESS_SQL} OR (s.state = 'waiting' AND s.waiting_until < :today) "
    f"OR {_OWN_OPINION_SQL} OR {_RETURNED_ONCE})"
)
"""What an issue with a light must be to have any reason; read from an index alone."""
NOT_OVERDUE_SQL = " UNION ALL ".join((
    f"{_BY_DUE} >= :today AND {_MAY_PRESS}",
    f"{_BY_DUE} IS NULL AND {_MAY_PRESS}",
    f"{_BY_DUE} < :today AND ({DUE_SQL} >= :today OR s.state = 'escalated')",
    f"SELECT s.id FROM issue_state s WHERE s.state IN ({_sql_list(_WITHOUT_LIGHT)})",
    f"SELECT s.id FROM issue_state s WHERE s.state IN ({LIGHT_STATES_SQL}) AND {_OWN_OPINION_SQL} "
    f"AND s.due < :today AND {DUE_SQL} < :today AND s.state <> 'escalated'",
))  # fmt: skip
"""The ids of all unfinished issues that are not among `OVERDUE_SQL` and may need somebody, and of some others."""


@dataclass(frozen=True, slots=True)
class Responsibilities:
    """What a person is responsible for. ``everything``: all lines here; ``known``: the device knows a role or a project
    of theirs. ``projects`` are those that they serve, ``butler_of`` and ``leader_of`` those in which they have this
    role; ``departments`` those that they act for."""

    person: str
    roles: tuple[str, ...]
    everything: bool
    known: bool
    projects: tuple[str, ...]
    butler_of: tuple[str, ...]
    leader_of: tuple[str, ...]
    departments: tuple[str, ...]

    @property
    def issue_condition(self) -> str:
        """The condition that an issue is theirs."""
        if self.everything:
            return "TRUE"
        return (
            f"(s.project_id IN (SELECT value FROM json_each(:projects)) OR s.owner_id = {kept_id_sql(':person')} "
            f"OR s.department_id IN (SELECT value FROM json_each(:departments)) OR {_OWN_OPINION_SQL})"
        )

    @property
    def project_condition(self) -> str:
        """The condition that a project ``p`` is theirs."""
        return "TRUE" if self.everything else "p.id IN (SELECT value FROM json_each(:projects))"

    def parameters(self, thresholds: LightThresholds) -> dict[str, object]:
        """The values that all of these conditions take."""
        lists = ("projects", "butler_of", "leader_of", "departments")
        return {
            **light_parameters(thresholds),
            **{name: json.dumps(getattr(self, name)) for name in lists},
            "person": self.person,
            "confirmation": thresholds.confirmation_required,
            "all_roles": not self.known,
            "bureau": "bureau" in self.roles,
            "principal": not self.known or "principal_leader" in self.roles,
        }


@dataclass(frozen=True, slots=True)
class IssueNeed:
    """The issues that need a person for one reason, as a filter of the issue ledger."""

    why: NeedReason
    responsibilities: Responsibilities

    def condition(self, thresholds: LightThresholds) -> tuple[str, dict[str, object]]:
        """The condition on ``issue_state s`` and its values."""
        text = (
            f"{self.responsibilities.issue_condition} AND s.state IN ({UNFINISHED_STATES_SQL}) AND "
            f"({NEED_REASON_SQL}) = :why"
        )
        return text, {**self.responsibilities.parameters(thresholds), "why": self.why}


def own_responsibilities(connection: Connection, thresholds: LightThresholds) -> Responsibilities:
    """Who owns this device, which roles do they hold, and for which projects and departments are they responsible
    today?"""
    meta = read_device_facts(connection)
    person = meta.get("person", "")
    granted = json.loads(meta.get("roles") or "[]")
    by_lines = connection.execute(_SERVED, {"person": person, "today": thresholds.today}).fetchall()
    of_district = [role for project, role, _unit in by_lines if project is None and role in DISTRICT_WIDE_ROLES]
    roles = tuple(dict.fromkeys([*(str(one["role"]) for one in granted), *of_district]))
    served = [(one.get("project"), str(one["role"])) for one in granted if one.get("project")]
    served += [(project, role) for project, role, _unit in by_lines if project is not None]
    departments = own_departments(connection, thresholds.today)
    known = bool(served or departments or DISTRICT_WIDE_ROLES & set(roles))
    return Responsibilities(
        person, roles, not known or bool(DISTRICT_WIDE_ROLES & set(roles)), known,
        _projects_with_roles(served), _projects_with_roles(served, "butler", "project_secretary"),
        _projects_with_roles(served, "lead_leader"), departments,
    )  # fmt: skip


def own_departments(connection: Connection, today: str | None = None) -> tuple[str, ...]:
    """Which departments does the person at this device act for on a day (default: the device's), by themselves or for
    whom they stand in?"""
    meta = read_device_facts(connection)
    if today is None:
        today = district_time(corrected_ms(system_clock_ms(), meta.offset_ms)).date().isoformat()
    granted = [grant.get("department") for grant in json.loads(meta.get("roles") or "[]")]
    rows = connection.execute(_SERVED, {"person": meta.get("person", ""), "today": today})
    by_lines = [unit for _project, role, unit in rows if role in DEPARTMENT_GRANTS]
    return tuple(dict.fromkeys(str(unit) for unit in (*granted, *by_lines) if unit))


def acts_for_departments_alone(connection: Connection) -> bool:
    """Does the person at this device have roles of departments and no other?"""
    granted = json.loads(read_device_facts(connection).get("roles") or "[]")
    return bool(granted) and {str(grant["role"]) for grant in granted} == {"department"}


def _projects_with_roles(served: list[tuple[str, str]], *roles: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(project for project, role in served if not roles or role in roles))


_SERVED = (
    f"SELECT a.project_id, a.role, {kept_id_sql('a.unit_id')} FROM assignment a WHERE {SERVES_TODAY_SQL} AND "
    f"{serves_for_sql(':person')} ORDER BY a.id"
)
"""What a person serves today, by themselves or for whom they stand in: project, role, unit."""
