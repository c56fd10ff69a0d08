"""What a summary counts and what stands out (R27, R46): figures of a period, the months behind it, and what rules find.

Days compare as text; a period is given by its first and its last day.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from store.connection import Connection
from store.issues import FINISHED
from store.lights import Marks
from store.queries.facts import ON_LIST
from store.queries.lighting import LIGHT, lit
from store.queries.reports import day_of


class Found(NamedTuple):
    """Something that a rule found: ``what`` it is about and ``project`` where; ``amount`` how much, ``day`` since or
    until when."""

    what: str
    project: str | None
    amount: int | None = None
    day: str | None = None


def period_figures(connection: Connection, since: str, until: str) -> dict[str, int]:
    """What was done in this period? Counts by name, in the order in which a summary shows them."""
    values = {"since": since, "until": until}
    return {
        name: int(connection.execute(query.format(within=_WITHIN), values).fetchone()[0] or 0)
        for name, query in _PERIOD.items()
    }


def present_figures(connection: Connection, on: Marks) -> dict[str, int]:
    """How do things stand today? Counts by name."""
    issues = connection.execute(_PRESENT, lit(on)).fetchone()
    listed, waiting = connection.execute(_LISTED, {"today": on.today}).fetchone()
    names = ("open", "red", "yellow", "blue", "level2", "level3", "unapproved")
    return {
        "projects": listed,
        **{name: one or 0 for name, one in zip(names, issues, strict=True)},
        "promises": waiting,
    }


def by_month(connection: Connection, months: Iterable[str]) -> list[tuple[str, int, int, int]]:
    """In each of these months (``YYYY-MM``): how many issues were recorded, how many closed, how many visits made?"""
    counts = {name: dict(connection.execute(query).fetchall()) for name, query in _MONTHS.items()}
    return [(month, *(counts[name].get(month, 0) for name in _MONTHS)) for month in months]


def by_department(connection: Connection, on: Marks, since: str, until: str) -> list[tuple[str | None, int, int, int]]:
    """Each department's issues: open today, overdue today, closed in the period. Those with most open come first."""
    values = {**lit(on), "since": since, "until": until}
    return list(connection.execute(_DEPARTMENTS, values).fetchall())


def by_category(connection: Connection, since: str, until: str) -> list[tuple[str | None, int, int]]:
    """Each category's issues: recorded in the period, open today."""
    return list(connection.execute(_CATEGORIES, {"since": since, "until": until}).fetchall())


# What stands out


def swarms(connection: Connection, on: Marks) -> list[Found]:
    """On which projects were more units than the district allows, within its days (R46)? Units are those of who wrote
    the visit down and of the participants whose name one person alone has."""
    return _found(connection, _SWARMS, since=on.swarm_since, most=on.swarm_units)


def long_overdue(connection: Connection, on: Marks) -> list[Found]:
    """Which issues are overdue for so long that an escalation is proposed? Those due first come first."""
    return _found(connection, _OVERDUE, escalate=on.escalate)


def waited_out(connection: Connection, on: Marks) -> list[Found]:
    """Which issues wait although the day until which they might has passed?"""
    return _found(connection, _WAITED, today=on.today)


def sent_back(connection: Connection, since: str, until: str) -> list[Found]:
    """Which issues were returned or rejected more than once in this period?"""
    return _found(connection, _SENT_BACK, since=since, until=until)


def broken_promises(connection: Connection, on: Marks) -> list[Found]:
    """Which procedures were accepted on a promise whose day has passed?"""
    return _found(connection, _PROMISES, today=on.today)


def untold_policies(connection: Connection) -> list[Found]:
    """Which policies have not been transmitted to every project, and to how many not?"""
    return _found(connection, _UNTOLD)


def behind_schedule(connection: Connection, until: str, points: int) -> list[Found]:
    """Which projects' latest figures up to this day lag behind the months gone by, by more than so many points?"""
    return _found(connection, _BEHIND, month=until[:7], points=points)


def _found(connection: Connection, query: str, **values: Any) -> list[Found]:
    return [Found(*row) for row in connection.execute(query, values)]


_WITHIN = "BETWEEN :since AND :until"
_OPEN_STATES = f"s.state NOT IN ({', '.join(repr(state) for state in FINISHED)})"
_STEP_DAY = f"substr(coalesce(t.at, {day_of('(t.stamp >> 16)')}), 1, 10)"
_CLOSED_DAY = day_of("s.closed_at")
_RAISED = "substr(coalesce(i.raised_at, ''), 1, 10)"
_OUT_OF_TURN = "SELECT w.value FROM issue_state s, json_each(coalesce(s.out_of_turn, '[]')) w WHERE s.id = t.issue_id"
_STEPS = (
    "SELECT count({what}) FROM issue_step t WHERE t.act = '{act}' AND t.deleted = 0 AND "
    + f"t.id NOT IN ({_OUT_OF_TURN}) AND {_STEP_DAY} {{{{within}}}}"
)
_PERIOD = {
    "visits": "SELECT count(*) FROM visit v WHERE v.deleted = 0 AND substr(v.at, 1, 10) {within}",
    "visited": "SELECT count(DISTINCT v.project_id) FROM visit v WHERE v.deleted = 0 AND substr(v.at, 1, 10) {within}",
    "meetings": "SELECT count(DISTINCT m.session) FROM meeting m WHERE m.deleted = 0 AND substr(m.at, 1, 10) {within}",
    "recorded": f"SELECT count(*) FROM issue i WHERE i.deleted = 0 AND {_RAISED} {{within}}",
    "settled": _STEPS.format(what="DISTINCT t.issue_id", act="settled"),
    "closed": f"SELECT count(*) FROM issue_state s WHERE {_CLOSED_DAY} {{within}}",
    "returned": _STEPS.format(what="*", act="returned"),
    "disputed": _STEPS.format(what="*", act="disputed"),
    "escalated": _STEPS.format(what="*", act="escalated"),
    "reopened": _STEPS.format(what="*", act="reopened"),
    "told": _STEPS.format(what="*", act="told"),
    "granted": "SELECT count(*) FROM procedure k WHERE k.deleted = 0 AND k.status = 'granted' AND k.day {within}",
    "deliveries": "SELECT count(*) FROM policy_delivery d WHERE d.deleted = 0 AND substr(d.at, 1, 10) {within}",
    "trainings": "SELECT count(*) FROM training t WHERE t.deleted = 0 AND substr(t.at, 1, 10) {within}",
}
_PRESENT = (
    f"SELECT count(*), sum({LIGHT} = 'red'), sum({LIGHT} = 'yellow'), sum({LIGHT} = 'blue'), "
    "sum(s.state = 'escalated' AND s.level = 2), sum(s.state = 'escalated' AND s.level = 3), "
    f"sum(s.state IN ('settled', 'pending_approval')) FROM issue_state s WHERE {_OPEN_STATES}"
)
_BROKEN = "k.deleted = 0 AND k.status = 'conditional' AND k.promise_due < :today"
_LISTED = f"SELECT (SELECT count(*) FROM project p WHERE {ON_LIST}), (SELECT count(*) FROM procedure k WHERE {_BROKEN})"
_MONTHS = {
    "recorded": "SELECT substr(i.raised_at, 1, 7), count(*) FROM issue i WHERE i.deleted = 0 GROUP BY 1",
    "closed": f"SELECT substr({day_of('s.closed_at')}, 1, 7), count(*) FROM issue_state s "
    "WHERE s.closed_at IS NOT NULL GROUP BY 1",
    "visits": "SELECT substr(v.at, 1, 7), count(*) FROM visit v WHERE v.deleted = 0 GROUP BY 1",
}
_DEPARTMENTS = (
    f"SELECT u.name, sum({_OPEN_STATES}) AS open, coalesce(sum({LIGHT} = 'red'), 0), "
    f"coalesce(sum(s.closed_at IS NOT NULL AND {day_of('s.closed_at')} {_WITHIN}), 0) AS closed FROM issue_state s "
    "LEFT JOIN unit u ON u.id = s.department_id GROUP BY s.department_id HAVING open > 0 OR closed > 0 "
    "ORDER BY open DESC, u.name"
)
_CATEGORIES = (
    f"SELECT i.category, sum({_RAISED} {_WITHIN}) AS recorded, coalesce(sum({_OPEN_STATES}), 0) AS open FROM issue i "
    "JOIN issue_state s ON s.id = i.id WHERE i.deleted = 0 GROUP BY i.category HAVING recorded > 0 OR open > 0 "
    "ORDER BY recorded DESC, i.category"
)
_SWARMS = (
    "WITH near AS (SELECT v.project_id, v.author_id, v.participants FROM visit v WHERE v.deleted = 0 "
    "AND v.at >= :since AND v.how IN ('visit', 'discussion', 'meeting')), "
    "there AS (SELECT near.project_id, n.unit_id FROM near JOIN person n ON n.id = near.author_id UNION "
    "SELECT near.project_id, min(n.unit_id) FROM near, json_each(coalesce(near.participants, '[]')) w "
    "JOIN person n ON n.name = w.value AND n.deleted = 0 GROUP BY near.project_id, w.value "
    "HAVING count(DISTINCT n.id) = 1) "
    "SELECT p.name, p.name, count(DISTINCT there.unit_id) AS units, :since FROM there "
    "JOIN project p ON p.id = there.project_id GROUP BY p.id HAVING units > :most ORDER BY units DESC, p.name"
)
_ISSUE = "i.number || ' ' || i.title, p.name"
_OF_ISSUE = "FROM issue_state s JOIN issue i ON i.id = s.id LEFT JOIN project p ON p.id = s.project_id"
_OVERDUE = (
    f"SELECT {_ISSUE}, s.level + 1, s.due {_OF_ISSUE} WHERE s.state IN ('assigned', 'in_progress', 'waiting') "
    "AND s.level < 3 AND s.due < :escalate ORDER BY s.due, s.id"
)
_WAITED = (
    f"SELECT {_ISSUE}, NULL, s.waiting_until {_OF_ISSUE} WHERE s.state = 'waiting' AND s.waiting_until < :today "
    "ORDER BY s.waiting_until, s.id"
)
_SENT_BACK = (
    f"SELECT {_ISSUE}, (SELECT count(*) FROM issue_step t WHERE t.issue_id = s.id AND t.deleted = 0 AND t.act IN "
    f"('returned', 'rejected') AND {_STEP_DAY} {_WITHIN}) AS times, NULL {_OF_ISSUE} WHERE times > 1 "
    "ORDER BY times DESC, s.id"
)
_PROMISES = (
    "SELECT k.name, p.name, NULL, k.promise_due FROM procedure k JOIN project p ON p.id = k.project_id "
    f"WHERE {_BROKEN} ORDER BY k.promise_due, k.id"
)
_UNTOLD = (
    f"SELECT d.title, NULL, (SELECT count(*) FROM project p WHERE {ON_LIST} AND NOT EXISTS (SELECT 1 FROM "
    "policy_delivery x WHERE x.policy_id = d.id AND x.project_id = p.id AND x.act = 'transmit' AND x.deleted = 0)) "
    "AS untold, d.issued FROM policy d WHERE d.deleted = 0 AND untold > 0 ORDER BY d.issued, d.id"
)
_LAG = "CAST(substr(k.month, 6) AS INTEGER) * 100.0 / 12 - k.done * 100.0 / k.planned"
_BEHIND = (
    f"SELECT k.month, p.name, CAST(round({_LAG}) AS INTEGER), k.month FROM progress_report k "
    f"JOIN project p ON p.id = k.project_id WHERE {ON_LIST} AND k.deleted = 0 AND k.planned > 0 AND k.done IS NOT NULL "
    "AND k.month = (SELECT max(x.month) FROM progress_report x WHERE x.project_id = k.project_id AND x.deleted = 0 "
    f"AND x.month <= :month) AND {_LAG} > :points ORDER BY {_LAG} DESC, p.name"
)
