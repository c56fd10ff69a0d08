"""Checksums: set digests over what the central is known to have, and their recomputation from rows (decision 6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import NamedTuple

import orjson

from store.db.connection import Connection
from store.db.database import Database
from store.ledger.buckets import DISTRICT, DISTRICT_WIDE_AREAS, Area, SetChecksum, bucket_group, bucket_name
from store.ledger.canonical_sql import IS_LINE, row_json_sql
from store.ledger.kind_facts import kind_facts
from store.ledger.kinds import FOLLOWED_ROOTS, Kind, bucket_of, kinds
from store.ledger.line import Line, canonical_json, digest_of
from store.ledger.row_mapping import (
    DIGEST_INDEX,
    ENVELOPE_COLUMNS,
    UNKNOWN_COLUMNS,
    line_from,
    select_columns,
    to_unsigned,
    unknown_line_from,
)
from store.writer.transaction import StoredLine

LineCounter = Callable[[int], object]
"""Is told how many more lines were read."""
_PAGE_SIZE = 2_000


def _uncounted(_lines: int) -> None:
    """Count nothing."""


def total_checksum(connection: Connection) -> SetChecksum:
    """The set digest of the whole scope, which a round compares."""
    row = connection.execute("SELECT sum(lines), sum(hi), sum(lo) FROM agreement").fetchone()
    return SetChecksum(*(value or 0 for value in row))


def checksums_by_bucket(connection: Connection, groups: Iterable[str] | None = None) -> dict[str, SetChecksum]:
    """The set digest of each bucket that has lines, of all or only of those in these groups."""
    chosen = None if groups is None else set(groups)
    rows = connection.execute("SELECT bucket, lines, hi, lo FROM agreement WHERE lines > 0")
    return {row[0]: SetChecksum(*row[1:]) for row in rows if chosen is None or bucket_group(row[0]) in chosen}


class KnownOwner(NamedTuple):
    """Project, leading department and co-handling departments of an issue's or a procedure's bucket, as known here."""

    project: str | None
    department: str | None
    co_handlers: tuple[str, ...] = ()


def owners_of_buckets(connection: Connection, buckets: Iterable[str]) -> dict[str, KnownOwner]:
    """Whose are those of the buckets that are an issue's or a procedure's, as far as it is known here?"""
    owners: dict[str, KnownOwner] = {}
    names = list(buckets)
    for area, table in ((Area.ISSUE, "issue_state"), (Area.PROCEDURE, "procedure")):
        ids = [name.partition(":")[2] for name in names if name.startswith(f"{area}:")]
        rows = connection.execute(
            f"SELECT id, project_id, department_id FROM {table} WHERE id IN (SELECT value FROM json_each(?))",
            (orjson.dumps(ids).decode(),),
        )
        owners |= {f"{area}:{root}": KnownOwner(project, department) for root, project, department in rows}
    issues = [name.partition(":")[2] for name in owners if name.startswith(f"{Area.ISSUE}:")]
    for issue, department in connection.execute(_CO_HANDLERS, (orjson.dumps(issues).decode(),)):
        owner = owners[f"{Area.ISSUE}:{issue}"]
        owners[f"{Area.ISSUE}:{issue}"] = owner._replace(co_handlers=(*owner.co_handlers, department))
    return owners


_CO_HANDLERS = (
    "SELECT issue_id, department_id FROM co_handler WHERE issue_id IN (SELECT value FROM json_each(?)) "
    "ORDER BY issue_id, place"
)


def buckets_of_unknown_kinds(connection: Connection) -> set[str]:
    """The buckets in which this version keeps lines of kinds that it does not know; a newer central may have them in
    others."""
    projects = connection.execute("SELECT DISTINCT project_id FROM unknown_line")
    return {bucket_name(Area.BODY, project, "") for (project,) in projects}


def checksums_by_group(connection: Connection) -> dict[str, SetChecksum]:
    """The set digest of each of the 256 groups that has lines."""
    groups: dict[str, SetChecksum] = defaultdict(SetChecksum)
    for bucket, *total in connection.execute("SELECT bucket, lines, hi, lo FROM agreement WHERE lines > 0"):
        group = bucket_group(bucket)
        groups[group] = groups[group].add(SetChecksum(*total))
    return dict(groups)


def recompute_by_bucket(connection: Connection) -> dict[str, SetChecksum]:
    """The set digest of each bucket computed from the rows as they stand now; damage to a row shows here."""
    actual: dict[str, SetChecksum] = defaultdict(SetChecksum)
    for bucket, digest in _digests_at_central(connection, _uncounted):
        actual[bucket] = actual[bucket].with_digest(digest)
    return dict(actual)


def has_checksum_mismatch(connection: Connection, counted: LineCounter = _uncounted) -> bool:
    """Whether the rows differ from the running checksums, so that some row is damaged. Reads every line, page by page,
    each of which is ``counted``; compares groups, so that memory does not grow with the store."""
    groups: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    bucket, total = "", groups[bucket_group("")]
    for of_line, digest in _digests_at_central(connection, counted):
        if of_line != bucket:
            bucket, total = of_line, groups[bucket_group(of_line)]
        total[0] += 1
        total[1] += digest >> 32
        total[2] += digest & 0xFFFFFFFF
    actual = {group: SetChecksum(*total) for group, total in groups.items() if total[0]}
    return actual != checksums_by_group(connection)


def has_damaged_line(database: Database, counted: LineCounter = _uncounted) -> bool:
    """`has_checksum_mismatch` for a thread of its own: its connection is closed afterwards, and its cache is small, as
    each page is read once."""
    try:
        with database.read() as connection:
            connection.execute("PRAGMA cache_size = -2048")
            return has_checksum_mismatch(connection, counted)
    finally:
        database.close_own_connection()


def _digests_at_central(connection: Connection, counted: LineCounter) -> Iterator[tuple[str, int]]:
    """Bucket and digest of the version that the central is known to have, of each line that it has, from the rows."""
    placed_by_columns = [kind for kind in kinds().values() if kind.of_field is None]
    for kind in placed_by_columns:
        yield from _digests_of_kind(connection, kind, counted)
    others = [_lines_of_kind(connection, kind) for kind in kinds().values() if kind.of_field is not None]
    lines = chain(*others, _unknown_lines(connection))
    while page := list(islice(lines, _PAGE_SIZE)):
        waiting = _waiting(connection, page)
        for line in page:
            row = waiting.get(line.id)
            if row is None or row[0] != line.kind:
                yield bucket_of(line), digest_of(canonical_json(line))
            elif row[1] is not None:
                yield bucket_of(line), to_unsigned(row[1])
        counted(len(page))


def _digests_of_kind(connection: Connection, kind: Kind, counted: LineCounter) -> Iterator[tuple[str, int]]:
    """The same of a kind whose buckets follow from columns. SQL writes what is hashed, and finds what waits."""
    row = row_json_sql(kind.name, (*ENVELOPE_COLUMNS, *kind.fields), kind.fields, kind.lists, kind.bools)
    own = f"CASE WHEN o.id IS NULL OR o.kind <> '{kind.name}' THEN {row} END"
    query = f"SELECT {_bucket_sql(kind)}, {own}, o.base_digest FROM {kind.name} t LEFT JOIN outbox o ON o.id = t.id"
    rows = connection.execute(query)
    while page := rows.fetchmany(_PAGE_SIZE):
        for bucket, encoded, base in page:
            if encoded is None:
                if base is not None:
                    yield bucket, to_unsigned(base)
            elif encoded[0] == IS_LINE:
                yield bucket, digest_of(encoded)
            else:
                yield bucket, digest_of(canonical_json(line_from(kind, orjson.loads(encoded))))
        counted(len(page))


def _bucket_sql(kind: Kind) -> str:
    """The bucket of a row ``t``, as `bucket_of` has it."""
    if kind.area in DISTRICT_WIDE_AREAS:
        return f"'{kind.area}'"
    if kind.area in (Area.ISSUE, Area.PROCEDURE):
        return f"'{kind.area}:' || coalesce(t.{kind.root or 'id'}, t.id)"
    return f"coalesce('{kind.area}:' || t.project_id, '{DISTRICT}')"


def _waiting(connection: Connection, lines: Iterable[Line]) -> dict[str, tuple[str, int | None]]:
    """Kind and digest of the central's version of those of these lines that are in the outbox."""
    query = "SELECT id, kind, base_digest FROM outbox WHERE id IN (SELECT value FROM json_each(?))"
    ids = orjson.dumps([line.id for line in lines]).decode()
    return {line_id: (kind, base) for line_id, kind, base in connection.execute(query, (ids,))}


def all_lines(connection: Connection) -> Iterator[Line]:
    """Every current line, kind by kind, streamed."""
    for kind in kinds().values():
        yield from _lines_of_kind(connection, kind)
    yield from _unknown_lines(connection)


def _lines_of_kind(connection: Connection, kind: Kind) -> Iterator[Line]:
    for row in connection.execute(f"SELECT {select_columns(kind)} FROM {kind.name}"):
        yield line_from(kind, row)


def _unknown_lines(connection: Connection) -> Iterator[Line]:
    for row in connection.execute(f"SELECT {UNKNOWN_COLUMNS} FROM unknown_line"):
        yield unknown_line_from(row)


def lines_in_bucket(connection: Connection, bucket: str) -> dict[str, StoredLine]:
    """The current lines of one bucket by id, each with the digest that was computed when it was stored."""
    found: dict[str, StoredLine] = {}
    for kind in kinds().values():
        where, values = _bucket_condition(kind, bucket)
        for row in connection.execute(f"SELECT {select_columns(kind)} FROM {kind.name} WHERE {where}", values):
            found[row[0]] = StoredLine(line_from(kind, row), to_unsigned(row[DIGEST_INDEX]))
    for row in connection.execute(f"SELECT {UNKNOWN_COLUMNS} FROM unknown_line"):
        if bucket_of(line := unknown_line_from(row)) == bucket:
            found[line.id] = StoredLine(line, to_unsigned(row[-1]))
    return found


def _bucket_condition(kind: Kind, bucket: str) -> tuple[str, tuple[str, ...]]:
    """Which rows of a kind's table are in a bucket."""
    area, _, key = bucket.partition(":")
    if kind.of_field:
        return _followed_condition(kind, bucket)
    if kind.area in DISTRICT_WIDE_AREAS:
        return ("1" if kind.area == bucket else "0"), ()
    if bucket == DISTRICT:
        return "project_id IS NULL", ()
    if kind.area != area:
        return "0", ()
    column = (kind.root or "id") if kind.area in (Area.ISSUE, Area.PROCEDURE) else "project_id"
    return f"{column} = ?", (key,)


def _followed_condition(kind: Kind, bucket: str) -> tuple[str, tuple[str, ...]]:
    """The same for a kind whose lines lie where those of another kind do."""
    area, _, key = bucket.partition(":")
    there = f"{kind.of_field} IN ({_kinds_in(area)})"
    if bucket == DISTRICT:  # and what should name a project, and does not
        return f"{there} OR (project_id IS NULL AND {kind.of_field} IN ({_kinds_in(Area.HEAD, Area.BODY)}))", ()
    if area in DISTRICT_WIDE_AREAS:
        return there, ()
    return f"{there} AND {FOLLOWED_ROOTS.get(Area(area), 'project_id')} = ?", (key,)


def _kinds_in(*areas: str) -> str:
    """The kinds of these areas, as SQL."""
    return ", ".join(f"'{name}'" for name, facts in kind_facts().items() if facts.area in areas)
