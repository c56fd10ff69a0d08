"""Compare every issue's stored state with its line and steps, and repair it: ``guanjia doctor --recompute``.

Stored states serve lists only; ``store/domain/issue_lifecycle.py`` says what they must be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import orjson

from store.db.connection import Connection
from store.db.database import Database
from store.writer.transaction import ISSUE_STATE_COLUMNS, compute_issue_states, issue_state_row, store_issue_states

_PAGE_SIZE = 2000


def repair_issue_states(database: Database, now_ms: int) -> tuple[int, list[str]]:
    """Recompute every state and correct what differs, in one transaction. Returns the number of issues, and the ids
    of those whose stored state was different."""
    with database.write() as connection:
        count, differing = 0, []
        for ids in _id_pages(connection):
            count += len(ids)
            differing += _differing(connection, ids)
        store_issue_states(connection, differing, now_ms)
        return count, differing


def _id_pages(connection: Connection) -> Iterator[list[str]]:
    query = "SELECT id FROM issue WHERE id > ? UNION SELECT id FROM issue_state WHERE id > ? ORDER BY id LIMIT ?"
    after = ""
    while ids := [row[0] for row in connection.execute(query, (after, after, _PAGE_SIZE))]:
        yield ids
        after = ids[-1]


def _differing(connection: Connection, ids: Sequence[str]) -> list[str]:
    lines, states = compute_issue_states(connection, ids)
    wanted = {line.id: issue_state_row(line, states[line.id], 0)[:-1] for line in lines if not line.deleted}
    query = f"SELECT {ISSUE_STATE_COLUMNS} FROM issue_state WHERE id IN (SELECT value FROM json_each(?))"
    stored = {row[0]: tuple(row) for row in connection.execute(query, (orjson.dumps(ids).decode(),))}
    return [line_id for line_id in ids if wanted.get(line_id) != stored.get(line_id)]
