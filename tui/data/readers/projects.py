"""What the screen of one project reads: its timeline, its procedures by stage, its progress month by month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from store.db.connection import Connection
from store.domain.registers import PROCEDURE, PROGRESS
from store.queries import register_lines, timeline
from store.queries.details import with_details
from tui.data.paging import Paged, Whole
from tui.data.rows import Source
from tui.i18n.register_text import BookRow
from tui.presenters.projects import EventRow

if TYPE_CHECKING:
    from tui.data.reader import Desk


def story(desk: Desk, project: str) -> Paged[EventRow]:
    """Everything that happened at a project, newest first."""

    def read(connection: Connection, _listing: Any, entered: Any, position: int, limit: int) -> list[EventRow]:
        found = timeline.timeline(connection, project, limit, entered=entered, position=position)
        return [EventRow(event) for event in found]

    def key(row: EventRow) -> Any:
        return timeline.event_key(row.event)

    return Paged(desk.database, lambda: timeline.listing(project), read, key, desk.epoch)


def procedures(desk: Desk, project: str) -> list[BookRow]:
    """The project's procedures in the order in which it meets them, with what follows from each."""
    return list(desk.book(PROCEDURE, project).window(None, 0, 0).rows)


def progress(desk: Desk, project: str) -> Source[BookRow]:
    """The project's progress, newest month first; each month also with what was done in it (``month_done``, in yuan),
    where the month before is known."""

    def read(connection: Connection) -> list[BookRow]:
        rows = register_lines.rows(connection, PROGRESS, register_lines.listing(PROGRESS, project=project))
        done = {row["month"]: row["done"] for row in rows}
        told = [with_details(connection, PROGRESS, row, desk.today()) for row in rows]
        return [BookRow(row["id"], {**row, "month_done": _in_month(row["month"], done)}) for row in told]

    return Whole(desk.database, read)


def _in_month(month: str, done: dict[str, int | None]) -> int | None:
    """What was done in one month: the year's sum less that of the month before, which is nothing in January."""
    now, number = done.get(month), int(month[5:])
    before = 0 if number == 1 else done.get(f"{month[:5]}{number - 1:02}")
    return None if now is None or before is None else now - before
