"""What a form's field for names offers, before anything is typed and while one types."""

from __future__ import annotations

from store.db.connection import Connection
from store.db.meta import read_device_state
from store.domain.status_lights import LightThresholds
from store.queries import issues, name_lookup, projects, visits
from store.queries.issues import IssueFilter
from store.search.session import find
from tui.i18n.translate import value_label
from tui.presenters.projects import ROLE_ORDER, role_rank
from tui.widgets.autocomplete import MAX_SUGGESTIONS, Suggestion

_RECENT = 40
ISSUE_NUMBER_FIELD = "issue number"
"""What a field asks for that names issues by their numbers: titles have commas in them, and it names several."""


def initial_suggestions(
    connection: Connection, kind: str, project: str | None, thresholds: LightThresholds
) -> list[Suggestion]:
    """Who serves the project; the projects visited last; its newest issues; policies."""
    if kind == "person" and project:
        serving = sorted(
            projects.project_assignments(connection, project, thresholds), key=lambda one: role_rank(one.role)
        )
        serving = [one for one in serving if one.current and one.kind == "person"]
        return [
            Suggestion(one.name or "", value_label("assignment.role", one.role), one.id) for one in serving if one.name
        ]
    if kind == "project":
        recent = {row.project_id: row.project for row in visits.visits(connection, limit=_RECENT) if row.project}
        shown = [Suggestion(name or "", "", line_id) for line_id, name in recent.items()]
        return shown[:MAX_SUGGESTIONS] or [
            Suggestion(row.name, row.number, row.id)
            for row in projects.projects(connection, thresholds, limit=MAX_SUGGESTIONS)
        ]
    if kind in ("issue", ISSUE_NUMBER_FIELD):
        newest = issues.issues(connection, thresholds, IssueFilter(project=project), limit=MAX_SUGGESTIONS)
        return [_issue(kind, row.title, row.number, row.id) for row in newest]
    if kind == "policy":
        known = name_lookup.list_named(connection, "policy")[:MAX_SUGGESTIONS]
        return [Suggestion(one.name, one.number or one.hint or "", one.id) for one in known]
    return []


def _issue(kind: str, title: str, number: str | None, line_id: str) -> Suggestion:
    if kind == ISSUE_NUMBER_FIELD and number:
        return Suggestion(number, title, line_id)
    return Suggestion(title, number or "", line_id)


def matching_suggestions(
    connection: Connection, kind: str, text: str, project: str | None = None, thresholds: LightThresholds | None = None
) -> list[Suggestion]:
    """What the lookup finds among the lines of this kind; of people those who serve the ``project`` come first."""
    if kind == ISSUE_NUMBER_FIELD:
        found = find(connection, text, kind="issue", limit=MAX_SUGGESTIONS)
        return [_issue(kind, hit.title, hit.number, hit.id) for hit in found]
    if kind == "person" and project and thresholds:
        return _people(connection, text, project, thresholds)
    hits = find(connection, text, kind=kind, limit=MAX_SUGGESTIONS)
    return [
        Suggestion(hit.title, hit.number or hit.snippet if kind != "person" else hit.snippet, hit.id) for hit in hits
    ]


def _people(connection: Connection, text: str, project: str, thresholds: LightThresholds) -> list[Suggestion]:
    """Whom the lookup finds, those who serve the project first, with what they are there."""
    serving = {one.id: one.role for one in projects.project_assignments(connection, project, thresholds) if one.current}
    hits = find(connection, text, kind="person", limit=_RECENT)
    hits.sort(key=lambda hit: role_rank(serving[hit.id]) if hit.id in serving else len(ROLE_ORDER) + 1)
    return [
        Suggestion(
            hit.title, value_label("assignment.role", serving[hit.id]) if hit.id in serving else hit.snippet, hit.id
        )
        for hit in hits[:MAX_SUGGESTIONS]
    ]


def last_visited(connection: Connection) -> tuple[str, str] | None:
    """The project of this person's latest visit, as id and name; of anybody's, if they logged none lately."""
    me = read_device_state(connection).get("person_name")
    recent = [row for row in visits.visits(connection, limit=_RECENT) if row.project_id and row.project]
    mine = [row for row in recent if row.author == me] or recent
    return (str(mine[0].project_id), str(mine[0].project)) if mine else None
