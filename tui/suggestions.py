"""What a form's field for names offers, before anything is typed and while one types."""

from __future__ import annotations

from store.connection import Connection
from store.lights import Marks
from store.meta import read_meta
from store.queries import projects, visits
from store.search import find
from tui.sheets.projects import rank
from tui.widgets.completing import MOST, Suggestion
from tui.words import word

_RECENT = 40


def before_typing(connection: Connection, kind: str, project: str | None, on: Marks) -> list[Suggestion]:
    """Who serves the project; the projects visited last."""
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
    return []


def while_typing(connection: Connection, kind: str, text: str) -> list[Suggestion]:
    """What the lookup finds among the lines of this kind."""
    hits = find(connection, text, kind=kind, limit=MOST)
    return [
        Suggestion(hit.title, hit.number or hit.snippet if kind != "person" else hit.snippet, hit.id) for hit in hits
    ]


def last_visited(connection: Connection) -> tuple[str, str] | None:
    """The project of this person's latest visit, as id and name; of anybody's, if they logged none lately."""
    me = read_meta(connection).get("person_name")
    recent = [row for row in visits.visits(connection, limit=_RECENT) if row.project_id and row.project]
    mine = [row for row in recent if row.author == me] or recent
    return (str(mine[0].project_id), str(mine[0].project)) if mine else None
