"""What is kept of each project beside its lines, so that lists and a day read one row a project (table
``project_figures``): its open issues, what their lights follow from, and the latest contact.

The figures are written in the transaction that changes visits or states of issues, and say nothing of the present day:
of a project's lights the worst follows from the earliest due date, limit and until-date and the oldest progress,
whatever day it is (`store.queries.light_sql.WORST_SQL`). Derived, local, recomputable at any time.
"""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from store.db.connection import Connection
from store.db.database import Database
from store.domain.issue_lifecycle import FINISHED_STATES, STATES
from store.domain.status_lights import LIGHT_STATES

UNFINISHED_STATES_SQL = ", ".join(f"'{state}'" for state in STATES if state not in FINISHED_STATES)
LIGHT_STATES_SQL = ", ".join(f"'{state}'" for state in LIGHT_STATES)
DUE_SQL = "CASE WHEN s.state = 'waiting' AND s.waiting_until > s.due THEN s.waiting_until ELSE s.due END"
"""`store.domain.status_lights.effective_due` of the issue ``issue_state s``."""
IN_TURN_SQL = "t.id NOT IN (SELECT value FROM json_each(coalesce(s.out_of_turn, '[]')))"
"""Whether the step ``t`` of the issue ``issue_state s`` was allowed when it was done, so that it counts."""
_COLUMNS = "project_id, open_issues, due, waiting_until, progress_at, limit_at, progress_until, last_contact"
_FIGURES = (
    f"SELECT g.value, count(s.id), min({DUE_SQL}) FILTER (WHERE s.state IN ({LIGHT_STATES_SQL})), "
    "min(s.waiting_until) FILTER (WHERE s.state = 'waiting'), "
    f"min(s.progress_at) FILTER (WHERE s.state IN ({LIGHT_STATES_SQL}) AND s.progress_until IS NULL), "
    "min(s.limit_at), min(s.progress_until), "
    "(SELECT v.at FROM visit v WHERE v.project_id = g.value AND v.deleted = 0 ORDER BY v.at DESC LIMIT 1) AS contact "
    f"FROM {{projects}} g LEFT JOIN issue_state s ON s.project_id = g.value AND s.state IN ({UNFINISHED_STATES_SQL}) "
    "GROUP BY g.value HAVING count(s.id) > 0 OR contact IS NOT NULL ORDER BY g.value"
)
_OF_THESE = _FIGURES.format(projects="json_each(?)")
_OF_ALL = _FIGURES.format(
    projects="(SELECT project_id AS value FROM visit WHERE project_id IS NOT NULL UNION "
    "SELECT project_id FROM issue_state WHERE project_id IS NOT NULL)"
)


def refresh_project_figures(connection: Connection, projects: Iterable[str | None]) -> None:
    """Compute the figures of these projects afresh; None stands for lines of no project."""
    chosen = orjson.dumps(sorted({project for project in projects if project})).decode()
    if chosen == "[]":
        return
    connection.execute("DELETE FROM project_figures WHERE project_id IN (SELECT value FROM json_each(?))", (chosen,))
    connection.execute(f"INSERT INTO project_figures ({_COLUMNS}) {_OF_THESE}", (chosen,))


def wrong_project_figures(connection: Connection) -> list[str]:
    """The projects whose figures are not what their lines say. Reads every visit and every state."""
    kept = {row[0]: row for row in connection.execute(f"SELECT {_COLUMNS} FROM project_figures")}
    computed = {row[0]: row for row in connection.execute(_OF_ALL)}
    return sorted(each for each in kept.keys() | computed.keys() if kept.get(each) != computed.get(each))


def repair_project_figures(database: Database) -> list[str]:
    """Correct the figures that are wrong, in one transaction; gives the projects whose figures these were."""
    with database.write() as connection:
        wrong = wrong_project_figures(connection)
        refresh_project_figures(connection, wrong)
        return wrong
