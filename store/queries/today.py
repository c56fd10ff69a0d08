"""What needs a person now: issues by why they press, what was refused, what lost, silent projects, unfinished drafts.

Counts are exact; the entries of each group are the first few, and its whole is the ledger narrowed to it
(``store/queries/own_work.py``: `Need`). Each issue stands in the most pressing group that it belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from store.db.connection import Connection
from store.domain.status_lights import LIGHTS, Light, Marks
from store.ledger.line import is_id
from store.queries.conflicts import Loser, losers
from store.queries.facts import ON_LIST
from store.queries.lighting import LIGHT, SEVERITY, lit
from store.queries.own_work import WHY, Mine, mine
from store.queries.project_filters import IS_SILENT, LAST_CONTACT, UNFINISHED
from store.values.times import moment, now_in

WHYS = ("overdue", "returned", "due", "turn", "refused", "lost", "approval", "stale", "silent", "draft")
"""Why something needs a person, most pressing first."""
SHOWN = 10
"""So many entries of each group are given."""
PROJECTS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Entry:
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
class Group:
    """All that needs a person for one reason: how many, and the first of them."""

    why: str
    count: int
    entries: tuple[Entry, ...]


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

    mine: Mine
    groups: tuple[Group, ...]
    projects: tuple[OwnProject, ...]
    project_count: int
    any_project: bool

    def to_json(self) -> dict[str, Any]:
        """The day as ``guanjia today --json`` prints it."""
        return {
            "everything": self.mine.everything,
            "groups": [asdict(group) for group in self.groups],
            "projects": [asdict(one) for one in self.projects],
            "project_count": self.project_count,
        }


def today(connection: Connection, on: Marks, shown: int = SHOWN) -> Today:
    """What needs this person now, and how are their projects doing? ``shown`` entries of each group."""
    whose = mine(connection, on)
    found = pressing(connection, on, whose, shown)
    found |= {
        "refused": refused(connection, shown),
        "lost": lost(connection, whose, shown),
        "silent": silent(connection, on, whose, shown),
        "draft": drafts(connection),
    }
    groups = tuple(found[why] for why in WHYS if why in found and found[why].count)
    own, count = own_projects(connection, on, whose)
    return Today(whose, groups, own, count, bool(connection.execute(_ANY_PROJECT).fetchone()))


def pressing(connection: Connection, on: Marks, whose: Mine, shown: int = SHOWN) -> dict[str, Group]:
    """Which issues need this person, by why, those due first in front?"""
    rows = connection.execute(_PRESSING.format(mine=whose.issues), {**whose.values(on), "shown": shown}).fetchall()
    groups: dict[str, Group] = {}
    for why, count in dict.fromkeys(row[:2] for row in rows):
        entries = tuple(Entry(why, "issue", *row[2:]) for row in rows if row[0] == why)
        groups[why] = Group(why, count, entries)
    return groups


def refused(connection: Connection, shown: int = SHOWN) -> Group:
    """Which lines did the central refuse, the latest first?"""
    count = connection.execute("SELECT count(*) FROM outbox WHERE state = 'rejected'").fetchone()[0]
    rows = connection.execute(_REFUSED, {"shown": shown}).fetchall()
    entries = []
    for line_id, kind, wire, code, at in rows:
        line = orjson.loads(wire)
        when = None if at is None else moment(now_in(at))
        name = _project_name(connection, line["project"])
        entries.append(
            Entry("refused", kind, line_id, None, None, line["project"], name, None, when, code, line["body"])
        )
    return Group("refused", count, tuple(entries))


def lost(connection: Connection, whose: Mine, shown: int = SHOWN) -> Group:
    """Which of this person's own versions lost to somebody and were not dealt with? The latest first."""
    own = [one for one in losers(connection) if one.author_id == whose.person]
    return Group("lost", len(own), tuple(map(_lost, own[:shown])))


def _lost(one: Loser) -> Entry:
    return Entry(
        "lost", one.kind, one.line, None, None, one.project_id, one.project, None, one.lost_at, one.winner, one.body
    )


def silent(connection: Connection, on: Marks, whose: Mine, shown: int = SHOWN) -> Group:
    """With which of this person's projects has nobody been in touch for too long? The longest silence first."""
    values = {**whose.values(on), "silent": on.silent, "shown": shown}
    rows = connection.execute(_SILENT.format(mine=whose.own_projects), values).fetchall()
    entries = tuple(
        Entry("silent", "project", id, name, number, id, name, None, at) for id, name, number, at, _n in rows
    )
    return Group("silent", rows[0][-1] if rows else 0, entries)


def drafts(connection: Connection) -> Group:
    """Which forms were left unfinished, the latest first? All of them: nowhere else are they listed. A draft's ``line``
    is its key."""
    entries = tuple(_draft(connection, *row) for row in connection.execute(_DRAFTS).fetchall())
    return Group("draft", len(entries), entries)


def _draft(connection: Connection, key: str, body: str, at: int) -> Entry:
    """A draft, with the line that it is about or the project that it is for, by name."""
    kind, *rest = key.split(":")
    ids = [part for part in rest if is_id(part)]
    found = connection.execute(_CALLED, {"id": ids[-1]}).fetchone() if ids else None
    what, name, number = found or (None, None, None)
    project = (ids[-1], name) if what == "project" else (None, None)
    values = (kind, key, name, number, *project, None, moment(now_in(at)), what, orjson.loads(body))
    return Entry("draft", *values)


def own_projects(connection: Connection, on: Marks, whose: Mine) -> tuple[tuple[OwnProject, ...], int]:
    """How are this person's projects doing, worst light first? The first of them, and how many there are."""
    values = {**whose.values(on), **lit(on), "silent": on.silent, "shown": PROJECTS_SHOWN}
    rows = connection.execute(_OWN.format(mine=whose.own_projects), values).fetchall()
    return tuple(map(_own, rows)), rows[0][-1] if rows else 0


def _own(row: tuple[Any, ...]) -> OwnProject:
    project, number, name, worst, issues, contact, quiet, _count = row
    light = None if worst is None else LIGHTS[worst]
    return OwnProject(project, number, name, light, issues, contact, bool(quiet))


def _project_name(connection: Connection, project: str | None) -> str | None:
    found = connection.execute("SELECT name FROM project WHERE id = ?", (project,)).fetchone()
    return found[0] if found else None


_ANY_PROJECT = "SELECT 1 FROM project WHERE deleted = 0 LIMIT 1"
_PRESSING = (
    f"WITH needing AS MATERIALIZED (SELECT s.id, s.due, {WHY} AS why FROM issue_state s "
    f"WHERE {{mine}} AND s.state IN ({UNFINISHED})), "
    "ranked AS (SELECT id, why, count(*) OVER (PARTITION BY why) AS total, "
    "row_number() OVER (PARTITION BY why ORDER BY coalesce(due, '9999'), id) AS place FROM needing "
    "WHERE why IS NOT NULL) "
    f"SELECT r.why, r.total, s.id, i.title, i.number, s.project_id, p.name, {LIGHT}, s.due, s.state FROM ranked r "
    "JOIN issue_state s ON s.id = r.id JOIN issue i ON i.id = s.id LEFT JOIN project p ON p.id = s.project_id "
    "WHERE r.place <= :shown ORDER BY r.why, r.place"
)
_REFUSED = "SELECT id, kind, wire, code, at FROM outbox WHERE state = 'rejected' ORDER BY n DESC LIMIT :shown"
_SILENT = (
    f"SELECT p.id, p.name, p.number, {LAST_CONTACT} AS contact, count(*) OVER () FROM project p "
    f"WHERE {ON_LIST} AND {{mine}} AND {IS_SILENT} ORDER BY coalesce(contact, ''), p.number, p.id LIMIT :shown"
)
_OWN = (
    f"WITH troubled AS (SELECT s.project_id, count(*) AS issues, min({SEVERITY}) AS worst FROM issue_state s "
    f"WHERE s.state IN ({UNFINISHED}) GROUP BY s.project_id) "
    f"SELECT p.id, p.number, p.name, t.worst, coalesce(t.issues, 0), {LAST_CONTACT}, {IS_SILENT} AS quiet, "
    "count(*) OVER () FROM project p LEFT JOIN troubled t ON t.project_id = p.id "
    f"WHERE {ON_LIST} AND {{mine}} ORDER BY coalesce(t.worst, 9), quiet DESC, length(p.number), p.number, p.id "
    "LIMIT :shown"
)
_DRAFTS = (
    "SELECT key, body, at FROM draft WHERE key NOT LIKE 'report:%' AND key NOT LIKE 'limit:%' ORDER BY at DESC, key"
)
_CALLED = (
    "SELECT 'project', name, number FROM project WHERE id = :id UNION ALL "
    "SELECT 'issue', title, number FROM issue WHERE id = :id UNION ALL "
    "SELECT 'policy', title, number FROM policy WHERE id = :id"
)
