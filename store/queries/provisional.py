"""What colleagues gave in a meeting and the central has not judged yet (``store/writer/provisional.py``)."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import orjson

from store.db.connection import Connection
from store.ledger.hlc import ms_from_hlc
from store.ledger.line import Body, stored_line
from store.queries.lines import current_lines
from store.queries.paging import KeysetIndex, Listing, RowKey, page_sql
from store.values.times import district_time, format_moment


@dataclass(frozen=True, slots=True)
class ProvisionalEntry:
    """A provisional version: ``line`` with ``stamp`` and ``device`` identifies it; what ``kind`` of line it is, in
    which ``project``, by whom (``author``), from when (``at``) and since when it is here (``since``). ``is_here``: the
    ledger has an earlier version of the line."""

    line: str
    stamp: int
    device: str
    kind: str
    project_id: str | None
    project: str | None
    author_id: str
    author: str | None
    at: str
    since: str
    deleted: bool
    is_here: bool
    body: Body

    @property
    def id(self) -> str:
        """Its key in a list."""
        return f"{self.line}/{self.stamp}/{self.device}"

    def to_json(self) -> dict[str, object]:
        """As ``guanjia meet --list --json`` prints it."""
        return {**asdict(self), "id": self.line}


_ENTRY_ID_SQL = "q.id || '/' || q.stamp || '/' || q.device_id"


def listing() -> Listing:
    """What was given in meetings and is not judged yet, the latest first."""
    return Listing("provisional q WHERE TRUE", ("q.stamp", _ENTRY_ID_SQL), descending=True)


def provisional_key(entry: ProvisionalEntry) -> RowKey:
    """An entry's key in the list's order."""
    return (entry.stamp, entry.id)


def provisional_entries(
    connection: Connection,
    selection: Listing | None = None,
    *,
    limit: int = -1,
    index: KeysetIndex | None = None,
    position: int = 0,
) -> list[ProvisionalEntry]:
    """What was given in meetings and is not judged yet? ``limit`` -1 gives all."""
    chosen = selection or listing()
    page, values = page_sql(chosen, "q.rowid", limit, index, position)  # long rows are not sorted, only their keys
    query = f"SELECT q.wire, q.at FROM provisional q WHERE q.rowid IN ({page}) {chosen.order_by}"
    rows = connection.execute(query, values).fetchall()
    found = [(line, at) for wire, at in rows if (line := stored_line(wire.decode(errors="replace"))) is not None]
    if not found:
        return []
    now = current_lines(connection, [line.id for line, _at in found])
    names = _names(connection, "project", {line.project for line, _at in found if line.project})
    names |= {line.id: str(line.body.get("name")) for line, _at in found if line.kind == "project"}
    people = _names(connection, "person", {line.author for line, _at in found})
    return [
        ProvisionalEntry(
            line.id,
            line.stamp,
            line.device,
            line.kind,
            line.project,
            names.get(line.project or ""),
            line.author,
            people.get(line.author),
            _moment(ms_from_hlc(line.stamp)),
            _moment(at),
            line.deleted,
            line.id in now,
            line.body,
        )
        for line, at in found
    ]


def provisional_devices(connection: Connection) -> list[str]:
    """From which devices are there provisional versions?"""
    return [row[0] for row in connection.execute("SELECT DISTINCT device_id FROM provisional ORDER BY device_id")]


def _names(connection: Connection, table: str, ids: set[str]) -> dict[str, str]:
    query = f"SELECT id, name FROM {table} WHERE id IN (SELECT value FROM json_each(?))"
    return dict(connection.execute(query, (orjson.dumps(sorted(ids)).decode(),)).fetchall())


def _moment(ms: int) -> str:
    return format_moment(district_time(ms))
