"""What the screen of one project reads: its timeline, its procedures by stage, its progress month by month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from store.db.connection import Connection
from store.domain.registers import PROCEDURE_REGISTER, PROGRESS_REGISTER
from store.queries import register_lines, timeline
from store.queries.details import with_details
from tui.data.paging import PagedSource, UnpagedSource
from tui.data.rows import RowSource
from tui.i18n.register_text import RegisterLineRow
from tui.presenters.projects import EventRow

if TYPE_CHECKING:
    from tui.data.reader import Reader


def project_timeline(reader: Reader, project: str) -> PagedSource[EventRow]:
    """Everything that happened at a project, newest first."""

    def read(connection: Connection, _listing: Any, entered: Any, position: int, limit: int) -> list[EventRow]:
        found = timeline.timeline(connection, project, limit, index=entered, position=position)
        return [EventRow(event) for event in found]

    def key(row: EventRow) -> Any:
        return timeline.event_key(row.event)

    return PagedSource(reader.database, lambda: timeline.listing(project), read, key, reader.epoch)


def project_procedures(reader: Reader, project: str) -> list[RegisterLineRow]:
    """The project's procedures in the order in which it meets them, with what follows from each."""
    return list(reader.register_lines(PROCEDURE_REGISTER, project).window(None, 0, 0).rows)


def project_progress(reader: Reader, project: str) -> RowSource[RegisterLineRow]:
    """The project's progress, newest month first; each month also with what was done in it (``month_done``, in yuan),
    where the month before is known."""

    def read(connection: Connection) -> list[RegisterLineRow]:
        rows = register_lines.rows(
            connection, PROGRESS_REGISTER, register_lines.listing(PROGRESS_REGISTER, project=project)
        )
        done = {row["month"]: row["done"] for row in rows}
        told = [with_details(connection, PROGRESS_REGISTER, row, reader.thresholds()) for row in rows]
        return [RegisterLineRow(row["id"], {**row, "month_done": _done_in_month(row["month"], done)}) for row in told]

    return UnpagedSource(reader.database, read)


def _done_in_month(month: str, done: dict[str, int | None]) -> int | None:
    """What was done in one month: the year's sum less that of the month before, which is nothing in January."""
    now, number = done.get(month), int(month[5:])
    before = 0 if number == 1 else done.get(f"{month[:5]}{number - 1:02}")
    return None if now is None or before is None else now - before
