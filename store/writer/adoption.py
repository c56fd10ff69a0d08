"""After an upgrade: lines and fields that were kept unknown come alive in the tables and columns that now exist.

Nothing about a line changes, so its digest stays; only its bucket may, and its share moves there. A change of what a
kind accepts takes a migration, if only an empty one, so that this runs.
"""

from __future__ import annotations

import orjson

from store.db.connection import Connection
from store.ledger.buckets import Area, bucket_name
from store.ledger.kinds import Kind, bucket_of, kinds
from store.ledger.line import Line, canonical, digest_of
from store.ledger.row_mapping import EXTRA, UNKNOWN_COLUMNS, columns, fits, line_from, unknown_line
from store.writer.transaction import Queued, Transaction


def adopt(connection: Connection) -> int:
    """Bring to life what this version knows and the one before did not, in the caller's transaction; gives how many
    lines."""
    strangers = _strangers(connection)
    grown = [line for kind in kinds().values() for line in _grown(connection, kind)]
    if not strangers and not grown:
        return 0
    change = Transaction(connection, 0)
    waiting = change.queued([line.id for line in strangers])
    for line in strangers:
        _rebucket(change, line, waiting.get(line.id))
    for line in [*strangers, *grown]:
        change.keep(line, digest_of(canonical(line)))
    change.flush()
    return len(strangers) + len(grown)


def _strangers(connection: Connection) -> list[Line]:
    """Lines kept whole that now fit a table."""
    rows = connection.execute(f"SELECT {UNKNOWN_COLUMNS} FROM unknown_line")
    return [line for line in map(unknown_line, rows) if fits(line)]


def _grown(connection: Connection, kind: Kind) -> list[Line]:
    """Lines with a field among their unknown ones that now has a column."""
    rows = connection.execute(f"SELECT {columns(kind)} FROM {kind.name} WHERE extra IS NOT NULL").fetchall()
    return [line_from(kind, row) for row in rows if orjson.loads(row[EXTRA]).keys() & set(kind.fields)]


def _rebucket(change: Transaction, line: Line, waits: Queued | None) -> None:
    was, now = bucket_name(Area.BODY, line.project, line.id), bucket_of(line)
    agreed = waits.base_digest if waits else digest_of(canonical(line))
    change.agree(was, agreed, -1)
    change.agree(now, agreed)
    change.connection.execute("UPDATE outbox SET bucket = ? WHERE id = ?", (now, line.id))
