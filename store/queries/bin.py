"""The bin: what was deleted or taken back, and is not in the ledger as it was; each entry can be restored.

A deletion is a version like any other, so a deleted line is in the bin of every device that has it. An edit or an act
that was taken back, and a refused line that was given up, were this device's alone, and so are in its bin only. What
the line says again, whoever wrote that, is in the bin no more. Restoring: ``store/commands/bin.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby

import orjson

from store.db.connection import Connection
from store.domain.erasures import ATTACHMENT, says_nothing
from store.ledger.hlc import ms_from_hlc
from store.ledger.line import Body, Line
from store.ledger.merge import version_key
from store.queries.conflicts import FieldDifference, lost_differences
from store.queries.lines import current_lines, deleted_lines
from store.queries.name_sql import person_name_sql
from store.queries.paging import Row
from store.values.times import district_time, format_moment

PARTS_OF_OTHERS = ("assignment", "attendance", "contact")
"""Kinds of line that are entered, and deleted, with another line: they are restored with it and not listed."""
DELETED, TAKEN_BACK, GIVEN_UP = "deleted", "taken_back", "rejected"


@dataclass(frozen=True, slots=True)
class BinEntry:
    """A version that is in the bin: ``line`` with ``stamp`` and ``device`` identifies it. ``what`` happened: the line
    was `DELETED`, the version `TAKEN_BACK` or `GIVEN_UP` after a refusal; ``at`` when, ``author`` by whom. ``is_here``:
    the line is in the ledger today, saying something else; ``differs`` is what of it."""

    line: str
    stamp: int
    device: str
    kind: str
    project_id: str | None
    project: str | None
    what: str
    at: str
    author_id: str
    author: str | None
    is_here: bool
    differs: tuple[FieldDifference, ...]
    body: Body

    @property
    def id(self) -> str:
        """Its key in a list."""
        return f"{self.line}/{self.stamp}/{self.device}"

    @property
    def changes(self) -> dict[str, object]:
        """The changes that restoring it makes to a line that is here; None removes a field."""
        return {difference.field: difference.lost for difference in self.differs}

    def to_json(self) -> dict[str, object]:
        """The entry as ``guanjia bin list --json`` prints it."""
        return {**asdict(self), "id": self.line, "differs": [difference._asdict() for difference in self.differs]}


def bin_entries(connection: Connection, limit: int = -1) -> list[BinEntry]:
    """What was deleted or taken back, the latest first; at most ``limit``, all where that is negative. With a limit no
    more lines than that are read of each kind, however many are deleted."""
    deleted = deleted_lines(connection, but=PARTS_OF_OTHERS, limit=limit)
    restorable = (line for line in deleted if line.kind != ATTACHMENT or not says_nothing(line))
    rows = [*map(_deleted_row, restorable), *_past_rows(connection)]
    rows.sort(key=lambda row: (row[2], version_key(row[0])), reverse=True)
    return list(_entries(connection, rows[:limit] if limit >= 0 else rows))


_BinRow = tuple[Line, str, int, bool, tuple[FieldDifference, ...]]
"""A version, what happened to it, when (ms), whether its line is here, and what that does not say."""


def _deleted_row(line: Line) -> _BinRow:
    return line, DELETED, ms_from_hlc(line.stamp), False, ()


def _past_rows(connection: Connection) -> Iterable[_BinRow]:
    """The versions that were taken back or given up, as far as their lines do not say the same now."""
    histories = {
        line_id: [(_line(row), row[9], row[10]) for row in rows]
        for line_id, rows in groupby(connection.execute(_HISTORIES), key=lambda row: row[1])
    }
    now = current_lines(connection, histories) if histories else {}
    for line_id, versions in histories.items():
        current = now.get(line_id)
        known = sorted((line for line, _reason, _at in versions), key=version_key)
        past = [version for version in versions if version[1] in (TAKEN_BACK, GIVEN_UP)]
        if current is None:
            line, reason, at = max(past, key=lambda version: version_key(version[0]))
            if not line.deleted:
                yield line, reason, at, False, ()
        elif not current.deleted or current.kind in PARTS_OF_OTHERS:  # a deleted line is an entry of its own
            yield from _differing_rows(current, past, known)


def _differing_rows(current: Line, past: Iterable[tuple[Line, str, int]], known: Sequence[Line]) -> Iterable[_BinRow]:
    for line, reason, at in past:
        place = known.index(line)
        before = known[place - 1] if place else None
        if not line.deleted and (differs := lost_differences(line, current, before)):
            yield line, reason, at, True, differs


def _line(row: Row) -> Line:
    kind, line_id, project, stamp, device, author, deleted, base, body = row[:9]
    return Line(line_id, kind, project, stamp, device, author, bool(deleted), orjson.loads(body), base)


def _entries(connection: Connection, rows: Sequence[_BinRow]) -> Iterable[BinEntry]:
    people = _names(connection, {line.author for line, *_rest in rows}, person_name_sql("j.value"))
    projects = _names(connection, {line.project for line, *_rest in rows if line.project}, _PROJECT_NAME)
    for line, what, at_ms, is_here, differs in rows:
        yield BinEntry(
            line.id, line.stamp, line.device, line.kind, line.project, projects.get(line.project or ""), what,
            format_moment(district_time(at_ms)), line.author, people.get(line.author), is_here, differs, line.body,
        )  # fmt: skip


def _names(connection: Connection, ids: set[str], name: str) -> Mapping[str, str | None]:
    chosen = orjson.dumps(sorted(ids)).decode()
    return dict(connection.execute(f"SELECT j.value, {name} FROM json_each(?) j", (chosen,)).fetchall())


_PROJECT_NAME = "(SELECT name FROM project WHERE id = j.value)"
_HISTORIES = (
    "SELECT kind, id, project_id, stamp, device_id, author_id, deleted, base, body, reason, at FROM history "
    "WHERE id IN (SELECT id FROM history WHERE reason IN ('taken_back', 'rejected')) ORDER BY id"
)
