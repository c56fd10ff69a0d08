"""What needs a person now: issues by reason, rejected lines, conflicts, silent projects, unfinished drafts.

Counts are exact; the entries of a group are the first few, and all of them are the issue ledger filtered by
`store.queries.own_work.IssueNeed`. Each issue is in the most pressing group that it belongs to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import get_args

import orjson

from store.db.connection import Connection
from store.db.device_facts import read_device_facts
from store.domain.status_lights import LIGHTS, Light, LightThresholds
from store.home.drafts import FormDraft
from store.ledger.line import Body, is_id
from store.queries.bin import PARTS_OF_OTHERS
from store.queries.co_handling import OWED_COUNT_SQL, OWED_NAMES_SQL
from store.queries.conflicts import Conflict, unresolved_conflicts
from store.queries.evaluation_facts import ON_LIST
from store.queries.light_sql import LIGHT_SQL, WORST_SQL, light_parameters
from store.queries.own_work import (
    NEED_REASON_SQL,
    NOT_OVERDUE_SQL,
    OVERDUE_SQL,
    NeedReason,
    Responsibilities,
    own_responsibilities,
)
from store.queries.paging import Row
from store.queries.project_filters import IS_SILENT_SQL, LAST_CONTACT_SQL, PROJECTS_SQL
from store.queries.provisional_sql import PROVISIONAL_OF_ISSUE_SQL, PROVISIONAL_OF_PROJECT_SQL, count_provisional
from store.values.times import district_time, format_moment
from store.writer.project_figures import UNFINISHED_STATES_SQL

NEED_REASONS = (
    "decision",
    "opinion",
    "overdue",
    "late",
    "returned",
    "due",
    "turn",
    "refused",
    "lost",
    "approval",
    "waiting",
    "stale",
    "silent",
    "draft",
)
"""Why something needs a person, most pressing first."""
ENTRIES_PER_GROUP = 10
"""How many entries of each group are given."""
PROJECT_LIMIT = 50
_NOT_OF_LINES = ("report:", "limit:", "holiday_year:", "hand_over:", "stand_in:", "erasure:")
"""Keys of forms that write no line of a project: their drafts are not listed."""


@dataclass(frozen=True, slots=True)
class TodayEntry:
    """One item that needs a person. ``kind`` and ``line`` identify what to open: an issue, a project, a rejected line,
    the line of a conflict, or a draft by its key. ``at`` is a day or moment: due, last contact, rejected, superseded,
    saved. ``detail``: an issue's state, the code of a rejection, the winner of a conflict, the kind of a draft's
    line. ``owed`` are the ``owed_count`` departments whose opinion on an issue is missing. ``same`` is for how many
    alike it stands: refused parts of other lines are one entry a kind and reason, what waits for the bureau's decision
    is one in all. ``provisional``: how many provisional versions are here of the issue, or of what belongs to the
    project."""

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
    body: Body | None = None
    same: int = 1
    owed: str | None = None
    owed_count: int = 0
    provisional: int = 0


@dataclass(frozen=True, slots=True)
class TodayGroup:
    """The items that need a person for one reason: how many, and the first of them."""

    why: str
    count: int
    entries: tuple[TodayEntry, ...]

    @property
    def rest(self) -> int:
        """How many are not among the entries."""
        return self.count - sum(entry.same for entry in self.entries)


@dataclass(frozen=True, slots=True)
class OwnProject:
    """A project of the person: the worst light of its issues, how many are open, and the last contact; ``provisional``:
    how many provisional versions are here of what belongs to it."""

    id: str
    number: str
    name: str
    light: Light | None
    open_issues: int
    last_contact: str | None
    silent: bool
    provisional: int = 0


@dataclass(frozen=True, slots=True)
class Today:
    """A person's day. ``projects`` are their own, worst light first, the first few of ``project_count``;
    ``any_project``: there is a project on this device; ``provisional``: so many provisional versions are here."""

    responsibilities: Responsibilities
    groups: tuple[TodayGroup, ...]
    projects: tuple[OwnProject, ...]
    project_count: int
    any_project: bool
    provisional: int = 0

    def to_json(self) -> dict[str, object]:
        """The day as ``guanjia today --json`` prints it."""
        return {
            "everything": self.responsibilities.everything,
            "groups": [asdict(group) for group in self.groups],
            "projects": [asdict(project) for project in self.projects],
            "project_count": self.project_count,
            "provisional": self.provisional,
        }


def today(
    connection: Connection,
    thresholds: LightThresholds,
    drafts: Sequence[FormDraft],
    limit: int = ENTRIES_PER_GROUP,
) -> Today:
    """What needs this person now, and how are their projects doing? ``limit`` entries of each group; ``drafts`` are
    those of `unsaved_drafts`."""
    own = own_responsibilities(connection, thresholds)
    by_reason = pressing_issues(connection, thresholds, own, limit)
    by_reason |= {
        "refused": rejected_entries(connection, limit),
        "lost": own_conflicts(connection, own, limit),
        "waiting": waiting_decisions(connection, own),
        "silent": silent_projects(connection, thresholds, own, limit),
        "draft": unfinished_drafts(connection, drafts),
    }
    groups = tuple(by_reason[why] for why in NEED_REASONS if why in by_reason and by_reason[why].count)
    projects, count = own_projects(connection, thresholds, own)
    any_project = bool(connection.execute(_ANY_PROJECT).fetchone())
    return Today(own, groups, projects, count, any_project, count_provisional(connection))


def pressing_issues(
    connection: Connection,
    thresholds: LightThresholds,
    responsibilities: Responsibilities,
    limit: int = ENTRIES_PER_GROUP,
) -> dict[str, TodayGroup]:
    """Which issues need this person, by reason, those due first in front?"""
    query = _PRESSING_OF_ALL if responsibilities.everything else _PRESSING.format(mine=responsibilities.issue_condition)
    rows = connection.execute(query, {**responsibilities.parameters(thresholds), "shown": limit}).fetchall()
    groups: dict[str, TodayGroup] = {}
    for why, count in dict.fromkeys(row[:2] for row in rows):
        entries = tuple(
            replace(TodayEntry(why, "issue", *row[2:-3]), owed=row[-3], owed_count=row[-2], provisional=row[-1])
            for row in rows
            if row[0] == why
        )
        groups[why] = TodayGroup(why, count, entries)
    return groups


def rejected_entries(connection: Connection, limit: int = ENTRIES_PER_GROUP) -> TodayGroup:
    """Which lines did the central reject, the latest first?"""
    count = connection.execute("SELECT count(*) FROM outbox WHERE state = 'rejected'").fetchone()[0]
    rows = connection.execute(_REFUSED, {"shown": limit}).fetchall()
    entries = []
    for line_id, kind, wire, code, at, same, _latest in rows:
        line = orjson.loads(wire)
        when = None if at is None else format_moment(district_time(at))
        name = _project_name(connection, line["project"])
        entries.append(
            TodayEntry(
                "refused", kind, line_id, None, None, line["project"], name, None, when, code, line["body"], same
            )
        )
    return TodayGroup("refused", count, tuple(entries))


def own_conflicts(
    connection: Connection, responsibilities: Responsibilities, limit: int = ENTRIES_PER_GROUP
) -> TodayGroup:
    """Which of this person's own versions were superseded and are unresolved? The latest first."""
    person = responsibilities.person
    own = [conflict for conflict in unresolved_conflicts(connection) if conflict.author_id == person]
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


def waiting_decisions(connection: Connection, responsibilities: Responsibilities) -> TodayGroup:
    """How many lines wait for the bureau's decision at the central, as the last round told a device of the bureau? One
    entry stands for all."""
    told = read_device_facts(connection).get("waiting", "") if "bureau" in responsibilities.roles else ""
    count = int(told) if told.isdecimal() else 0
    entries = (TodayEntry("waiting", "proposal", "waiting", None, same=count),) if count else ()
    return TodayGroup("waiting", count, entries)


def silent_projects(
    connection: Connection,
    thresholds: LightThresholds,
    responsibilities: Responsibilities,
    limit: int = ENTRIES_PER_GROUP,
) -> TodayGroup:
    """Which of this person's projects have had no contact for too long? The longest silence first."""
    values = {**responsibilities.parameters(thresholds), "silent": thresholds.silent_before, "shown": limit}
    rows = connection.execute(_SILENT.format(mine=responsibilities.project_condition), values).fetchall()
    entries = tuple(
        TodayEntry("silent", "project", id, name, number, id, name, None, at, provisional=provisional)
        for id, name, number, at, provisional, _n in rows
    )
    return TodayGroup("silent", rows[0][-1] if rows else 0, entries)


def unfinished_drafts(connection: Connection, drafts: Sequence[FormDraft]) -> TodayGroup:
    """Which form drafts are unfinished, the latest first? All of them, since no other list has them. A draft's ``line``
    is its key."""
    entries = tuple(_draft_entry(connection, draft) for draft in drafts if not draft.key.startswith(_NOT_OF_LINES))
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


def _own_project(row: Row) -> OwnProject:
    project, number, name, worst, issues, contact, quiet, provisional, _count = row
    light = None if worst is None else LIGHTS[worst]
    return OwnProject(project, number, name, light, issues, contact, bool(quiet), provisional)


def _project_name(connection: Connection, project: str | None) -> str | None:
    found = connection.execute("SELECT name FROM project WHERE id = ?", (project,)).fetchone()
    return found[0] if found else None


_ANY_PROJECT = "SELECT 1 FROM project WHERE deleted = 0 LIMIT 1"
_FIRST_OF_ONE = (  # of a hundred thousand the first few are kept, where a window would sort them all
    "SELECT * FROM (SELECT id, why FROM needing WHERE why = '{why}' ORDER BY coalesce(due, '9999'), id LIMIT :shown)"
)
_FIRST_OF_EACH = {why: _FIRST_OF_ONE.format(why=why) for why in get_args(NeedReason)}
_NEEDING = (
    f"WITH needing AS MATERIALIZED (SELECT s.id, s.due, {NEED_REASON_SQL} AS why FROM {{issues}}), "
    "groups AS MATERIALIZED (SELECT why, count(*) AS total FROM needing WHERE {counted} GROUP BY why{more_groups}), "
    "first AS ({first}) "
    f"SELECT g.why, g.total, s.id, i.title, i.number, s.project_id, p.name, {LIGHT_SQL}, s.due, s.state, "
    f"{OWED_NAMES_SQL}, {OWED_COUNT_SQL}, {PROVISIONAL_OF_ISSUE_SQL} FROM first f "
    "JOIN groups g ON g.why = f.why JOIN issue_state s ON s.id = f.id JOIN issue i ON i.id = s.id "
    "LEFT JOIN project p ON p.id = s.project_id ORDER BY g.why, coalesce(s.due, '9999'), s.id"
)
_PRESSING = _NEEDING.format(
    issues=f"issue_state s WHERE {{mine}} AND s.state IN ({UNFINISHED_STATES_SQL})",
    counted="why IS NOT NULL",
    more_groups="",
    first=" UNION ALL ".join(_FIRST_OF_EACH.values()),
)
_FIRST_OVERDUE = f"SELECT * FROM (SELECT s.id, 'overdue' {OVERDUE_SQL} ORDER BY s.due, s.id LIMIT :shown)"
_PRESSING_OF_ALL = _NEEDING.format(
    issues=f"({NOT_OVERDUE_SQL}) n CROSS JOIN issue_state s ON s.id = n.id",
    counted="why <> 'overdue'",
    more_groups=f" UNION ALL SELECT 'overdue', count(*) {OVERDUE_SQL}",
    first=" UNION ALL ".join((_FIRST_OF_EACH | {"overdue": _FIRST_OVERDUE}).values()),
)
"""The same of all issues, of which those that are overdue are counted in an index."""
_REFUSED = (  # SQLite takes the bare columns from the row of the maximum
    "SELECT id, kind, wire, code, at, count(*), max(n) AS latest FROM outbox WHERE state = 'rejected' "
    f"GROUP BY CASE WHEN kind IN ({', '.join(map(repr, PARTS_OF_OTHERS))}) THEN kind || ' ' || coalesce(code, '') "
    "ELSE id END ORDER BY latest DESC LIMIT :shown"
)
_SILENT = (
    f"SELECT p.id, p.name, p.number, {LAST_CONTACT_SQL} AS contact, {PROVISIONAL_OF_PROJECT_SQL}, count(*) OVER () "
    f"FROM {PROJECTS_SQL} "
    f"WHERE {ON_LIST} AND {{mine}} AND {IS_SILENT_SQL} ORDER BY coalesce(contact, ''), p.number, p.id LIMIT :shown"
)
_OWN = (
    f"SELECT p.id, p.number, p.name, {WORST_SQL} AS worst, coalesce(f.open_issues, 0), {LAST_CONTACT_SQL}, "
    f"{IS_SILENT_SQL} AS quiet, {PROVISIONAL_OF_PROJECT_SQL}, count(*) OVER () FROM {PROJECTS_SQL} "
    f"WHERE {ON_LIST} AND {{mine}} ORDER BY coalesce(worst, 9), quiet DESC, length(p.number), p.number, p.id "
    "LIMIT :shown"
)
_NAME_BY_ID_SQL = (
    "SELECT 'project', name, number FROM project WHERE id = :id UNION ALL "
    "SELECT 'issue', title, number FROM issue WHERE id = :id UNION ALL "
    "SELECT 'policy', title, number FROM policy WHERE id = :id"
)
