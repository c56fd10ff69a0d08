"""What a form's field for names offers, before anything is typed and while one types."""

from __future__ import annotations

from store.db.connection import Connection
from store.db.meta import read_meta
from store.domain.status_lights import Marks
from store.queries import issues, names, projects, visits
from store.queries.issues import IssueFilter
from store.search.ranking import find
from tui.i18n.translate import word
from tui.presenters.projects import ROLES, rank
from tui.widgets.autocomplete import MOST, Suggestion

_RECENT = 40
BY_NUMBER = "issue number"
"""What a field asks for that names issues by their numbers: titles have commas in them, and it names several."""


def before_typing(connection: Connection, kind: str, project: str | None, on: Marks) -> list[Suggestion]:
    """Who serves the project; the projects visited last; its newest issues; policies."""
    if kind == "person" and project:
        serving = sorted(projects.serving(connection, project, on), key=lambda one: rank(one.role))
        serving = [one for one in serving if one.current and one.kind == "person"]
        return [Suggestion(one.name or "", word("assignment.role", one.role), one.id) for one in serving if one.name]
    if kind == "project":
        recent = {row.project_id: row.project for row in visits.visits(connection, limit=_RECENT) if row.project}
        shown = [Suggestion(name or "", "", line_id) for line_id, name in recent.items()]
        return shown[:MOST] or [
            Suggestion(row.name, row.number, row.id) for row in projects.projects(connection, on, limit=MOST)
        ]
    if kind in ("issue", BY_NUMBER):
        newest = issues.issues(connection, on, IssueFilter(project=project), limit=MOST)
        return [_issue(kind, row.title, row.number, row.id) for row in newest]
    if kind == "policy":
        known = names.known(connection, "policy")[:MOST]
        return [Suggestion(one.name, one.number or one.hint or "", one.id) for one in known]
    return []


def _issue(kind: str, title: str, number: str | None, line_id: str) -> Suggestion:
    if kind == BY_NUMBER and number:
        return Suggestion(number, title, line_id)
    return Suggestion(title, number or "", line_id)


def while_typing(
    connection: Connection, kind: str, text: str, project: str | None = None, on: Marks | None = None
) -> list[Suggestion]:
    """What the lookup finds among the lines of this kind; of people those who serve the ``project`` come first."""
    if kind == BY_NUMBER:
        found = find(connection, text, kind="issue", limit=MOST)
        return [_issue(kind, hit.title, hit.number, hit.id) for hit in found]
    if kind == "person" and project and on:
        return _people(connection, text, project, on)
    hits = find(connection, text, kind=kind, limit=MOST)
    return [
        Suggestion(hit.title, hit.number or hit.snippet if kind != "person" else hit.snippet, hit.id) for hit in hits
    ]


def _people(connection: Connection, text: str, project: str, on: Marks) -> list[Suggestion]:
    """Whom the lookup finds, those who serve the project first, with what they are there."""
    serving = {one.id: one.role for one in projects.serving(connection, project, on) if one.current}
    hits = find(connection, text, kind="person", limit=_RECENT)
    hits.sort(key=lambda hit: rank(serving[hit.id]) if hit.id in serving else len(ROLES) + 1)
    return [
        Suggestion(hit.title, word("assignment.role", serving[hit.id]) if hit.id in serving else hit.snippet, hit.id)
        for hit in hits[:MOST]
    ]


def last_visited(connection: Connection) -> tuple[str, str] | None:
    """The project of this person's latest visit, as id and name; of anybody's, if they logged none lately."""
    me = read_meta(connection).get("person_name")
    recent = [row for row in visits.visits(connection, limit=_RECENT) if row.project_id and row.project]
    mine = [row for row in recent if row.author == me] or recent
    return (str(mine[0].project_id), str(mine[0].project)) if mine else None
