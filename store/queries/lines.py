"""Reads lines of any kind: the versions of one line, every line in canonical order, the lines that the central
rejected.

The tables of kinds are found in the schema itself (a kind's table has an author, a digest and ``extra``), and columns
declared JSON or BOOLEAN are read as such, so that reading needs no registry of kinds.
"""

from __future__ import annotations

import heapq
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import NamedTuple

import orjson

from store.db.connection import Connection
from store.domain.erasures import ERASED_BODY
from store.ledger.canonical_sql import IS_LINE, row_json_sql
from store.ledger.hlc import ms_from_hlc
from store.ledger.line import Body, Line, canonical_json
from store.queries.name_sql import kept_id_sql, person_name_sql
from store.queries.paging import Row
from store.values.times import district_time, format_moment

_ENVELOPE = ("id", "project_id", "stamp", "device_id", "author_id", "deleted", "base", "extra")
_EXTRA = _ENVELOPE.index("extra")
_NOT_IN_BODY = {*_ENVELOPE, "district", "digest"}
_KIND_TABLE_COLUMNS = {"extra", "digest", "author_id"}
_SCHEMA = (
    "SELECT m.name, c.name, c.type FROM sqlite_master m JOIN pragma_table_info(m.name) c "
    "WHERE m.type = 'table' ORDER BY m.name, c.cid"
)
_UNKNOWN_LINES_SQL = "SELECT kind, id, project_id, stamp, device_id, author_id, deleted, base, body FROM unknown_line"


class KindTable(NamedTuple):
    """A kind's table: its name, the body's columns in order, and the positions of those that hold lists or flags."""

    kind: str
    columns: tuple[str, ...]
    lists: frozenset[int]
    flags: frozenset[int]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a line, numbered from 1 in the order of the stamps. ``at`` is when it was written, ``reason`` why
    it is not current (None for the current one), ``author_name`` None when that person's line is not here."""

    version: int
    stamp: int
    at: str
    author: str
    author_name: str | None
    device: str
    reason: str | None
    current: bool
    deleted: bool
    kind: str
    body: Body

    def to_json(self) -> dict[str, object]:
        """The version as ``guanjia history --json`` prints it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A line that the central rejected: why (``code`` is stable, ``reason`` a sentence), when, and its body."""

    id: str
    kind: str
    project_id: str | None
    project: str | None
    code: str | None
    reason: str | None
    at: str | None
    body: Body

    def to_json(self) -> dict[str, object]:
        """The line as ``guanjia rejected list --json`` prints it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class RejectedGroup:
    """Rejected lines of one kind that were rejected for one reason, in the order in which they were written."""

    lines: tuple[RejectedLine, ...]

    @property
    def id(self) -> str:
        """The id of its line where it has only one, else what the lines have in common."""
        first = self.lines[0]
        return first.id if len(self.lines) == 1 else f"{first.code}:{first.kind}"

    @property
    def project_id(self) -> str | None:
        """The project that all its lines are in; None where they are in several or in none."""
        projects = {line.project_id for line in self.lines}
        return projects.pop() if len(projects) == 1 else None


def group_rejected(lines: Iterable[RejectedLine]) -> list[RejectedGroup]:
    """The rejected lines by reason and kind, in the order of the first of each."""
    groups: dict[tuple[str | None, str], list[RejectedLine]] = {}
    for line in lines:
        groups.setdefault((line.code, line.kind), []).append(line)
    return [RejectedGroup(tuple(group)) for group in groups.values()]


def kind_tables(connection: Connection) -> list[KindTable]:
    """Which kinds of line does this store have a table for?"""
    schema = connection.execute(_SCHEMA).fetchall()
    tables = {name: [(c, kind) for _n, c, kind in rows] for name, rows in groupby(schema, key=lambda row: row[0])}
    return [
        _table(name, columns) for name, columns in tables.items() if {c for c, _kind in columns} >= _KIND_TABLE_COLUMNS
    ]


def current_line(connection: Connection, line_id: str) -> Line | None:
    """What is the current version of this line, deleted or not? None when it is not here."""
    for table in kind_tables(connection):
        row = connection.execute(f"{_select(table)} WHERE id = ?", (line_id,)).fetchone()
        if row:
            return _line(table, row)
    row = connection.execute(f"{_UNKNOWN_LINES_SQL} WHERE id = ?", (line_id,)).fetchone()
    return _unknown_line(row) if row else None


def current_lines(connection: Connection, ids: Iterable[str]) -> dict[str, Line]:
    """What are the current versions of these lines, deleted or not? By id; those that are not here are missing."""
    chosen = orjson.dumps(list(ids)).decode()
    return {line.id: line for line in _lines(connection, "SELECT value FROM json_each(:ids)", {"ids": chosen})}


def readable_lines(connection: Connection, ids: Iterable[str], kinds: Container[str]) -> dict[str, Line]:
    """What are the current versions of these lines of these kinds, without the fields that are not valid or not
    known, so that they can be computed with? By id; those that are not here are missing."""
    chosen, found = (orjson.dumps(list(ids)).decode(),), dict[str, Line]()
    for table in (table for table in kind_tables(connection) if table.kind in kinds):
        for row in connection.execute(f"{_select(table)} WHERE id IN (SELECT value FROM json_each(?))", chosen):
            line = _line(table, (*row[:_EXTRA], None, *row[_EXTRA + 1 :]))
            found[line.id] = line
    return found


def deleted_lines(
    connection: Connection, kinds: Container[str] | None = None, *, but: Container[str] = (), limit: int = -1
) -> list[Line]:
    """Which lines are deleted, of these ``kinds`` or of any ``but`` those? Of each kind at most ``limit``, the latest;
    all where that is negative."""
    tables = [t for t in kind_tables(connection) if (kinds is None or t.kind in kinds) and t.kind not in but]
    latest, values = "WHERE deleted = 1 ORDER BY stamp DESC LIMIT ?", (limit,)
    lines = [_line(table, row) for table in tables for row in connection.execute(f"{_select(table)} {latest}", values)]
    if kinds is None:
        lines += map(_unknown_line, connection.execute(f"{_UNKNOWN_LINES_SQL} {latest}", values))
    return lines


def version_history(connection: Connection, line_id: str) -> list[Version]:
    """Which versions has this line had, and why is each not current? Empty when it is not here. A version whose text
    was erased says nothing."""
    now = current_line(connection, line_id)
    columns = "kind, id, project_id, stamp, device_id, author_id, deleted, base, body, reason"
    rows = connection.execute(f"SELECT {columns} FROM history WHERE id = ?", (line_id,)).fetchall()
    past = [(_unknown_line(row[:-1]), row[-1]) for row in rows]
    versions = sorted([*past, *([(now, None)] if now else [])], key=lambda item: (item[0].stamp, item[0].device))
    authors = author_names(connection, {line.author for line, _reason in versions})
    return [
        Version(
            number, line.stamp, format_moment(district_time(ms_from_hlc(line.stamp))), line.author,
            authors.get(line.author), line.device,
            reason, reason is None, line.deleted, line.kind, {} if line.body == ERASED_BODY else dict(line.body),
        )
        for number, (line, reason) in enumerate(versions, 1)
    ]  # fmt: skip


def lines_with_versions(
    connection: Connection, ids: str, values: Mapping[str, str] | None = None
) -> list[tuple[Line, str | None]]:
    """Which versions have the lines whose ids a subquery gives, and why is each not current? None for the current
    ones; in no order."""
    columns = "kind, id, project_id, stamp, device_id, author_id, deleted, base, body, reason"
    rows = connection.execute(f"SELECT {columns} FROM history WHERE id IN ({ids})", dict(values or {}))
    past = [(_unknown_line(row[:-1]), row[-1]) for row in rows]
    return [*past, *((line, None) for line in _lines(connection, ids, values))]


def lines_containing(connection: Connection, terms: Iterable[str]) -> Iterator[Line]:
    """Which lines have one of these terms in a field, deleted ones too? Reads every line."""
    chosen = {"terms": orjson.dumps(list(terms)).decode()}
    holds = "EXISTS (SELECT 1 FROM json_each(:terms) t WHERE instr({}, t.value))"
    for table in kind_tables(connection):
        said = " || char(10) || ".join(f"coalesce(\"{name}\", '')" for name in (*table.columns, "extra"))
        query = f"{_select(table)} WHERE {holds.format(said)}"
        yield from (_line(table, row) for row in connection.execute(query, chosen))
    query = f"{_UNKNOWN_LINES_SQL} WHERE {holds.format('body')}"
    yield from (_unknown_line(row) for row in connection.execute(query, chosen))


def lines_by_authors(connection: Connection, people: Iterable[str]) -> Iterator[Line]:
    """Which current lines did these people write?"""
    chosen = {"people": orjson.dumps(list(people)).decode()}
    where = "WHERE author_id IN (SELECT value FROM json_each(:people)) ORDER BY stamp"
    for table in kind_tables(connection):
        yield from (_line(table, row) for row in connection.execute(f"{_select(table)} {where}", chosen))


def dump(connection: Connection) -> Iterator[bytes]:
    """Every line here, deleted ones too, as canonical bytes ordered by kind and id. Run it inside
    `Database.read`."""
    tables = {table.kind: table for table in kind_tables(connection)}
    unreadable = [row[0] for row in connection.execute("SELECT DISTINCT kind FROM unknown_line")]
    for kind in sorted({*tables, *unreadable}):
        if kind not in unreadable:
            yield from _canonical_rows(connection, tables[kind])
        else:
            yield from map(canonical_json, _lines_of(connection, kind, tables.get(kind)))


def count(connection: Connection) -> int:
    """How many lines does `dump` give?"""
    tables = (*(table.kind for table in kind_tables(connection)), "unknown_line")
    return sum(connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in tables)


def rejected_lines(connection: Connection) -> list[RejectedLine]:
    """Which lines did the central reject, and why? In the order in which they were written."""
    rejected = {line.id: line for line in _lines(connection, "SELECT id FROM outbox WHERE state = 'rejected'")}
    projects = dict(connection.execute("SELECT id, name FROM project").fetchall()) if rejected else {}
    rows = connection.execute("SELECT id, code, reason, at FROM outbox WHERE state = 'rejected' ORDER BY n").fetchall()
    return [_rejected_line(rejected[row[0]], projects, *row[1:]) for row in rows if row[0] in rejected]


def _rejected_line(
    line: Line, projects: dict[str, str], code: str | None, reason: str | None, at: int | None
) -> RejectedLine:
    when = None if at is None else format_moment(district_time(at))
    project = projects.get(line.project) if line.project else None
    return RejectedLine(line.id, line.kind, line.project, project, code, reason, when, dict(line.body))


def _lines(connection: Connection, ids: str, values: Mapping[str, str] | None = None) -> Iterator[Line]:
    """The current lines whose ids a subquery gives."""
    bound = dict(values or {})
    for table in kind_tables(connection):
        yield from (_line(table, row) for row in connection.execute(f"{_select(table)} WHERE id IN ({ids})", bound))
    yield from (_unknown_line(row) for row in connection.execute(f"{_UNKNOWN_LINES_SQL} WHERE id IN ({ids})", bound))


def author_names(connection: Connection, ids: set[str]) -> dict[str, str | None]:
    """What are the names of these people? None for those whose lines are not here."""
    chosen = orjson.dumps(sorted(ids)).decode()
    return dict(
        connection.execute(f"SELECT j.value, {person_name_sql('j.value')} FROM json_each(?) j", (chosen,)).fetchall()
    )


def unit_names(connection: Connection, ids: set[str]) -> dict[str, str | None]:
    """What are the names of these departments? Those whose lines are not here are left out."""
    query = f"SELECT j.value, u.name FROM json_each(?) j JOIN unit u ON u.id = {kept_id_sql('j.value')}"
    return dict(connection.execute(query, (orjson.dumps(sorted(ids)).decode(),)).fetchall())


def _table(name: str, columns: list[tuple[str, str]]) -> KindTable:
    body = [(column, declared) for column, declared in columns if column not in _NOT_IN_BODY]
    lists = frozenset(n for n, (_column, declared) in enumerate(body) if declared == "JSON")
    flags = frozenset(n for n, (_column, declared) in enumerate(body) if declared == "BOOLEAN")
    return KindTable(name, tuple(column for column, _declared in body), lists, flags)


def _select(table: KindTable) -> str:
    names = ", ".join(f'"{name}"' for name in (*_ENVELOPE, *table.columns))
    return f'SELECT {names} FROM "{table.kind}"'


def _canonical_rows(connection: Connection, table: KindTable) -> Iterator[bytes]:
    """The lines of a table as canonical bytes, by id."""
    names = dict(enumerate(table.columns))
    lists, flags = [names[n] for n in table.lists], [names[n] for n in table.flags]
    row = row_json_sql(table.kind, (*_ENVELOPE, *table.columns), table.columns, lists, flags)
    for (encoded,) in connection.execute(f'SELECT {row} FROM "{table.kind}" t ORDER BY t.id'):
        yield encoded if encoded[0] == IS_LINE else canonical_json(_line(table, orjson.loads(encoded)))


def _lines_of(connection: Connection, kind: str, table: KindTable | None) -> Iterator[Line]:
    """The lines of a kind by id, of which some are kept whole, as unknown ones."""
    query = f"{_UNKNOWN_LINES_SQL} WHERE kind = ? ORDER BY id"
    unknown = map(_unknown_line, connection.execute(query, (kind,)))
    if table is None:
        return unknown
    known = (_line(table, row) for row in connection.execute(f"{_select(table)} ORDER BY id"))
    return heapq.merge(known, unknown, key=lambda line: line.id)


def _line(table: KindTable, row: Row) -> Line:
    line_id, project, stamp, device, author, deleted, base, extra, *values = row
    body: dict[str, object] = {}
    for n, value in enumerate(values):
        if value is not None:
            body[table.columns[n]] = orjson.loads(value) if n in table.lists else value
            if n in table.flags:
                body[table.columns[n]] = bool(value)
    if extra:
        body.update(orjson.loads(extra))
    return Line(line_id, table.kind, project, stamp, device, author, bool(deleted), body, base)


def _unknown_line(row: Row) -> Line:
    kind, line_id, project, stamp, device, author, deleted, base, body = row
    return Line(line_id, kind, project, stamp, device, author, bool(deleted), orjson.loads(body), base)
