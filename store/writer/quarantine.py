"""The quarantine: which lines have fields that are not valid (``store/ledger/validity.py``), whoever let them in.

A field that is not valid lies in ``extra`` and nothing reads it; a line that lacks a field that its kind cannot do
without is kept whole as an unknown line. Both count in their bucket's checksum as what they are. The list is for
people: ``guanjia status`` counts it, ``guanjia doctor`` names them. A valid version releases a line.
"""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from store.db.connection import Connection
from store.ledger.kinds import kinds
from store.ledger.line import Line


def hold(connection: Connection, lines: Sequence[Line], now_ms: int) -> int:
    """Enter these lines of known kinds, with what is wrong with them; returns how many were not held before."""
    before = connection.execute("SELECT count(*) FROM quarantine").fetchone()[0]
    connection.executemany(
        "INSERT INTO quarantine (id, kind, fields, at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, fields = excluded.fields",
        ((line.id, line.kind, _faults(line), now_ms) for line in lines),
    )
    return int(connection.execute("SELECT count(*) FROM quarantine").fetchone()[0]) - int(before)


def release(connection: Connection, ids: Sequence[str]) -> None:
    """Remove lines that are valid by now, or gone."""
    if ids and connection.execute("SELECT 1 FROM quarantine LIMIT 1").fetchone():
        connection.executemany("DELETE FROM quarantine WHERE id = ?", ((line_id,) for line_id in ids))


def _faults(line: Line) -> str:
    faults = kinds()[line.kind].find_faults(line.body)
    return orjson.dumps({fault.field: fault.problem for fault in faults.values()}).decode()
