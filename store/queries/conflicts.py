"""Unresolved conflicts: versions that were superseded by somebody who had not seen them.

What a superseded version lost is what its author changed in it (against the version that they had seen) and the line
does not say today. It is resolved when the line says it again, whoever wrote that (restored, or entered again), or when
the person at this device has dismissed it. A later edit of the line does not resolve it: its author saw the winner, not
the superseded version, which is only on the devices of the two who did not know of each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import NamedTuple

import orjson

from store.db.connection import Connection
from store.db.device_facts import read_device_facts
from store.ledger.hlc import ms_from_hlc
from store.ledger.line import Body, Line
from store.ledger.merge import version_key
from store.queries.lines import current_lines
from store.queries.name_sql import person_name_sql
from store.queries.paging import Row
from store.values.times import district_time, format_moment


class FieldDifference(NamedTuple):
    """A field whose value differs between the superseded version and the line today; None: no value."""

    field: str
    lost: object
    now: object


@dataclass(frozen=True, slots=True)
class Conflict:
    """A superseded version: ``line`` with ``stamp`` and ``device`` identifies it, ``version`` is its number in the
    line's history. ``own``: the person at this device wrote it. ``winner`` is the name of the author who won;
    ``lost_at`` when it was superseded here. ``differs`` is what was lost: fields that its author changed and that
    differ now; ``deleted`` its deletion flag, where that differs from now."""

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
    body: Body

    @property
    def id(self) -> str:
        """Its key in a list."""
        return f"{self.line}/{self.stamp}/{self.device}"

    @property
    def changes(self) -> dict[str, object]:
        """The changes that restoring it makes to the line; None removes a field."""
        return {difference.field: difference.lost for difference in self.differs}

    def to_json(self) -> dict[str, object]:
        """The conflict as ``guanjia conflicts --json`` prints it."""
        return {**asdict(self), "differs": [difference._asdict() for difference in self.differs]}


class _PastVersion(NamedTuple):
    line: Line
    reason: str
    at: int
    dismissed: bool


def unresolved_conflicts(connection: Connection) -> list[Conflict]:
    """Which superseded versions are unresolved? One's own first, the latest in front."""
    past = _histories(connection)
    if not past:
        return []
    now = current_lines(connection, past)
    person = read_device_facts(connection).person
    conflicts = [
        conflict
        for line_id, versions in past.items()
        if line_id in now
        for conflict in _conflicts_of(now[line_id], versions, person)
    ]
    return sorted(_conflicts_with_names(connection, conflicts), key=_order, reverse=True)


def _order(conflict: Conflict) -> tuple[bool, str, int, str, str]:
    return conflict.own, conflict.lost_at, conflict.stamp, conflict.device, conflict.line


def _histories(connection: Connection) -> dict[str, list[_PastVersion]]:
    """The past versions of every line with a superseded version that is not dismissed."""
    rows = connection.execute(_HISTORIES)
    return {line_id: [_past_version(row) for row in group] for line_id, group in groupby(rows, key=lambda row: row[1])}


def _past_version(row: Row) -> _PastVersion:
    kind, line_id, project, stamp, device, author, deleted, base, body, reason, at, dismissed = row
    line = Line(line_id, kind, project, stamp, device, author, bool(deleted), orjson.loads(body), base)
    return _PastVersion(line, reason, at, bool(dismissed))


def _conflicts_of(now: Line, versions: Sequence[_PastVersion], person_id: str) -> Iterable[Conflict]:
    known = sorted([now, *(version.line for version in versions)], key=version_key)
    for version in versions:
        if version.reason != "superseded" or version.dismissed:
            continue
        lost = version.line
        base = next((line for line in known if lost.base and line.stamp == lost.base), None)
        differs = lost_differences(lost, now, base)
        deleted = lost.deleted if lost.deleted != now.deleted else None
        if differs or deleted is not None:
            yield _conflict(version, now, known, differs, deleted, person_id)


def lost_differences(lost: Line, now: Line, base: Line | None) -> tuple[FieldDifference, ...]:
    """The fields that ``lost`` changed against its ``base``, the version that its author had seen, and that differ
    ``now``. Where the base is not here, every field that differs counts as changed."""
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
    people = {line_id for item in conflicts for line_id in (item.author_id, item.winner_id)}
    names = _names(connection, people, person_name_sql("j.value"))
    projects = _names(connection, {item.project_id for item in conflicts if item.project_id}, _PROJECT)
    for item in conflicts:
        project = projects.get(item.project_id or "")
        yield replace(item, project=project, author=names[item.author_id], winner=names[item.winner_id])


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
