"""What needs a person now: issues by why they press, what was refused, what lost, silent projects, unfinished drafts.

Counts are exact; the entries of each group are the first few, and its whole is the ledger narrowed to it
(``store/queries/own_work.py``: `IssueNeed`). Each issue stands in the most pressing group that it belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from store.db.connection import Connection
from store.domain.status_lights import LIGHTS, Light, LightThresholds
from store.home.drafts import FormDraft
from store.ledger.line import is_id
from store.queries.conflicts import Conflict, unresolved_conflicts
from store.queries.evaluation_facts import ON_LIST
from store.queries.light_sql import LIGHT_SQL, SEVERITY_SQL, light_parameters
from store.queries.own_work import NEED_REASON_SQL, Responsibilities, own_responsibilities
from store.queries.project_filters import IS_SILENT_SQL, LAST_CONTACT_SQL, UNFINISHED_STATES_SQL
from store.values.times import district_time, format_moment

NEED_REASONS = ("overdue", "returned", "due", "turn", "refused", "lost", "approval", "stale", "silent", "draft")
"""Why something needs a person, most pressing first."""
ENTRIES_PER_GROUP = 10
"""So many entries of each group are given."""
PROJECT_LIMIT = 50
_NOT_OF_LINES = ("report:", "limit:")
"""Keys of forms that write no line of a project: their drafts are not listed."""


@dataclass(frozen=True, slots=True)
class TodayEntry:
    """One thing that needs a person. ``kind`` and ``line`` say what to open: an issue, a project, a refused line, the
    line of a lost version, or a draft by its key. ``at`` is a day or moment: due, last contact, refused, lost, kept.
    ``detail`` says more: an issue's state, the code of a refusal, who won, what sort of line a draft is for."""

    why: str
    kind: str
    line: str
    title: str | None
    number: str | None = None
    project_id: str | None = None
    project: str | None = None
    light: Light | None = None
    at: str | None = None
    detail: str | None = None
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class TodayGroup:
    """All that needs a person for one reason: how many, and the first of them."""

    why: str
    count: int
    entries: tuple[TodayEntry, ...]


@dataclass(frozen=True, slots=True)
class OwnProject:
    """A project of the person's: the worst light of its issues, how many are open, and when somebody was last there."""

    id: str
    number: str
    name: str
    light: Light | None
    open_issues: int
    last_contact: str | None
    silent: bool


@dataclass(frozen=True, slots=True)
class Today:
    """A person's day. ``projects`` are their own, worst light first, the first few of ``project_count``;
    ``any_project`` tells whether there is a project here at all."""

    responsibilities: Responsibilities
    groups: tuple[TodayGroup, ...]
    projects: tuple[OwnProject, ...]
    project_count: int
    any_project: bool

    def to_json(self) -> dict[str, object]:
        """The day as ``guanjia today --json`` prints it."""
        return {
            "everything": self.responsibilities.everything,
            "groups": [asdict(group) for group in self.groups],
            "projects": [asdict(one) for one in self.projects],
            "project_count": self.project_count,
        }


def today(
    connection: Connection,
    thresholds: LightThresholds,
    drafts: Sequence[FormDraft],
    limit: int = ENTRIES_PER_GROUP,
) -> Today:
    """What needs this person now, and how are their projects doing? ``limit`` entries of each group; ``drafts`` are
    those of `unsaved_drafts`."""
    whose = own_responsibilities(connection, thresholds)
    found = pressing_issues(connection, thresholds, whose, limit)
    found |= {
        "refused": rejected_entries(connection, limit),
        "lost": own_conflicts(connection, whose, limit),
        "silent": silent_projects(connection, thresholds, whose, limit),
        "draft": unfinished_drafts(connection, drafts),
    }
    groups = tuple(found[why] for why in NEED_REASONS if why in found and found[why].count)
    own, count = own_projects(connection, thresholds, whose)
    return Today(whose, groups, own, count, bool(connection.execute(_ANY_PROJECT).fetchone()))


def pressing_issues(
    connection: Connection,
    thresholds: LightThresholds,
    responsibilities: Responsibilities,
    limit: int = ENTRIES_PER_GROUP,
) -> dict[str, TodayGroup]:
    """Which issues need this person, by why, those due first in front?"""
    rows = connection.execute(
        _PRESSING.format(mine=responsibilities.issue_condition),
        {**responsibilities.parameters(thresholds), "shown": limit},
    ).fetchall()
    groups: dict[str, TodayGroup] = {}
    for why, count in dict.fromkeys(row[:2] for row in rows):
        entries = tuple(TodayEntry(why, "issue", *row[2:]) for row in rows if row[0] == why)
        groups[why] = TodayGroup(why, count, entries)
    return groups


def rejected_entries(connection: Connection, limit: int = ENTRIES_PER_GROUP) -> TodayGroup:
    """Which lines did the central refuse, the latest first?"""
    count = connection.execute("SELECT count(*) FROM outbox WHERE state = 'rejected'").fetchone()[0]
    rows = connection.execute(_REFUSED, {"shown": limit}).fetchall()
    entries = []
    for line_id, kind, wire, code, at in rows:
        line = orjson.loads(wire)
        when = None if at is None else format_moment(district_time(at))
        name = _project_name(connection, line["project"])
        entries.append(
            TodayEntry("refused", kind, line_id, None, None, line["project"], name, None, when, code, line["body"])
        )
    return TodayGroup("refused", count, tuple(entries))


def own_conflicts(
    connection: Connection, responsibilities: Responsibilities, limit: int = ENTRIES_PER_GROUP
) -> TodayGroup:
    """Which of this person's own versions lost to somebody and were not dealt with? The latest first."""
    own = [one for one in unresolved_conflicts(connection) if one.author_id == responsibilities.person]
    return TodayGroup("lost", len(own), tuple(map(_conflict_entry, own[:limit])))


def _conflict_entry(conflict: Conflict) -> TodayEntry:
    return TodayEntry(
        "lost",
        conflict.kind,
        conflict.line,
        None,
        None,
        conflict.project_id,
        conflict.project,
        None,
        conflict.lost_at,
        conflict.winner,
        conflict.body,
    )


def silent_projects(
    connection: Connection,
    thresholds: LightThresholds,
    responsibilities: Responsibilities,
    limit: int = ENTRIES_PER_GROUP,
) -> TodayGroup:
    """With which of this person's projects has nobody been in touch for too long? The longest silence first."""
    values = {**responsibilities.parameters(thresholds), "silent": thresholds.silent_before, "shown": limit}
    rows = connection.execute(_SILENT.format(mine=responsibilities.project_condition), values).fetchall()
    entries = tuple(
        TodayEntry("silent", "project", id, name, number, id, name, None, at) for id, name, number, at, _n in rows
    )
    return TodayGroup("silent", rows[0][-1] if rows else 0, entries)


def unfinished_drafts(connection: Connection, drafts: Sequence[FormDraft]) -> TodayGroup:
    """Which forms of lines were left unfinished, the latest first? All of them: nowhere else are they listed. A draft's
    ``line`` is its key."""
    entries = tuple(_draft_entry(connection, one) for one in drafts if not one.key.startswith(_NOT_OF_LINES))
    return TodayGroup("draft", len(entries), entries)


def _draft_entry(connection: Connection, draft: FormDraft) -> TodayEntry:
    """A draft, with the line that it is about or the project that it is for, by name."""
    kind, *rest = draft.key.split(":")
    ids = [part for part in rest if is_id(part)]
    found = connection.execute(_NAME_BY_ID_SQL, {"id": ids[-1]}).fetchone() if ids else None
    what, name, number = found or (None, None, None)
    project = (ids[-1], name) if what == "project" else (None, None)
    at = format_moment(district_time(draft.at))
    values = (kind, draft.key, name, number, *project, None, at, what, draft.body)
    return TodayEntry("draft", *values)


def own_projects(
    connection: Connection, thresholds: LightThresholds, responsibilities: Responsibilities
) -> tuple[tuple[OwnProject, ...], int]:
    """How are this person's projects doing, worst light first? The first of them, and how many there are."""
    values = {
        **responsibilities.parameters(thresholds),
        **light_parameters(thresholds),
        "silent": thresholds.silent_before,
        "shown": PROJECT_LIMIT,
    }
    rows = connection.execute(_OWN.format(mine=responsibilities.project_condition), values).fetchall()
    return tuple(map(_own_project, rows)), rows[0][-1] if rows else 0


def _own_project(row: tuple[Any, ...]) -> OwnProject:
    project, number, name, worst, issues, contact, quiet, _count = row
    light = None if worst is None else LIGHTS[worst]
    return OwnProject(project, number, name, light, issues, contact, bool(quiet))


def _project_name(connection: Connection, project: str | None) -> str | None:
    found = connection.execute("SELECT name FROM project WHERE id = ?", (project,)).fetchone()
    return found[0] if found else None


_ANY_PROJECT = "SELECT 1 FROM project WHERE deleted = 0 LIMIT 1"
_PRESSING = (
    f"WITH needing AS MATERIALIZED (SELECT s.id, s.due, {NEED_REASON_SQL} AS why FROM issue_state s "
    f"WHERE {{mine}} AND s.state IN ({UNFINISHED_STATES_SQL})), "
    "ranked AS (SELECT id, why, count(*) OVER (PARTITION BY why) AS total, "
    "row_number() OVER (PARTITION BY why ORDER BY coalesce(due, '9999'), id) AS place FROM needing "
    "WHERE why IS NOT NULL) "
    f"SELECT r.why, r.total, s.id, i.title, i.number, s.project_id, p.name, {LIGHT_SQL}, s.due, s.state FROM ranked r "
    "JOIN issue_state s ON s.id = r.id JOIN issue i ON i.id = s.id LEFT JOIN project p ON p.id = s.project_id "
    "WHERE r.place <= :shown ORDER BY r.why, r.place"
)
_REFUSED = "SELECT id, kind, wire, code, at FROM outbox WHERE state = 'rejected' ORDER BY n DESC LIMIT :shown"
_SILENT = (
    f"SELECT p.id, p.name, p.number, {LAST_CONTACT_SQL} AS contact, count(*) OVER () FROM project p "
    f"WHERE {ON_LIST} AND {{mine}} AND {IS_SILENT_SQL} ORDER BY coalesce(contact, ''), p.number, p.id LIMIT :shown"
)
_OWN = (
    f"WITH troubled AS (SELECT s.project_id, count(*) AS issues, min({SEVERITY_SQL}) AS worst FROM issue_state s "
    f"WHERE s.state IN ({UNFINISHED_STATES_SQL}) GROUP BY s.project_id) "
    f"SELECT p.id, p.number, p.name, t.worst, coalesce(t.issues, 0), {LAST_CONTACT_SQL}, {IS_SILENT_SQL} AS quiet, "
    "count(*) OVER () FROM project p LEFT JOIN troubled t ON t.project_id = p.id "
    f"WHERE {ON_LIST} AND {{mine}} ORDER BY coalesce(t.worst, 9), quiet DESC, length(p.number), p.number, p.id "
    "LIMIT :shown"
)
_NAME_BY_ID_SQL = (
    "SELECT 'project', name, number FROM project WHERE id = :id UNION ALL "
    "SELECT 'issue', title, number FROM issue WHERE id = :id UNION ALL "
    "SELECT 'policy', title, number FROM policy WHERE id = :id"
)
