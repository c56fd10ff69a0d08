"""Loads the lines that a table can refer to."""

from __future__ import annotations

from store.db.connection import Connection
from store.db.device_facts import read_device_facts
from store.importing.row_verdicts import IMPORTED_KINDS, ExistingLines
from store.ledger.kinds import kinds
from store.ledger.row_mapping import readable_line_from, select_columns


def load_existing_lines(connection: Connection) -> ExistingLines:
    """Which people, units, projects and assignments exist, deleted ones too?"""
    lines = {}
    for name in IMPORTED_KINDS:
        kind = kinds()[name]
        rows = connection.execute(f"SELECT {select_columns(kind)} FROM {name} ORDER BY id")
        lines[name] = tuple(readable_line_from(kind, row) for row in rows)
    kept = dict(connection.execute("SELECT id, kept_id FROM merged_id").fetchall())
    facts = read_device_facts(connection)
    return ExistingLines(facts.district, lines, kept, facts.district_name)
