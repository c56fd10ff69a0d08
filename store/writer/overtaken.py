"""Keeps provisional versions to those that say something new beside the ledger (``store/writer/provisional.py``)."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from store.db.connection import Connection
from store.ledger.line import Line, stored_line
from store.ledger.merge import is_overtaken


def forget_overtaken(connection: Connection, current: Mapping[str, Line]) -> None:
    """Forget the provisional versions that these ``current`` lines, by id, overtake: called wherever lines are written,
    so that whoever counts or lists provisional versions need not compare."""
    if connection.execute("SELECT 1 FROM provisional LIMIT 1").fetchone() is None:
        return
    rows = connection.execute(
        "SELECT id, device_id, wire FROM provisional WHERE id IN (SELECT value FROM json_each(?))",
        (orjson.dumps(list(current)).decode(),),
    ).fetchall()
    gone = [
        (line_id, device)
        for line_id, device, wire in rows
        if (line := stored_line(wire.decode(errors="replace"))) is None or is_overtaken(line, current[line_id])
    ]
    connection.executemany("DELETE FROM provisional WHERE id = ? AND device_id = ?", gone)
