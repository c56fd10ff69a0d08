"""What lost to somebody and was not dealt with: versions that were replaced by somebody who had not seen them.

A version has lost what its author changed in it (against the version that they had seen) and the line does not say
today. So a loser is dealt with when the line says it again, whoever wrote that: it was restored, or entered anew; or
when the person at this device has put it away. That somebody has edited the line since is not enough: who saw the
winner has not seen the loser, which lies only on the devices of the two who did not know of each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Any, NamedTuple

import orjson

from store.db.connection import Connection
from store.db.meta import read_device_state
from store.ledger.hlc import ms_from_hlc
from store.ledger.line import Line
from store.ledger.merge import version_key
from store.queries.lines import current_lines
from store.queries.name_sql import person_name_sql
from store.values.times import district_time, format_moment


class FieldDifference(NamedTuple):
    """A field that says something else now than what lost; None is nothing."""

    field: str
    lost: Any
    now: Any


@dataclass(frozen=True, slots=True)
class Conflict:
    """A version that lost: ``line`` with ``stamp`` and ``device`` names it, ``version`` is its number in the line's
    history. ``own``: this home's person wrote it. ``winner`` is who won, a name; ``lost_at`` when it lost here.
    ``differs`` is what was lost: only fields that its author changed and that say something else now; ``deleted`` what
    it says of the line being deleted, where that differs from now."""

    line: str
    stamp: int
    device: str
    version: int
    kind: str
    project_id: str | None
    project: str | None
    author_id: str
    author: str | None
    own: bool
    written_at: str
    winner_id: str
    winner: str | None
    lost_at: str
    differs: tuple[FieldDifference, ...]
    deleted: bool | None
    body: Mapping[str, Any]

    @property
    def id(self) -> str:
        """What names it in a list."""
        return f"{self.line}/{self.stamp}/{self.device}"

    @property
    def changes(self) -> dict[str, Any]:
        """What bringing it back changes in the line; None removes a field."""
        return {one.field: one.lost for one in self.differs}

    def to_json(self) -> dict[str, Any]:
        """The loser as ``guanjia losers --json`` prints it."""
        return {**asdict(self), "differs": [one._asdict() for one in self.differs]}


class _PastVersion(NamedTuple):
    line: Line
    reason: str
    at: int
    dismissed: bool


def unresolved_conflicts(connection: Connection) -> list[Conflict]:
    """Which versions lost and were not dealt with? One's own first, the latest in front."""
    past = _histories(connection)
    if not past:
        return []
    now = current_lines(connection, past)
    me = read_device_state(connection).get("person", "")
    found = [
        one for line_id, versions in past.items() if line_id in now for one in _conflicts_of(now[line_id], versions, me)
    ]
    named = _conflicts_with_names(connection, found)
    return sorted(named, key=lambda one: (one.own, one.lost_at, one.stamp, one.device, one.line), reverse=True)


def _histories(connection: Connection) -> dict[str, list[_PastVersion]]:
    """The past versions of every line that has a loser which was not put away."""
    rows = connection.execute(_HISTORIES)
    return {line_id: [_past_version(row) for row in group] for line_id, group in groupby(rows, key=lambda row: row[1])}


def _past_version(row: Sequence[Any]) -> _PastVersion:
    kind, line_id, project, stamp, device, author, deleted, base, body, reason, at, away = row
    line = Line(line_id, kind, project, stamp, device, author, bool(deleted), orjson.loads(body), base)
    return _PastVersion(line, reason, at, bool(away))


def _conflicts_of(now: Line, versions: Sequence[_PastVersion], person_id: str) -> Iterable[Conflict]:
    known = sorted([now, *(one.line for one in versions)], key=version_key)
    for one in versions:
        if one.reason != "superseded" or one.dismissed:
            continue
        seen = next((line for line in known if one.line.base and line.stamp == one.line.base), None)
        differs = lost_differences(one.line, now, seen)
        deleted = one.line.deleted if one.line.deleted != now.deleted else None
        if differs or deleted is not None:
            yield _conflict(one, now, known, differs, deleted, person_id)


def lost_differences(lost: Line, now: Line, base: Line | None) -> tuple[FieldDifference, ...]:
    """What ``lost`` changed against the version that its author had ``seen`` and ``now`` does not say. Where that
    version is not here, everything that differs counts as changed."""
    fields = [*lost.body, *(name for name in (base.body if base else now.body) if name not in lost.body)]
    return tuple(
        FieldDifference(name, lost.body.get(name), now.body.get(name))
        for name in fields
        if lost.body.get(name) != now.body.get(name) and (base is None or lost.body.get(name) != base.body.get(name))
    )


def _conflict(
    past: _PastVersion,
    now: Line,
    versions: Sequence[Line],
    differs: tuple[FieldDifference, ...],
    deleted: bool | None,
    person_id: str,
) -> Conflict:
    line = past.line
    later = versions[versions.index(line) + 1 :]
    winner = next((other for other in later if other.device != line.device and other.base < line.stamp), now)
    written, lost_at = format_moment(district_time(ms_from_hlc(line.stamp))), format_moment(district_time(past.at))
    return Conflict(
        line.id, line.stamp, line.device, versions.index(line) + 1, line.kind, line.project, None, line.author, None,
        line.author == person_id, written, winner.author, None, lost_at, differs, deleted, line.body,
    )  # fmt: skip


def _conflicts_with_names(connection: Connection, conflicts: Sequence[Conflict]) -> Iterable[Conflict]:
    """The same with the names of projects and people."""
    people = {line_id for one in conflicts for line_id in (one.author_id, one.winner_id)}
    names = _names(connection, people, person_name_sql("j.value"))
    projects = _names(connection, {one.project_id for one in conflicts if one.project_id}, _PROJECT)
    for one in conflicts:
        project = projects.get(one.project_id or "")
        yield replace(one, project=project, author=names[one.author_id], winner=names[one.winner_id])


def _names(connection: Connection, ids: set[str], name: str) -> dict[str, str | None]:
    chosen = orjson.dumps(sorted(ids)).decode()
    return dict(connection.execute(f"SELECT j.value, {name} FROM json_each(?) j", (chosen,)).fetchall())


_PROJECT = "(SELECT name FROM project WHERE id = j.value)"
_DISMISSED_SQL = "(SELECT 1 FROM dismissed d WHERE d.id = h.id AND d.stamp = h.stamp AND d.device_id = h.device_id)"
_HISTORIES = (
    "SELECT h.kind, h.id, h.project_id, h.stamp, h.device_id, h.author_id, h.deleted, h.base, h.body, h.reason, h.at, "
    f"{_DISMISSED_SQL} FROM history h WHERE h.id IN (SELECT h.id FROM history h WHERE h.reason = 'superseded' "
    f"AND NOT EXISTS {_DISMISSED_SQL}) ORDER BY h.id"
)
