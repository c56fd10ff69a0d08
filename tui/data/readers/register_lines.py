"""What the desk reads of the registers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from store.db.connection import Connection
from store.domain.procedure_catalogue import procedure_order
from store.domain.registers import PROCEDURE_REGISTER, REGISTERS, Register
from store.queries import register_lines
from store.queries.details import critical_path, with_details
from tui.data.paging import PagedSource, UnpagedSource
from tui.i18n.register_text import FLAGGED_REGISTERS, RegisterLineRow

if TYPE_CHECKING:
    from store.domain.status_lights import LightThresholds
    from tui.data.reader import Reader
    from tui.data.rows import RowSource


def register_rows(
    reader: Reader, register: Register, project: str | None = None, **criteria: str | None
) -> RowSource[RegisterLineRow]:
    """A register's lines, of a project or of all, newest first; a project's procedures in their own order."""
    if register is PROCEDURE_REGISTER and project is not None and not any(criteria.values()):
        return UnpagedSource(reader.database, lambda connection: _procedures(connection, project, reader.thresholds()))

    def read(connection: Connection, listing: Any, entered: Any, position: int, limit: int) -> list[RegisterLineRow]:
        found = register_lines.rows(connection, register, listing, limit=limit, index=entered, position=position)
        if register.name in FLAGGED_REGISTERS:
            found = [with_details(connection, register, row, reader.thresholds()) for row in found]
        return [RegisterLineRow(row["id"], row) for row in found]

    def key(row: RegisterLineRow) -> Any:
        return register_lines.row_key(register, row.values)

    return PagedSource(
        reader.database,
        lambda: register_lines.listing(register, **{**criteria, "project": project}),
        read,
        key,
        reader.epoch,
    )


def _procedures(connection: Connection, project: str, thresholds: LightThresholds) -> list[RegisterLineRow]:
    rows = register_lines.rows(
        connection, PROCEDURE_REGISTER, register_lines.listing(PROCEDURE_REGISTER, project=project)
    )
    rows.sort(key=lambda row: (procedure_order(row["code"]), row["code"]))
    blocking = {row["id"] for row in critical_path(connection, rows, thresholds)}
    told = [with_details(connection, PROCEDURE_REGISTER, row, thresholds) for row in rows]
    return [RegisterLineRow(row["id"], {**row, "blocks": row["id"] in blocking}) for row in told]


def register_counts(connection: Connection, project: str | None = None) -> dict[str, int]:
    """How many lines each register has, in a project or in all."""
    return register_lines.counts(connection, REGISTERS.values(), project)


def register_row(
    connection: Connection, register: Register, line_id: str, thresholds: LightThresholds
) -> register_lines.RegisterRecord | None:
    """One line of a register, with what follows from it."""
    found = register_lines.row(connection, register, line_id)
    return with_details(connection, register, found, thresholds) if found else None
