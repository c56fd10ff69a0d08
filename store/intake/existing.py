"""Reads from the store what a table can name."""

from __future__ import annotations

from store.codec import columns, line_from
from store.connection import Connection
from store.intake.plan import KINDS, Existing
from store.kinds import kinds
from store.meta import read_meta


def known(connection: Connection) -> Existing:
    """Which people, units, projects and assignments are there, deleted ones too?"""
    lines = {}
    for name in KINDS:
        kind = kinds()[name]
        rows = connection.execute(f"SELECT {columns(kind)} FROM {name} ORDER BY id")
        lines[name] = tuple(line_from(kind, row) for row in rows)
    return Existing(read_meta(connection)["district"], lines)
