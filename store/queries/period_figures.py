"""The figures and findings of a summary (R27, R46): counts of a period, of months, and what rules find.

Days compare as text; a period is given by its first and its last day.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from store.db.connection import Connection
from store.domain.file_rules import HAS_RULES_SQL, lacks_files_sql
from store.domain.issue_lifecycle import FINISHED_STATES
from store.domain.status_lights import LightThresholds
from store.queries.co_handling import ASKED_AT_SQL, IS_OWED_SQL, OWED_COUNTS_SQL
from store.queries.evaluation_facts import ON_LIST
from store.queries.figure_scope import ScopedConnection
from store.queries.light_sql import LIGHT_SQL, light_parameters
from store.queries.name_sql import kept_id_sql
from store.queries.report_rows import STEP_DAY_SQL, day_sql
from store.writer.project_figures import DUE_SQL


class RuleFinding(NamedTuple):
    """A finding of a rule: ``what`` it is about, in which ``project``; ``amount`` how much, ``day`` since or until
    when; ``kind`` and ``id`` of the line that it is about."""

    what: str
    project: str | None
    amount: int | None = None
    day: str | None = None
    kind: str | None = None
    id: str | None = None


class DepartmentFigures(NamedTuple):
    """A department's issues, None where they have none yet: those it leads that are open today, and with which light,
    or were closed in the period; ``owed``: of how many that others lead it owes its opinion today."""

    department: str | None
    open: int
    red: int
    yellow: int
    blue: int
    closed: int
    owed: int


class MonthFigures(NamedTuple):
    """What was done in a month; ``days`` is the median time from recording to closing of what was closed in it."""

    month: str
    recorded: int
    closed: int
    visits: int
    days: int | None


def period_figures(connection: Connection, since: str, until: str) -> dict[str, int]:
    """What was done in this period? Counts by name, in the order in which a summary shows them; without trainings where
    one person or unit is asked about."""
    values = {"since": since, "until": until}
    acts = {act: (steps, issues) for act, steps, issues in connection.execute(_STEPS, values)}
    return {
        name: acts.get(name, (0, 0))[name == "settled"]
        if query is None
        else int(connection.execute(query, values).fetchone()[0] or 0)
        for name, query in _PERIOD.items()
        if name != "trainings" or not isinstance(connection, ScopedConnection)
    }


def current_figures(connection: Connection, thresholds: LightThresholds) -> dict[str, int]:
    """What are the current figures? Counts by name."""
    issues = connection.execute(_PRESENT, light_parameters(thresholds)).fetchone()
    listed, waiting = connection.execute(_LISTED, {"today": thresholds.today}).fetchone()
    names = ("open", "red", "yellow", "blue", "level2", "level3", "owed", "unapproved")
    return {
        "projects": listed,
        **{name: count or 0 for name, count in zip(names, issues, strict=True)},
        "promises": waiting,
    }


def by_month(connection: Connection, months: Iterable[str]) -> list[MonthFigures]:
    """In each of these months (``YYYY-MM``): how many issues were recorded, how many closed and how quickly, how many
    visits made?"""
    recorded, closed, visits, days = (dict(connection.execute(query).fetchall()) for query in _MONTHS.values())
    return [
        MonthFigures(month, recorded.get(month, 0), closed.get(month, 0), visits.get(month, 0), days.get(month))
        for month in months
    ]


def closing_times(connection: Connection, since: str, until: str) -> tuple[list[int], int | None]:
    """How long did the issues closed in this period take? How many in each of `DAY_BANDS`, and the median in days."""
    values = {"since": since, "until": until}
    counted = dict(connection.execute(_CLOSING, values).fetchall())
    return [counted.get(band, 0) for band in range(len(DAY_BANDS))], connection.execute(_MEDIAN, values).fetchone()[0]


def ageing(connection: Connection, thresholds: LightThresholds) -> list[int]:
    """For how long have the open issues been open? How many in each of `DAY_BANDS`."""
    counted = dict(connection.execute(_AGEING, {"today": thresholds.today}).fetchall())
    return [counted.get(band, 0) for band in range(len(DAY_BANDS))]


def by_department(
    connection: Connection, thresholds: LightThresholds, since: str, until: str
) -> list[DepartmentFigures]:
    """Each department's issues: open today and with which light, closed in the period; and of how many others it owes
    its opinion. Those with most open come first."""
    values = {**light_parameters(thresholds), "since": since, "until": until}
    return [DepartmentFigures(*row) for row in connection.execute(_DEPARTMENTS, values)]


def by_category(connection: Connection, since: str, until: str) -> list[tuple[str | None, int, int]]:
    """Each category's issues: recorded in the period, open today."""
    return list(connection.execute(_CATEGORIES, {"since": since, "until": until}).fetchall())


DAY_BANDS = ((0, 7), (8, 30), (31, 90), (91, None))
"""In so many days issues are closed, or for so many they are open: from and to, None without end."""


# Findings


def find_swarms(connection: Connection, thresholds: LightThresholds) -> list[RuleFinding]:
    """On which projects were more units than the district allows, within its days (R46)? Units are those of who wrote
    the visit down and of the participants whose name one person alone has."""
    return _findings(connection, _SWARMS, since=thresholds.swarm_since, most=thresholds.swarm_units)


def find_long_overdue(connection: Connection, thresholds: LightThresholds) -> list[RuleFinding]:
    """Which issues are overdue for so long that an escalation is proposed? Those due first come first."""
    return _findings(connection, _OVERDUE, escalate=thresholds.escalate_due)


def find_expired_waits(connection: Connection, thresholds: LightThresholds) -> list[RuleFinding]:
    """Which issues wait although the day until which they might has passed?"""
    return _findings(connection, _WAITED, today=thresholds.today)


def find_owed_opinions(connection: Connection, thresholds: LightThresholds) -> list[RuleFinding]:
    """For which issues have departments owed their opinion for so long that an issue without progress turns yellow?
    ``what`` names the issue and the departments, ``day`` is since when the first of them is asked."""
    return _findings(connection, _UNSPOKEN, stale_ms=thresholds.stale_before_ms)


def find_repeated_returns(connection: Connection, since: str, until: str) -> list[RuleFinding]:
    """Which issues were returned or rejected more than once in this period?"""
    return _findings(connection, _SENT_BACK, since=since, until=until)


def find_broken_promises(connection: Connection, thresholds: LightThresholds) -> list[RuleFinding]:
    """Which procedures were accepted on a promise whose day has passed?"""
    return _findings(connection, _PROMISES, today=thresholds.today)


def find_untransmitted_policies(connection: Connection) -> list[RuleFinding]:
    """Which policies have not been transmitted to every project, and to how many not?"""
    return _findings(connection, _UNTOLD)


def find_behind_schedule(connection: Connection, until: str, points: int) -> list[RuleFinding]:
    """Which projects' latest figures up to this day lag behind the months gone by, by more than so many points?"""
    return _findings(connection, _BEHIND, month=until[:7], points=points)


def _findings(connection: Connection, query: str, **values: object) -> list[RuleFinding]:
    return [RuleFinding(*row) for row in connection.execute(query, values)]


_WITHIN = "BETWEEN :since AND :until"
_OPEN_STATES = f"s.state NOT IN ({', '.join(repr(state) for state in FINISHED_STATES)})"
_CLOSED_DAY = day_sql("s.closed_at")
_RAISED = "substr(coalesce(i.raised_at, ''), 1, 10)"
_OUT_OF_TURN = "SELECT w.value FROM issue_state s, json_each(coalesce(s.out_of_turn, '[]')) w WHERE s.id = t.issue_id"
_ACTS = ("settled", "returned", "disputed", "escalated", "reopened", "told")
_STEPS = (
    "SELECT t.act, count(*), count(DISTINCT t.issue_id) FROM issue_step t "
    f"WHERE t.act IN ({', '.join(repr(act) for act in _ACTS)}) AND t.deleted = 0 AND {STEP_DAY_SQL} {_WITHIN} "
    f"AND t.id NOT IN ({_OUT_OF_TURN}) GROUP BY t.act"
)
"""All steps in one pass, since no other kind has as many lines."""
_VISITS = f"FROM visit v WHERE v.deleted = 0 AND substr(v.at, 1, 10) {_WITHIN}"
_PERIOD: dict[str, str | None] = {
    "visits": f"SELECT count(*) {_VISITS}",
    "visited": f"SELECT count(DISTINCT v.project_id) {_VISITS}",
    "meetings": f"SELECT count(DISTINCT session) FROM meeting WHERE deleted = 0 AND substr(at, 1, 10) {_WITHIN}",
    "recorded": f"SELECT count(*) FROM issue i WHERE i.deleted = 0 AND {_RAISED} {_WITHIN}",
    "settled": None,
    "without_files": "SELECT count(DISTINCT t.issue_id) FROM issue_step t JOIN issue i ON i.id = t.issue_id "
    f"WHERE {HAS_RULES_SQL} AND t.act = 'settled' AND t.deleted = 0 AND {STEP_DAY_SQL} {_WITHIN} "
    f"AND t.id NOT IN ({_OUT_OF_TURN}) AND {lacks_files_sql(STEP_DAY_SQL)}",
    "closed": f"SELECT count(*) FROM issue_state s WHERE {_CLOSED_DAY} {_WITHIN}",
    **dict.fromkeys(_ACTS[1:]),
    "granted": f"SELECT count(*) FROM procedure k WHERE k.deleted = 0 AND k.status = 'granted' AND k.day {_WITHIN}",
    "deliveries": f"SELECT count(*) FROM policy_delivery d WHERE d.deleted = 0 AND substr(d.at, 1, 10) {_WITHIN}",
    "trainings": f"SELECT count(*) FROM training t WHERE t.deleted = 0 AND substr(t.at, 1, 10) {_WITHIN}",
}
"""By name, in the order in which they are shown; None where `_STEPS` counts it (issues settled, other steps)."""
_PRESENT = (
    f"SELECT count(*), sum({LIGHT_SQL} = 'red'), sum({LIGHT_SQL} = 'yellow'), sum({LIGHT_SQL} = 'blue'), "
    "sum(s.state = 'escalated' AND s.level = 2), sum(s.state = 'escalated' AND s.level = 3), "
    f"sum({IS_OWED_SQL}), "
    f"sum(s.state IN ('settled', 'pending_approval')) FROM issue_state s WHERE {_OPEN_STATES}"
)
_BROKEN = "k.deleted = 0 AND k.status = 'conditional' AND k.promise_due < :today"
_LISTED = f"SELECT (SELECT count(*) FROM project p WHERE {ON_LIST}), (SELECT count(*) FROM procedure k WHERE {_BROKEN})"
_MONTHS = {
    "recorded": "SELECT substr(i.raised_at, 1, 7), count(*) FROM issue i WHERE i.deleted = 0 GROUP BY 1",
    "closed": f"SELECT substr({day_sql('s.closed_at')}, 1, 7), count(*) FROM issue_state s "
    "WHERE s.closed_at IS NOT NULL GROUP BY 1",
    "visits": "SELECT substr(v.at, 1, 7), count(*) FROM visit v WHERE v.deleted = 0 GROUP BY 1",
}
_AGE = "max(0, CAST(julianday({to}) - julianday(coalesce({raised}, {to})) AS INTEGER))"
_RAISED_DAY = f"nullif({_RAISED}, '')"
_BAND = (
    "CASE " + " ".join(f"WHEN days <= {end} THEN {n}" for n, (_, end) in enumerate(DAY_BANDS) if end) + " ELSE 3 END"
)
_CLOSED = (
    f"SELECT {_CLOSED_DAY} AS day, {_AGE.format(to=_CLOSED_DAY, raised=_RAISED_DAY)} AS days FROM issue_state s "
    "JOIN issue i ON i.id = s.id WHERE s.closed_at IS NOT NULL"
)
_CLOSING = f"SELECT {_BAND}, count(*) FROM ({_CLOSED}) WHERE day {_WITHIN} GROUP BY 1"
_MIDDLE = "SELECT {what}CAST(round(avg(days)) AS INTEGER) FROM ({ranked}) WHERE n IN ((c + 1) / 2, (c + 2) / 2)"
_MEDIAN = _MIDDLE.format(
    what="",
    ranked=f"SELECT days, row_number() OVER (ORDER BY days) AS n, count(*) OVER () AS c FROM ({_CLOSED}) "
    f"WHERE day {_WITHIN}",
)
_MONTHS["days"] = _MIDDLE.format(
    what="month, ",
    ranked="SELECT month, days, row_number() OVER (PARTITION BY month ORDER BY days) AS n, "
    f"count(*) OVER (PARTITION BY month) AS c FROM (SELECT substr(day, 1, 7) AS month, days FROM ({_CLOSED}))",
) + " GROUP BY month"  # fmt: skip
_AGEING = (
    f"SELECT {_BAND}, count(*) FROM (SELECT {_AGE.format(to=':today', raised=_RAISED_DAY)} AS days FROM issue_state s "
    f"JOIN issue i ON i.id = s.id WHERE {_OPEN_STATES}) GROUP BY 1"
)
_DEPARTMENTS = (
    f"WITH led AS (SELECT s.department_id, sum({_OPEN_STATES}) AS open, sum({LIGHT_SQL} = 'red') AS red, "
    f"sum({LIGHT_SQL} = 'yellow') AS yellow, sum({LIGHT_SQL} = 'blue') AS blue, "
    f"sum(s.closed_at IS NOT NULL AND {day_sql('s.closed_at')} {_WITHIN}) AS closed FROM issue_state s "
    f"GROUP BY s.department_id HAVING open > 0 OR closed > 0), owing AS ({OWED_COUNTS_SQL}) "
    "SELECT u.name, coalesce(l.open, 0) AS open, coalesce(l.red, 0), coalesce(l.yellow, 0), coalesce(l.blue, 0), "
    "coalesce(l.closed, 0), coalesce(o.owed, 0) FROM led l FULL JOIN owing o ON o.department_id = l.department_id "
    "LEFT JOIN unit u ON u.id = coalesce(l.department_id, o.department_id) ORDER BY open DESC, u.name"
)
_CATEGORIES = (
    f"SELECT i.category, sum({_RAISED} {_WITHIN}) AS recorded, coalesce(sum({_OPEN_STATES}), 0) AS open FROM issue i "
    "JOIN issue_state s ON s.id = i.id WHERE i.deleted = 0 GROUP BY i.category HAVING recorded > 0 OR open > 0 "
    "ORDER BY recorded DESC, i.category"
)
_SWARMS = (
    "WITH near AS (SELECT v.project_id, v.author_id, v.participants FROM visit v WHERE v.deleted = 0 "
    "AND v.at >= :since AND v.how IN ('visit', 'discussion', 'meeting')), "
    "alone AS (SELECT name, min(unit_id) AS unit_id FROM person WHERE deleted = 0 "
    "AND id NOT IN (SELECT id FROM merged_id) GROUP BY name HAVING count(*) = 1), "
    f"there AS (SELECT near.project_id, n.unit_id FROM near JOIN person n ON n.id = {kept_id_sql('near.author_id')} "
    "UNION "
    "SELECT near.project_id, alone.unit_id FROM near, json_each(coalesce(near.participants, '[]')) w "
    "JOIN alone ON alone.name = w.value) "
    f"SELECT p.name, p.name, count(DISTINCT {kept_id_sql('there.unit_id')}) AS units, :since, 'project', p.id "
    "FROM there "
    "JOIN project p ON p.id = there.project_id GROUP BY p.id HAVING units > :most ORDER BY units DESC, p.name"
)
_ISSUE = "i.number || ' ' || i.title, p.name"
_OF_ISSUE = "FROM issue_state s JOIN issue i ON i.id = s.id LEFT JOIN project p ON p.id = s.project_id"
_OVERDUE = (
    f"SELECT {_ISSUE}, s.level + 1, s.due, 'issue', s.id {_OF_ISSUE} "
    f"WHERE s.state IN ('assigned', 'in_progress', 'waiting') AND s.level < 3 AND {DUE_SQL} <= :escalate "
    "ORDER BY s.due, s.id"
)
_WAITED = (
    f"SELECT {_ISSUE}, NULL, s.waiting_until, 'issue', s.id {_OF_ISSUE} "
    "WHERE s.state = 'waiting' AND s.waiting_until < :today ORDER BY s.waiting_until, s.id"
)
_UNSPOKEN = (
    f"SELECT i.number || ' ' || i.title || ' · ' || group_concat(coalesce(d.name, c.department_id), '、' "
    f"ORDER BY c.place), p.name, NULL, {day_sql(f'min({ASKED_AT_SQL})')} AS day, 'issue', s.id {_OF_ISSUE} "
    "JOIN co_handler c ON c.issue_id = s.id LEFT JOIN unit d ON d.id = c.department_id "
    f"WHERE c.owed AND {ASKED_AT_SQL} < :stale_ms GROUP BY s.id ORDER BY day, s.id"
)
_SENT_BACK = (
    f"SELECT {_ISSUE}, (SELECT count(*) FROM issue_step t WHERE t.issue_id = s.id AND t.deleted = 0 AND t.act IN "
    f"('returned', 'rejected') AND {STEP_DAY_SQL} {_WITHIN}) AS times, NULL, 'issue', s.id {_OF_ISSUE} WHERE times > 1 "
    "ORDER BY times DESC, s.id"
)
_PROMISES = (
    "SELECT k.name, p.name, NULL, k.promise_due, 'procedure', k.id FROM procedure k "
    f"JOIN project p ON p.id = k.project_id WHERE {_BROKEN} ORDER BY k.promise_due, k.id"
)
_UNTOLD = (
    f"SELECT d.title, NULL, (SELECT count(*) FROM project p WHERE {ON_LIST} AND NOT EXISTS (SELECT 1 FROM "
    "policy_delivery x WHERE x.policy_id = d.id AND x.project_id = p.id AND x.act = 'transmit' AND x.deleted = 0)) "
    "AS untold, d.issued, 'policy', d.id FROM policy d WHERE d.deleted = 0 AND untold > 0 ORDER BY d.issued, d.id"
)
_LAG = "CAST(substr(k.month, 6) AS INTEGER) * 100.0 / 12 - k.done * 100.0 / k.planned"
_BEHIND = (
    f"SELECT k.month, p.name, CAST(round({_LAG}) AS INTEGER), k.month, 'project', p.id FROM progress_report k "
    f"JOIN project p ON p.id = k.project_id WHERE {ON_LIST} AND k.deleted = 0 AND k.planned > 0 AND k.done IS NOT NULL "
    "AND k.month = (SELECT max(x.month) FROM progress_report x WHERE x.project_id = k.project_id AND x.deleted = 0 "
    f"AND x.month <= :month) AND {_LAG} > :points ORDER BY {_LAG} DESC, p.name"
)
