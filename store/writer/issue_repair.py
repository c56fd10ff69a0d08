"""Every issue's stored state against its own line and its steps: what ``guanjia doctor --recompute`` asks.

The stored states are for lists only; this is the proof that they are what ``store/domain/issue_lifecycle.py`` says,
and their repair.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import orjson

from store.db.connection import Connection
from store.db.database import Database
from store.writer.transaction import ISSUE_STATE_COLUMNS, compute_issue_states, issue_state_row, store_issue_states

_PAGE_SIZE = 2000


def repair_issue_states(database: Database, now_ms: int) -> tuple[int, list[str]]:
    """Work out every state anew and put right what differs, in one transaction. Gives how many issues there are, and
    the ids of those whose stored state was another."""
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
