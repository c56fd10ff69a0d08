"""A meeting's agenda: the open issues of its departments, their latest steps, and the decisions so far (R13, R34, R36).

Only unfinished issues of the chosen departments are read, by the index of departments; latest steps are read for the
few issues that are visible.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import orjson

from store.db.connection import Connection
from store.domain.issue_lifecycle import FINISHED_STATES
from store.domain.status_lights import Light, LightThresholds
from store.ledger.line import derived_id
from store.queries.co_handling import OF_DEPARTMENTS_SQL, OWED_NAMES_SQL, owed_names
from store.queries.issues import IssueRow, Step, issues_by_id, steps_of_issue
from store.queries.light_sql import LIGHT_SQL, SEVERITY_SQL, light_parameters
from store.queries.name_sql import kept_id_sql, person_name_sql, shown_name_sql
from store.queries.paging import Row
from store.queries.report_rows import OpenIssue


class MeetingIssue(NamedTuple):
    """An open issue on a meeting's agenda; dates are days, people and units names; ``owed`` are the departments whose
    opinion is missing."""

    id: str
    number: str
    title: str
    project_id: str | None
    project: str | None
    department: str | None
    owner: str | None
    due: str | None
    waiting_until: str | None
    state: str
    level: int
    light: Light | None
    owed: str | None = None


class LatestStep(NamedTuple):
    """The latest step of an issue: the act, the moment, the author's name, the text."""

    act: str
    at: str | None
    author: str | None
    text: str | None


class MeetingDecision(NamedTuple):
    """An issue that a meeting discussed, in its current state, and the steps that this meeting decided."""

    row: IssueRow
    steps: tuple[Step, ...]


def meeting_line_id(session: str, project: str) -> str:
    """The id of a meeting's line in a project, derived from the session: known before the line is written, so that a
    decision can refer to it, and the same whenever the meeting is resumed."""
    return derived_id("meeting", session, project)


def departments_with_issues(connection: Connection) -> list[tuple[str | None, str | None]]:
    """Which departments have issues, open or not? Id and name, from the index alone; how many are open:
    `store.queries.report_rows.department_loads`, which reads every issue."""
    rows = connection.execute(
        "SELECT s.department_id, u.name FROM (SELECT DISTINCT department_id FROM issue_state UNION "
        "SELECT department_id FROM co_handler) s "
        "LEFT JOIN unit u ON u.id = s.department_id ORDER BY s.department_id IS NULL, u.name, s.department_id"
    )
    return [(row[0], row[1]) for row in rows]


def meeting_issues(
    connection: Connection, thresholds: LightThresholds, departments: Sequence[str | None]
) -> list[MeetingIssue]:
    """Which open issues do these departments lead or co-handle? The worst light first; None: no department yet."""
    rows: dict[str, Row] = {}
    for department in dict.fromkeys(departments):
        which = OF_DEPARTMENTS_SQL.format(units=kept_id_sql(":department")) if department else "s.department_id IS NULL"
        values = {**light_parameters(thresholds), "department": department}
        rows |= {row[0]: row for row in connection.execute(_CARDS.format(which=which), values)}
    return [MeetingIssue(*row[:-3]) for row in sorted(rows.values(), key=lambda row: row[-3:])]


def latest_steps(connection: Connection, issue_ids: Sequence[str]) -> dict[str, LatestStep]:
    """What is the latest step of each of these issues?"""
    rows = connection.execute(_LATEST_STEPS, (orjson.dumps(list(issue_ids)).decode(),))
    return {row[0]: LatestStep(*row[1:]) for row in rows}


def meeting_decisions(
    connection: Connection, thresholds: LightThresholds, about: Sequence[tuple[str, str]]
) -> list[MeetingDecision]:
    """What did a meeting decide on these issues? ``about`` are pairs: an issue, and the meeting's line in its project.
    In this order; issues that are not here are left out."""
    rows = {row.id: row for row in issues_by_id(connection, thresholds, [issue for issue, _line in about])}
    return [
        MeetingDecision(
            rows[issue], tuple(step for step in steps_of_issue(connection, issue, ()) if step.meeting_id == line)
        )
        for issue, line in about
        if issue in rows
    ]


def discussed_issues(connection: Connection, line_id: str) -> list[tuple[str, str]]:
    """Which issues did the meeting of this line discuss, in all projects whose lines of it are here? Pairs for
    `meeting_decisions`."""
    rows = connection.execute(_DISCUSSED, (line_id,)).fetchall()
    return [(str(issue), str(line)) for line, issues in rows for issue in orjson.loads(issues or "[]")]


def as_open_issue(issue: MeetingDecision | MeetingIssue, latest: str | None = None) -> OpenIssue:
    """The issue as a row of the meeting sheet."""
    row = issue.row if isinstance(issue, MeetingDecision) else issue
    columns = (row.number, row.project, row.title, row.owner, None, row.due, row.waiting_until, row.state, row.level)
    owed = "、".join(owed_names(row.co_handlers)) if isinstance(row, IssueRow) else row.owed
    return OpenIssue(*columns, row.light, latest, owed or None)


_UNFINISHED = f"s.state NOT IN ({', '.join(repr(state) for state in FINISHED_STATES)})"
_CARDS = (
    f"SELECT s.id, i.number, i.title, s.project_id, p.name, u.name, {shown_name_sql('n')}, s.due, s.waiting_until, "
    "s.state, s.level, "
    f"{LIGHT_SQL}, {OWED_NAMES_SQL}, coalesce({SEVERITY_SQL}, 9), coalesce(s.due, '9999'), s.id "
    "FROM issue_state s JOIN issue i ON i.id = s.id "
    "LEFT JOIN project p ON p.id = s.project_id LEFT JOIN unit u ON u.id = s.department_id "
    f"LEFT JOIN person n ON n.id = s.owner_id WHERE {{which}} AND {_UNFINISHED}"
)
_LATEST_STEPS = (
    f"SELECT j.value, t.act, t.at, {person_name_sql('t.author_id')}, coalesce(t.text, t.measure, t.reason) "
    f"FROM json_each(?) j "
    "JOIN issue_step t ON t.id = (SELECT x.id FROM issue_step x WHERE x.issue_id = j.value AND x.deleted = 0 "
    "ORDER BY x.stamp DESC, x.device_id DESC LIMIT 1)"
)
_DISCUSSED = (
    "SELECT m.id, m.issues FROM meeting m WHERE m.session = (SELECT session FROM meeting WHERE id = ?) "
    "AND m.deleted = 0 ORDER BY m.id"
)
