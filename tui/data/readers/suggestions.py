"""What a form's field for names suggests: before anything is typed, and for what is typed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from store import queries
from store.db.connection import Connection
from store.db.device_facts import read_device_facts
from store.domain.status_lights import LightThresholds
from store.queries.issues import IssueFilter
from store.queries.stand_ins import PRINCIPAL_FIELD
from store.search.session import find
from tui.data.readers.device import read_roles
from tui.data.role_order import ROLE_ORDER, role_rank
from tui.data.suggestion import ISSUE_NUMBER_FIELD, MAX_SUGGESTIONS, Suggestion
from tui.i18n.translate import value_label

if TYPE_CHECKING:
    from store.queries.people import ContactKind

_RECENT = 40


def suggest(
    connection: Connection, kind: str, text: str, project: str | None, thresholds: LightThresholds
) -> list[Suggestion]:
    """The lines that a field of this ``kind`` can mean. Where nothing is typed: those who serve the project, or the
    projects visited last."""
    if kind == PRINCIPAL_FIELD:
        return _principals(connection, text, thresholds)
    if not text:
        return initial_suggestions(connection, kind, project, thresholds)
    return matching_suggestions(connection, kind, text, project, thresholds)


def _principals(connection: Connection, text: str, thresholds: LightThresholds) -> list[Suggestion]:
    """In whose place may be written: whom one stands in for, and by the bureau anybody."""
    own = queries.stand_ins.principals_today(connection, thresholds.today)
    label = value_label("assignment.role", "stand_in")
    mine = [Suggestion(name or "", label, line_id) for line_id, name in own if text in (name or "")]
    if not text or "bureau" not in read_roles(connection):
        return mine
    others = matching_suggestions(connection, "person", text, None, thresholds)
    return [*mine, *(each for each in others if each.id not in dict(own))][:MAX_SUGGESTIONS]


def initial_suggestions(
    connection: Connection, kind: str, project: str | None, thresholds: LightThresholds
) -> list[Suggestion]:
    """Who serves the project; the projects visited last; its newest issues; policies."""
    if kind == "person" and project:
        return _serving(connection, project, thresholds)
    if kind == "project":
        return _recent_projects(connection, thresholds)
    if kind in ("issue", ISSUE_NUMBER_FIELD):
        newest = queries.issues.issues(connection, thresholds, IssueFilter(project=project), limit=MAX_SUGGESTIONS)
        return [_issue(kind, row.title, row.number, row.id) for row in newest]
    if kind == "policy":
        policies = queries.name_lookup.list_named(connection, "policy")[:MAX_SUGGESTIONS]
        return [Suggestion(policy.name, policy.number or policy.hint or "", policy.id) for policy in policies]
    return []


def _serving(connection: Connection, project: str, thresholds: LightThresholds) -> list[Suggestion]:
    assignments = queries.projects.project_assignments(connection, project, thresholds)
    people = [each for each in assignments if each.current and each.kind == "person" and each.name]
    people.sort(key=lambda each: role_rank(each.role))
    return [Suggestion(each.name or "", value_label("assignment.role", each.role), each.id) for each in people]


def _recent_projects(connection: Connection, thresholds: LightThresholds) -> list[Suggestion]:
    visits = queries.visits.visits(connection, limit=_RECENT)
    recent = {row.project_id: row.project for row in visits if row.project}
    visited = [Suggestion(name or "", "", line_id) for line_id, name in recent.items()]
    return visited[:MAX_SUGGESTIONS] or [
        Suggestion(row.name, row.number, row.id)
        for row in queries.projects.projects(connection, thresholds, limit=MAX_SUGGESTIONS)
    ]


def _issue(kind: str, title: str, number: str | None, line_id: str) -> Suggestion:
    if kind == ISSUE_NUMBER_FIELD and number:
        return Suggestion(number, title, line_id)
    return Suggestion(title, number or "", line_id)


def matching_suggestions(
    connection: Connection, kind: str, text: str, project: str | None = None, thresholds: LightThresholds | None = None
) -> list[Suggestion]:
    """What the lookup finds among the lines of this kind; of people those who serve the ``project`` come first."""
    if kind == ISSUE_NUMBER_FIELD:
        issues = find(connection, text, kind="issue", limit=MAX_SUGGESTIONS)
        return [_issue(kind, hit.title, hit.number, hit.id) for hit in issues]
    if kind in ("person", "unit"):
        return _contacts(connection, "person" if kind == "person" else "unit", text, project, thresholds)
    hits = find(connection, text, kind=kind, limit=MAX_SUGGESTIONS)
    return [Suggestion(hit.title, hit.number or hit.snippet, hit.id) for hit in hits]


def _contacts(
    connection: Connection, kind: ContactKind, text: str, project: str | None, thresholds: LightThresholds | None
) -> list[Suggestion]:
    """The people or units whom the lookup finds and who have not retired. Of people those who serve the project come
    first, with their role there as hint; namesakes, and all others, with unit and phone."""
    serving: dict[str, str] = {}
    if kind == "person" and project and thresholds:
        assignments = queries.projects.project_assignments(connection, project, thresholds)
        serving = {each.id: each.role for each in assignments if each.current}
    hits = find(connection, text, kind=kind, limit=_RECENT if serving else MAX_SUGGESTIONS * 2)
    hits.sort(key=lambda hit: role_rank(serving[hit.id]) if hit.id in serving else len(ROLE_ORDER) + 1)
    ids = [hit.id for hit in hits]
    gone = queries.people.retired_ids(connection, kind, ids, thresholds.today) if thresholds else set()
    shown = [hit for hit in hits if hit.id not in gone][:MAX_SUGGESTIONS]
    details = queries.people.contact_details(connection, [hit.id for hit in shown]) if kind == "person" else {}
    names = Counter(hit.title for hit in shown)
    suggestions = []
    for hit in shown:
        role = value_label("assignment.role", serving[hit.id]) if hit.id in serving else ""
        detail = details.get(hit.id, "") if not role or names[hit.title] > 1 else ""
        hint = hit.snippet if kind == "unit" else " ".join(filter(None, (role, detail)))
        suggestions.append(Suggestion(hit.title, hint, hit.id))
    return suggestions


def last_visited(connection: Connection) -> tuple[str, str] | None:
    """The project of this person's latest visit, as id and name; of anybody's, if they logged none lately."""
    me = read_device_facts(connection).get("person_name")
    visits = queries.visits.visits(connection, limit=_RECENT)
    recent = [row for row in visits if row.project_id and row.project]
    mine = [row for row in recent if row.author == me] or recent
    return (str(mine[0].project_id), str(mine[0].project)) if mine else None
