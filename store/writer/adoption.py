"""After an upgrade: move unknown lines and fields into the tables and columns that now exist, and out of them what is
no longer valid.

A line stays the same, so its digest does too; its bucket may change, and its checksum moves there. A change of what a
kind accepts needs a migration, possibly an empty one, so that this runs. The lines of a kind are read only where its
rules are others than those by which they were last judged, which the store remembers.
"""

from __future__ import annotations

import orjson

from store.db.connection import Connection
from store.ledger.buckets import Area, bucket_name
from store.ledger.kinds import Kind, bucket_of, kinds
from store.ledger.line import Line, canonical_json, digest_of
from store.ledger.row_mapping import (
    EXTRA_INDEX,
    UNKNOWN_COLUMNS,
    ColumnValues,
    line_from,
    readable_body,
    select_columns,
    unknown_line_from,
)
from store.writer.issue_states import store_issue_states
from store.writer.transaction import OutboxRow, Transaction

JUDGED_BY = "judged_by"
"""The device fact that says by which rules of each kind its lines were judged at the last upgrade, as JSON."""


def promote_unknown_lines(connection: Connection) -> int:
    """Store as typed rows what this version knows and the one before did not, and fields that it no longer takes for
    valid apart from them, in the caller's transaction; returns how many lines."""
    now_known = _unknown_lines_now_known(connection)
    grown = [line for kind in _kinds_to_judge(connection) for line in _lines_to_store_anew(connection, kind)]
    if not now_known and not grown:
        return 0
    change = Transaction(connection, 0)
    waiting = change.outbox_rows([line.id for line in now_known])
    for line in now_known:
        _rebucket(change, line, waiting.get(line.id))
    for line in [*now_known, *grown]:
        change.set_current(line, digest_of(canonical_json(line)))
    change.flush()
    return len(now_known) + len(grown)


def _kinds_to_judge(connection: Connection) -> list[Kind]:
    """The kinds whose rules are others than when their lines here were last judged; from now on their rules are these.
    A store of an earlier version does not know by which rules it was judged: there it is all of them."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (JUDGED_BY,)).fetchone()
    judged_by = orjson.loads(row[0]) if row else {}
    rules = {name: kind.rules() for name, kind in kinds().items()}
    connection.execute(
        "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (JUDGED_BY, orjson.dumps(rules).decode())
    )
    return [kind for name, kind in kinds().items() if judged_by.get(name) != rules[name]]


def recompute_acts_out_of_turn(connection: Connection) -> None:
    """Recompute the states of issues with acts out of turn: the table of this version may allow some of these."""
    issues = [row[0] for row in connection.execute("SELECT id FROM issue_state WHERE out_of_turn IS NOT NULL")]
    store_issue_states(connection, issues, 0)


def _unknown_lines_now_known(connection: Connection) -> list[Line]:
    """Unknown lines that now fit a table."""
    rows = connection.execute(f"SELECT {UNKNOWN_COLUMNS} FROM unknown_line")
    return [line for line in map(unknown_line_from, rows) if readable_body(line) is not None]


def _lines_to_store_anew(connection: Connection, kind: Kind) -> list[Line]:
    """Lines with a field among their unknown ones that now has a column and is valid, and lines with a field in a
    column that is not valid."""
    rows = connection.execute(f"SELECT {select_columns(kind)} FROM {kind.name}")
    return [line for row in rows if _is_misplaced(kind, row, line := line_from(kind, row))]


def _is_misplaced(kind: Kind, row: ColumnValues, line: Line) -> bool:
    apart = orjson.loads(row[EXTRA_INDEX]).keys() & kind.field_names if row[EXTRA_INDEX] else set()
    if not apart:
        return not kind.is_valid_body(line.body)
    readable = kind.readable_body(line.body)
    return readable is None or line.body.keys() & kind.field_names - readable.keys() != apart


def _rebucket(change: Transaction, line: Line, outbox_row: OutboxRow | None) -> None:
    was, now = bucket_name(Area.BODY, line.project, line.id), bucket_of(line)
    agreed = outbox_row.base_digest if outbox_row else digest_of(canonical_json(line))
    change.add_to_checksum(was, agreed, -1)
    change.add_to_checksum(now, agreed)
    change.connection.execute("UPDATE outbox SET bucket = ? WHERE id = ?", (now, line.id))
