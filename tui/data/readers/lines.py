"""Lines of any kind with the names of the lines that they mention."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from store import queries

if TYPE_CHECKING:
    from store.db.connection import Connection
    from store.domain.registers import Register
    from store.domain.status_lights import LightThresholds
    from store.ledger.line import Line
    from store.queries.bin import BinEntry
    from store.queries.conflicts import Conflict
    from store.queries.lines import Version
    from store.queries.name_lookup import NamedKind
    from store.queries.register_lines import RegisterRecord


def line_with_names(connection: Connection, line_id: str) -> tuple[Line | None, dict[str, str]]:
    """The current version of any line, with the names of the lines that it mentions."""
    line = queries.lines.current_line(connection, line_id)
    return line, queries.referenced_names.referenced_names(connection, [line.body]) if line else {}


def history_with_names(connection: Connection, line_id: str) -> tuple[list[Version], dict[str, str]]:
    """All versions of a line, newest first, with the names of the lines that they mention."""
    versions = queries.lines.version_history(connection, line_id)[::-1]
    return versions, queries.referenced_names.referenced_names(connection, [version.body for version in versions])


def conflict_names(connection: Connection, *conflicts: Conflict) -> dict[str, str]:
    """The names of the lines that superseded versions mention, and of those mentioned now in their place."""
    bodies = [{each.field: value} for row in conflicts for each in row.differs for value in (each.lost, each.now)]
    return queries.referenced_names.referenced_names(connection, bodies)


def bin_names(connection: Connection, entry: BinEntry) -> dict[str, str]:
    """The names of the lines that an entry of the bin mentions, and of those mentioned now in their place."""
    return queries.referenced_names.referenced_names(
        connection, [entry.body, {each.field: each.now for each in entry.differs}]
    )


def register_record(
    connection: Connection, register: Register, line_id: str, thresholds: LightThresholds
) -> RegisterRecord | None:
    """One line of a register, with what is derived from it; None when it is not here."""
    record = queries.register_lines.row(connection, register, line_id)
    return queries.details.with_details(connection, register, record, thresholds) if record else None


def name_of(connection: Connection, kind: NamedKind, line_id: str) -> str | None:
    """The name of a line; None when it is not here."""
    return next((match.name for match in queries.name_lookup.find_by_name(connection, kind, line_id)), None)


def issue_numbers(connection: Connection, issue_ids: Iterable[str]) -> list[str]:
    """The numbers of issues; the title of an issue without one."""
    matches = [
        match for issue_id in issue_ids for match in queries.name_lookup.find_by_name(connection, "issue", issue_id)
    ]
    return [match.number or match.name for match in matches]
