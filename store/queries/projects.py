"""Projects: the list as the responsibility table shows it, one project, who serves it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Literal

import orjson

from store.db.connection import Connection
from store.domain.status_lights import LIGHTS, Light, LightThresholds, is_silent, missing_six_ones
from store.ledger.hlc import ms_from_hlc
from store.queries.light_sql import WORST_SQL, light_parameters
from store.queries.name_sql import kept_id_sql, phone_sql, shown_name_sql
from store.queries.paging import KeysetIndex, Listing, Row, RowKey, page_sql
from store.queries.project_filters import (
    FIRST_STAMP_SQL,
    LAST_CONTACT_SQL,
    LISTED_ON_SQL,
    SERVES_TODAY_SQL,
    SERVING_ORDER_SQL,
    TAKEN_OFF_SQL,
    ProjectOrder,
    light_rank,
    listing,
)
from store.queries.provisional_sql import PROVISIONAL_OF_PROJECT_SQL
from store.values.times import district_time, stored_day

ScopeRule = Literal["investment", "judgement"]
_LAST_CONTACT = 9
_ON_SITE_SQL = "v.at >= :swarm_since AND v.how = 'visit' AND v.deleted = 0"


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A row of the projects' list. Several people in one role are joined by ``、``; ``light`` is the worst of the
    project's issues; ``silent``: no contact for too long; ``swarm``: too many units were on site lately; ``scope`` is
    the rule by which it needs a butler, None where neither amount nor reason requires one; ``provisional``: how many
    provisional versions are here of what belongs to it (``store/queries/provisional.py``)."""

    id: str
    number: str
    name: str
    category: str
    stage: str | None
    lead_leader: str | None
    butler: str | None
    enterprise_contact: str | None
    open_issues: int
    last_contact: str | None
    light: Light | None
    missing: tuple[str, ...]
    silent: bool
    swarm: bool
    scope: ScopeRule | None
    provisional: int = 0


@dataclass(frozen=True, slots=True)
class Tenure:
    """The term of one butler of a project: ``days`` from the first to the last day, or today."""

    butler: str | None
    from_date: str | None
    to_date: str | None
    days: int | None


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """A person or unit (``kind``) that serves or served a project in a role; ``current``: on the day of the
    thresholds."""

    assignment: str
    role: str
    kind: str
    id: str
    name: str | None
    phone: str | None
    unit: str | None
    title: str | None
    from_date: str | None
    to_date: str | None
    stage: str | None
    current: bool


@dataclass(frozen=True, slots=True)
class ProjectDetail:
    """One project: its row of the list, its own fields, everybody who serves or served it, and its butlers in turn;
    ``butler_of_lead_unit``: the butler comes from the lead unit (R18), None where either is unknown."""

    row: ProjectRow
    scope_reason: str | None
    investment_yuan: int | None
    owner: str | None
    national_code: str | None
    note: str | None
    adjustments: tuple[dict[str, object], ...]
    people: tuple[AssignmentRow, ...]
    tenure: tuple[Tenure, ...]
    butler_of_lead_unit: bool | None

    def to_json(self) -> dict[str, object]:
        """The project as ``guanjia project show --json`` prints it: one flat object."""
        flat = {name: getattr(self.row, name) for name in ProjectRow.__slots__}
        apart = ("row", "people", "tenure")
        rest = {item.name: getattr(self, item.name) for item in fields(self) if item.name not in apart}
        people = [{name: getattr(row, name) for name in AssignmentRow.__slots__} for row in self.people]
        tenure = [{name: getattr(row, name) for name in Tenure.__slots__} for row in self.tenure]
        return {**flat, **rest, "people": people, "tenure": tenure}


def project_key(row: ProjectRow, order: ProjectOrder = "table") -> RowKey:
    """A row's key in the orders that are no column's; in others `store.queries.paging.key_reader` reads it."""
    section = {"continuing": 0, "new": 1}.get(row.category, 2)
    table = (section, len(row.number), row.number, row.id)
    if order == "light":
        return (light_rank(row.light), *table)
    return (row.last_contact or "", row.id) if order == "contact" else table


def projects(
    connection: Connection,
    thresholds: LightThresholds,
    *,
    selection: Listing | None = None,
    limit: int = -1,
    index: KeysetIndex | None = None,
    position: int = 0,
) -> list[ProjectRow]:
    """Which projects are there, who serves them, and how are they doing? ``limit`` -1 gives all."""
    selection = selection or listing()
    page, values = page_sql(selection, "p.*", limit, index, position)
    return _rows(connection, thresholds, page, values, selection.order_by)


def project(connection: Connection, project_id: str, thresholds: LightThresholds) -> ProjectDetail | None:
    """What does this project say, and who serves it? None when it is not here."""
    rows = _rows(
        connection, thresholds, "SELECT p.* FROM project p WHERE p.id = :id AND p.deleted = 0", {"id": project_id}
    )
    if not rows:
        return None
    columns = "scope_reason, investment_yuan, owner, national_code, note, coalesce(adjustments, '[]')"
    *own, adjustments = connection.execute(f"SELECT {columns} FROM project WHERE id = ?", (project_id,)).fetchone()
    people = tuple(project_assignments(connection, project_id, thresholds))
    values = (
        rows[0],
        *own,
        tuple(orjson.loads(adjustments)),
        people,
        tenure(people, thresholds),
        _chosen_by_lead_unit(people),
    )
    return ProjectDetail(*values)


def tenure(people: Iterable[AssignmentRow], thresholds: LightThresholds) -> tuple[Tenure, ...]:
    """The butlers of a project in turn, with the length of their terms (R43)."""
    butlers = sorted((row for row in people if row.role == "butler"), key=lambda row: row.from_date or "")
    return tuple(Tenure(row.name, row.from_date, row.to_date, _days(row, thresholds)) for row in butlers)


def _days(assignment: AssignmentRow, thresholds: LightThresholds) -> int | None:
    first = stored_day(assignment.from_date)
    if first is None:
        return None
    today = date.fromisoformat(thresholds.today)
    last = min(stored_day(assignment.to_date) or today, today)
    return max(0, (last - first).days + 1)


def _chosen_by_lead_unit(people: Iterable[AssignmentRow]) -> bool | None:
    """Whether the lead unit has chosen the butler from its own people (R18)."""
    current = [row for row in people if row.current]
    units = {row.name for row in current if row.role == "lead_unit"}
    butlers = {row.unit for row in current if row.role == "butler" and row.unit}
    return butlers <= units if units and butlers else None


def project_assignments(connection: Connection, project_id: str, thresholds: LightThresholds) -> list[AssignmentRow]:
    """Who serves or served this project, in which role, with which phone? Those who serve today first."""
    rows = connection.execute(
        "SELECT a.id, a.role, CASE WHEN a.person_id IS NULL THEN 'unit' ELSE 'person' END, "
        f"{kept_id_sql('coalesce(a.person_id, a.unit_id)')}, coalesce(n.name, u.name), "
        f"coalesce({phone_sql('n')}, {phone_sql('u', 'unit')}), "
        "CASE WHEN a.person_id IS NULL THEN NULL ELSE u.name END, n.title, a.from_date, a.to_date, a.stage, "
        f"{SERVES_TODAY_SQL} FROM assignment a LEFT JOIN person n ON n.id = {kept_id_sql('a.person_id')} "
        f"LEFT JOIN unit u ON u.id = {kept_id_sql('coalesce(a.unit_id, n.unit_id)')} "
        f"WHERE a.project_id = :project AND a.deleted = 0 ORDER BY {SERVES_TODAY_SQL} DESC, a.from_date DESC, "
        f"{SERVING_ORDER_SQL}",
        {"project": project_id, "today": thresholds.today},
    )
    return [AssignmentRow(*(*row[:-1], bool(row[-1]))) for row in rows]


def assignments_of_listed_projects(connection: Connection, today: str) -> list[tuple[str, str, str | None, str | None]]:
    """Which projects are on the list, and who serves them on a day? Project, role, person or else unit, by name; a
    project that nobody serves has one row, without a role."""
    rows = connection.execute(
        "SELECT p.name, coalesce(a.role, ''), n.name, u.name FROM project p "
        f"LEFT JOIN assignment a ON a.project_id = p.id AND {SERVES_TODAY_SQL} "
        f"LEFT JOIN person n ON n.id = {kept_id_sql('a.person_id')} "
        f"LEFT JOIN unit u ON u.id = {kept_id_sql('a.unit_id')} "
        f"WHERE p.deleted = 0 AND NOT {TAKEN_OFF_SQL} ORDER BY length(p.number), p.number, p.id, {SERVING_ORDER_SQL}",
        {"today": today},
    )
    return [(name, role, person, unit) for name, role, person, unit in rows]


def roles_of_listed_projects(connection: Connection, thresholds: LightThresholds) -> list[frozenset[str]]:
    """Which roles are filled today in each of the projects on the list?"""
    rows = connection.execute(
        f"SELECT group_concat(DISTINCT a.role) FROM project p LEFT JOIN assignment a ON a.project_id = p.id "
        f"AND {SERVES_TODAY_SQL} WHERE p.deleted = 0 AND NOT {TAKEN_OFF_SQL} GROUP BY p.id",
        {"today": thresholds.today},
    )
    return [frozenset((roles or "").split(",")) for (roles,) in rows]


def _rows(
    connection: Connection,
    thresholds: LightThresholds,
    page: str,
    values: dict[str, object],
    order_by: str = "ORDER BY p.id",
) -> list[ProjectRow]:
    query = _LIST.format(page=page, order=order_by)
    rows = connection.execute(query, {**values, **light_parameters(thresholds), "swarm_since": thresholds.swarm_since})
    return [_row(thresholds, row) for row in rows]


def _row(thresholds: LightThresholds, row: Row) -> ProjectRow:
    *shown, roles, severity, listed_on, first_stamp, crowd, investment, reason, provisional = row
    since = listed_on or district_time(ms_from_hlc(first_stamp)).date().isoformat()
    light = None if severity is None else LIGHTS[severity]
    lacking = missing_six_ones((roles or "").split(","))
    flags = (is_silent(shown[_LAST_CONTACT], since, thresholds), (crowd or 0) > thresholds.swarm_units)
    values = (*shown, light, lacking, *flags, scope_rule(investment, reason, thresholds), provisional)
    return ProjectRow(*values)


def scope_rule(investment: int | None, reason: str | None, thresholds: LightThresholds) -> ScopeRule | None:
    """By which rule a project needs a butler: its total investment (the threshold included), or a written judgement."""
    if investment is not None and investment >= thresholds.threshold_yuan:
        return "investment"
    return "judgement" if reason else None


def _names_in(role: str) -> str:
    names = f"group_concat(coalesce({shown_name_sql('n')}, u.name), '、' ORDER BY {SERVING_ORDER_SQL})"
    return f"{names} FILTER (WHERE a.role = '{role}') AS {role}"


_LIST = (
    "WITH page AS MATERIALIZED ({page}), "
    f"served AS (SELECT a.project_id, {_names_in('lead_leader')}, {_names_in('butler')}, "
    f"{_names_in('enterprise_contact')}, group_concat(DISTINCT a.role) AS roles FROM assignment a "
    f"LEFT JOIN person n ON n.id = {kept_id_sql('a.person_id')} "
    f"LEFT JOIN unit u ON u.id = {kept_id_sql('a.unit_id')} "
    f"WHERE a.project_id IN (SELECT id FROM page) AND {SERVES_TODAY_SQL} GROUP BY a.project_id), "
    "crowd AS (SELECT project_id, count(DISTINCT unit) AS units FROM ("
    f"SELECT v.project_id, {kept_id_sql('coalesce(n.unit_id, u.id)')} AS unit "
    "FROM visit v, json_each(v.participants) m "
    "LEFT JOIN person n ON n.name = m.value AND n.deleted = 0 AND n.id NOT IN (SELECT id FROM merged_id) "
    "LEFT JOIN unit u ON u.name = m.value "
    f"WHERE v.project_id IN (SELECT id FROM page) AND {_ON_SITE_SQL} UNION "
    f"SELECT v.project_id, {kept_id_sql('n.unit_id')} FROM visit v "
    f"JOIN person n ON n.id = {kept_id_sql('v.author_id')} "
    f"WHERE v.project_id IN (SELECT id FROM page) AND {_ON_SITE_SQL}) GROUP BY project_id) "
    "SELECT p.id, p.number, p.name, p.category, p.stage, served.lead_leader, served.butler, "
    "served.enterprise_contact, coalesce(f.open_issues, 0), "
    f"{LAST_CONTACT_SQL}, served.roles, {WORST_SQL}, {LISTED_ON_SQL}, {FIRST_STAMP_SQL}, "
    f"crowd.units, p.investment_yuan, p.scope_reason, {PROVISIONAL_OF_PROJECT_SQL} "
    "FROM page p LEFT JOIN crowd ON crowd.project_id = p.id "
    "LEFT JOIN served ON served.project_id = p.id LEFT JOIN project_figures f ON f.project_id = p.id "
    "{order}"
)
