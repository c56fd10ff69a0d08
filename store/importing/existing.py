"""Reads from the store what a table can name."""

from __future__ import annotations

from store.db.connection import Connection
from store.db.meta import read_meta
from store.importing.plan import KINDS, Existing
from store.ledger.kinds import kinds
from store.ledger.row_mapping import columns, line_from


def known(connection: Connection) -> Existing:
    """Which people, units, projects and assignments are there, deleted ones too?"""
    lines = {}
    for name in KINDS:
        kind = kinds()[name]
        rows = connection.execute(f"SELECT {columns(kind)} FROM {name} ORDER BY id")
        lines[name] = tuple(line_from(kind, row) for row in rows)
    return Existing(read_meta(connection)["district"], lines)
