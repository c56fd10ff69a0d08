"""Loads the lines that a table can refer to."""

from __future__ import annotations

from store.db.connection import Connection
from store.db.device_facts import read_device_facts
from store.importing.row_verdicts import IMPORTED_KINDS, ExistingLines, ShownIssue
from store.ledger.kinds import kinds
from store.ledger.line import Line
from store.ledger.row_mapping import readable_line_from, select_columns


def load_existing_lines(connection: Connection) -> ExistingLines:
    """Which people, units, projects and assignments exist, deleted ones too?"""
    lines = {name: load_kind(connection, name) for name in IMPORTED_KINDS}
    kept = dict(connection.execute("SELECT id, kept_id FROM merged_id").fetchall())
    facts = read_device_facts(connection)
    return ExistingLines(facts.district, lines, kept, facts.district_name)


def load_shown_issues(connection: Connection) -> dict[str, ShownIssue]:
    """What do lists show of each issue?"""
    rows = connection.execute("SELECT id, state, department_id, owner_id, due FROM issue_state")
    return {id: ShownIssue(*shown) for id, *shown in rows}


def load_kind(connection: Connection, name: str) -> tuple[Line, ...]:
    """Which lines of this kind are there, deleted ones too, in the order of their ids?"""
    kind = kinds()[name]
    rows = connection.execute(f"SELECT {select_columns(kind)} FROM {name} ORDER BY id")
    return tuple(readable_line_from(kind, row) for row in rows)
