"""The figures of one person or unit: a connection on which every query finds these records alone.

A name that a query reads from is that of a common table expression before it is that of a table: each query is put
behind expressions that are called like the tables and hold the chosen records. So what counts for the district counts
for a person or unit without a second query of anything.

> Of a person count the projects that the person serves as butler, lead leader or secretary today, with all that is
> recorded of them. Of a unit count the issues that it leads and the procedures that it decides, and visits, meetings,
> policies and progress of the projects that these issues are about or that it is the lead unit of; such a project is
> listed as it is, with all its issues. Trainings are of no project: they are not counted.
"""

from __future__ import annotations

from store.db.connection import Connection
from store.ledger.line import is_id
from store.queries.name_sql import same_ids_sql
from store.queries.papers import served_by
from store.queries.project_filters import SERVES_TODAY_SQL

_OF_PROJECTS = (
    "visit", "meeting", "policy_delivery", "progress_report", "assignment", "project_figures", "procedure", "issue",
    "issue_state", "issue_step",
)  # fmt: skip
_OF_ISSUES = ("co_handler", "follow_up")


class ScopedConnection:
    """Runs queries on the chosen records alone: ``chosen`` has the condition of each table."""

    def __init__(self, connection: Connection, chosen: dict[str, str]) -> None:
        self._connection = connection
        self._tables = ", ".join(
            f"{name} AS (SELECT * FROM main.{name} WHERE {where})" for name, where in chosen.items()
        )

    def execute(self, query: str, *values: object) -> Connection:
        """Run a query, which may have expressions of its own; gives its cursor."""
        own = f", {query[5:]}" if query.startswith("WITH ") else f" {query}"
        return self._connection.execute(f"WITH {self._tables}{own}", *values)


def scoped(
    connection: Connection, today: str, *, person: str | None = None, unit: str | None = None
) -> Connection | ScopedConnection:
    """A connection on which what concerns this person or unit alone is found; the connection where neither is named."""
    if person:
        return of_person(connection, person, today)
    return of_unit(connection, unit, today) if unit else connection


def of_person(connection: Connection, person: str, today: str) -> ScopedConnection:
    """A connection on which this person's projects alone are found."""
    projects = _ids(served_by(connection, person, today))
    issues = f"SELECT id FROM main.issue WHERE project_id IN ({projects})"
    chosen = {name: f"project_id IN ({projects})" for name in _OF_PROJECTS}
    return ScopedConnection(connection, _complete(chosen, projects, issues))


def of_unit(connection: Connection, unit: str, today: str) -> ScopedConnection:
    """A connection on which this unit's issues and procedures, and their projects, alone are found."""
    ids = _ids({row[0] for row in connection.execute(same_ids_sql(":unit"), {"unit": unit})})
    issues = f"SELECT id FROM main.issue_state WHERE department_id IN ({ids})"
    rows = connection.execute(
        f"SELECT project_id FROM issue_state WHERE department_id IN ({ids}) AND project_id IS NOT NULL "
        f"UNION SELECT a.project_id FROM assignment a WHERE a.unit_id IN ({ids}) AND a.role = 'lead_unit' "
        f"AND a.project_id IS NOT NULL AND {SERVES_TODAY_SQL}",
        {"today": today},
    )
    projects = _ids({row[0] for row in rows})
    chosen = {name: f"project_id IN ({projects})" for name in _OF_PROJECTS}
    chosen |= {"issue": f"id IN ({issues})", "issue_state": f"department_id IN ({ids})"}
    chosen |= {"issue_step": f"issue_id IN ({issues})", "procedure": f"department_id IN ({ids})"}
    return ScopedConnection(connection, _complete(chosen, projects, issues))


def _complete(chosen: dict[str, str], projects: str, issues: str) -> dict[str, str]:
    of_issues = {name: f"issue_id IN ({issues})" for name in _OF_ISSUES}
    return {**chosen, **of_issues, "project": f"id IN ({projects})"}


def _ids(ids: set[str]) -> str:
    """Ids as a list of SQL; what is no id is none of ours."""
    return ", ".join(f"'{each}'" for each in sorted(ids) if is_id(each))
