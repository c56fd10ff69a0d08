"""What the desk reads of the registers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from store.db.connection import Connection
from store.domain.procedure_catalogue import place_of
from store.domain.registers import BOOKS, PROCEDURE, Book
from store.queries import register_lines
from store.queries.details import critical_path, with_details
from tui.data.paging import Paged, Whole
from tui.i18n.register_text import FLAGGED, BookRow

if TYPE_CHECKING:
    from store.domain.status_lights import Marks
    from tui.data.reader import Desk
    from tui.data.rows import Source


def rows_of(desk: Desk, book: Book, project: str | None = None, **chosen: str | None) -> Source[BookRow]:
    """A register's lines, of a project or of all, newest first; a project's procedures in their own order."""
    if book is PROCEDURE and project is not None and not any(chosen.values()):
        return Whole(desk.database, lambda connection: _procedures(connection, project, desk.today()))

    def read(connection: Connection, listing: Any, entered: Any, position: int, limit: int) -> list[BookRow]:
        found = register_lines.rows(connection, book, listing, limit=limit, entered=entered, position=position)
        if book.name in FLAGGED:
            found = [with_details(connection, book, row, desk.today()) for row in found]
        return [BookRow(row["id"], row) for row in found]

    def key(row: BookRow) -> Any:
        return register_lines.row_key(book, row.values)

    return Paged(
        desk.database, lambda: register_lines.listing(book, **{**chosen, "project": project}), read, key, desk.epoch
    )


def _procedures(connection: Connection, project: str, on: Marks) -> list[BookRow]:
    rows = register_lines.rows(connection, PROCEDURE, register_lines.listing(PROCEDURE, project=project))
    rows.sort(key=lambda row: (place_of(row["code"]), row["code"]))
    blocking = {row["id"] for row in critical_path(connection, rows, on)}
    told = [with_details(connection, PROCEDURE, row, on) for row in rows]
    return [BookRow(row["id"], {**row, "blocks": row["id"] in blocking}) for row in told]


def counts(connection: Connection, project: str | None = None) -> dict[str, int]:
    """How many lines each register has, in a project or in all."""
    return register_lines.counts(connection, BOOKS.values(), project)


def row_of(connection: Connection, book: Book, line_id: str, on: Marks) -> register_lines.Row | None:
    """One line of a register, with what follows from it."""
    found = register_lines.row(connection, book, line_id)
    return with_details(connection, book, found, on) if found else None
