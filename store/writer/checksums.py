"""Agreement: set-digests over what the central is known to have, and a recount from the rows (decision 6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from store.db.connection import Connection
from store.ledger.buckets import DISTRICT, UNDIVIDED, Area, Sum, group_of
from store.ledger.kinds import Kind, bucket_of, kinds
from store.ledger.line import Line, canonical, digest_of
from store.ledger.row_mapping import DIGEST, UNKNOWN_COLUMNS, columns, line_from, unknown_line, unsigned
from store.writer.transaction import Held, queued_rows


def total(connection: Connection) -> Sum:
    """One number for the whole scope: what a round compares."""
    row = connection.execute("SELECT sum(lines), sum(hi), sum(lo) FROM agreement").fetchone()
    return Sum(*(value or 0 for value in row))


def by_bucket(connection: Connection, groups: Iterable[str] | None = None) -> dict[str, Sum]:
    """The set-digest of each bucket that has lines, of all or only of those in these groups."""
    chosen = None if groups is None else set(groups)
    rows = connection.execute("SELECT bucket, lines, hi, lo FROM agreement WHERE lines > 0")
    return {row[0]: Sum(*row[1:]) for row in rows if chosen is None or group_of(row[0]) in chosen}


def by_group(connection: Connection) -> dict[str, Sum]:
    """The set-digest of each of the 256 groups that has lines."""
    groups: dict[str, Sum] = defaultdict(Sum)
    for bucket, found in by_bucket(connection).items():
        groups[group_of(bucket)] = groups[group_of(bucket)].add(found)
    return dict(groups)


def recounted(connection: Connection) -> dict[str, Sum]:
    """The set-digest of each bucket computed from the rows as they stand now; damage to a row shows here."""
    actual: dict[str, Sum] = defaultdict(Sum)
    waiting = {row.id: row for row in queued_rows(connection)}
    for line in all_lines(connection):
        row = waiting.get(line.id)
        digest = row.base_digest if row else digest_of(canonical(line))
        if digest is not None:
            actual[bucket_of(line)] = actual[bucket_of(line)].plus(digest)
    return dict(actual)


def all_lines(connection: Connection) -> Iterator[Line]:
    """Every current line, kind by kind, streamed."""
    for kind in kinds().values():
        for row in connection.execute(f"SELECT {columns(kind)} FROM {kind.name}"):
            yield line_from(kind, row)
    for row in connection.execute(f"SELECT {UNKNOWN_COLUMNS} FROM unknown_line"):
        yield unknown_line(row)


def lines_in(connection: Connection, bucket: str) -> dict[str, Held]:
    """The current lines of one bucket by id, each with the digest that was computed when it was stored."""
    found: dict[str, Held] = {}
    for kind in kinds().values():
        where, values = _rows_of(kind, bucket)
        for row in connection.execute(f"SELECT {columns(kind)} FROM {kind.name} WHERE {where}", values):
            found[row[0]] = Held(line_from(kind, row), unsigned(row[DIGEST]))
    for row in connection.execute(f"SELECT {UNKNOWN_COLUMNS} FROM unknown_line"):
        if bucket_of(line := unknown_line(row)) == bucket:
            found[line.id] = Held(line, unsigned(row[-1]))
    return found


def _rows_of(kind: Kind, bucket: str) -> tuple[str, tuple[str, ...]]:
    """Which rows of a kind's table are in a bucket."""
    area, _, key = bucket.partition(":")
    if kind.area in UNDIVIDED:
        return ("1" if kind.area == bucket else "0"), ()
    if bucket == DISTRICT:
        return "project_id IS NULL", ()
    if kind.area != area:
        return "0", ()
    column = (kind.root or "id") if kind.area in (Area.ISSUE, Area.PROCEDURE) else "project_id"
    return f"{column} = ?", (key,)
