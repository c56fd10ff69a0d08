"""A list of any length: draws the lines in view and has a window of rows, which is read in a thread.

Textual's own lists measure every row on the event loop (10,000 rows take seconds); this one costs the same for ten
rows and for a million. Its cursor is on a line, not on a row number (see ``tui/data/rows.py``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from rich.cells import cell_len
from textual import events, getters, work
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.worker import get_current_worker

from tui.data.messages import ExceptionRaised
from tui.data.rows import WINDOW_RADIUS, InMemorySource, ListRow, RowSource, RowWindow
from tui.i18n.translate import _
from tui.widgets.cells import Span, fit, fit_spans, single_line
from tui.widgets.columns import COLUMN_GAP, ListColumn, fit_columns, row_text
from tui.widgets.line_widget import LineWidget
from tui.widgets.paint_batching import PaintBatchingApp

R = TypeVar("R", bound=ListRow)
_PREFETCH_DISTANCE = 60
"""The next window is read when the cursor is this close to the edge of the present one."""
CELL_MAX_AGE_S = 30.0
"""The time in seconds for which an unchanged row is not drawn again: cells show days relative to today."""
_ASCENDING, _DESCENDING = "^", "v"
"""Behind the heading of the column that the list is sorted by."""
_SELECTION_MARK = "*"
"""Stands in the gutter of a selected line."""
_GUTTER = 1
"""Cells before the first column, coloured on the cursor's line; as many stay blank behind the last one."""


class ListSnapshot(NamedTuple, Generic[R]):
    """What a list shows: rows, the cursor's line, and the ids of selected rows."""

    rows: Sequence[R | None]
    cursor: int
    selected: tuple[str, ...]


class LongList(LineWidget, Generic[R], can_focus=True):
    """A list with a heading line. Posts `CursorMoved` when another line is under the cursor, `RowOpened` on enter, and
    `RowSelected` where it is ``selecting`` and space selects a line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home,g", "edge(0)", show=False),
        Binding("end,G", "edge(1)", show=False),
        Binding("enter", "open_row", show=False),
        Binding("space,ideographic_space", "select", show=False),
    ]

    class CursorMoved(Message):
        """Another line is under the cursor; ``row`` is None where there is none."""

        def __init__(self, control: LongList[Any], row: Any) -> None:
            super().__init__()
            self.list = control
            self.row = row

        @property
        def control(self) -> LongList[Any]:
            """The list."""
            return self.list

    class RowOpened(CursorMoved):
        """Enter or a second click on a line."""

    class RowSelected(CursorMoved):
        """A line was selected, or is no longer; ``row`` is that line."""

    class RowsLoaded(Message):
        """The rows have been read, again or for the first time."""

    class WindowLoaded(Message, bubble=False):
        """A window has been read for the source ``number``, ``around`` the cursor as it was then: line id, position."""

        def __init__(self, number: int, around: tuple[str | None, int], window: RowWindow[Any]) -> None:
            super().__init__()
            self.number = number
            self.around = around
            self.window = window

    RESERVES_SCROLL_BAR = False
    app = getters.app(PaintBatchingApp)

    def __init__(
        self,
        columns: Sequence[ListColumn[R]],
        *,
        empty: str = "",
        heading: bool = True,
        selecting: bool = False,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._columns = columns
        self._columns_by_width: dict[int, Sequence[tuple[ListColumn[R], int]]] = {}
        self.empty = empty
        self._top = 1 if heading else 0
        self._source: RowSource[R] = InMemorySource(())
        self._number = self._shown_number = 0
        self._reading: int | None = None
        self._queued_radius = 0
        self._queued_moves: list[Callable[[], int]] = []
        self._window: RowWindow[R] = RowWindow((), 0, 0)
        self._is_loaded = False
        self._cursor = 0
        self._cursor_id: str | None = None
        self._cursor_row: R | None = None
        self._row_strips: dict[int, Strip] = {}
        self._row_strips_width = 0
        self._drawn_at_s = 0.0
        self._selecting = selecting
        self._sorted: tuple[str, bool] = ("", False)
        self._selected: dict[str, R] = {}

    # ── for the screen ──────────────────────────────────────────────────────────────────────────────

    def show(self, source: RowSource[R], *, at: str | None = None) -> None:
        """Show another source, with the cursor on its first line or on line ``at``."""
        self._source = source
        self._number += 1
        self._queued_moves.clear()
        self._selected.clear()
        self._cursor, self._cursor_id, self._cursor_row = 0, at, None
        self._drawn_at_s = 0.0
        if not isinstance(source, InMemorySource):
            self.app.hold_painting(self)
        self._request_window(self._screenful)

    def replace_source(self, source: RowSource[R]) -> None:
        """Show another source of the same list: cursor and selection stay, as after `reread`."""
        self._source = source
        self.reread()

    def reread(self) -> None:
        """Read the rows again because the ledger has changed; the cursor's line keeps its place on the screen."""
        self._request_window()

    @property
    def row(self) -> R | None:
        """The row under the cursor; None while it is not read yet."""
        return self._cursor_row

    def mark_sorted(self, order: str, *, descending: bool) -> None:
        """Show in the headings by which column the source is sorted; "" is none of them."""
        self._sorted = (order, descending)
        self.refresh()

    @property
    def columns(self) -> Sequence[ListColumn[R]]:
        """All columns, also those for which the list is too narrow now."""
        return self._columns

    @property
    def source(self) -> RowSource[R]:
        """What is listed."""
        return self._source

    def cursor_text(self) -> str:
        """What the line under the cursor says in all of its columns; empty where there is none."""
        return "" if self._cursor_row is None else row_text(self._columns, self._cursor_row)

    @property
    def target_rows(self) -> list[R]:
        """The rows that an act applies to: the selected ones, or else the one under the cursor."""
        return list(self._selected.values()) or ([self.row] if self.row is not None else [])

    @property
    def selected(self) -> list[R]:
        """The selected rows."""
        return list(self._selected.values())

    def deselect(self) -> None:
        """Clear the selection."""
        self._selected.clear()
        self._row_strips.clear()
        self.refresh()

    @property
    def total(self) -> int:
        """The number of lines."""
        return self._window.total

    # ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _request_window(self, radius: int = WINDOW_RADIUS) -> None:
        """Read a window around the cursor. One at a time: otherwise keys quicker than the disk would cancel each
        other's windows, and none would arrive."""
        radius, around = max(radius, self._screenful), (self._cursor_id, self._cursor)
        if isinstance(self._source, InMemorySource):  # no thread is needed, and no message where the list is in view
            self.workers.cancel_group(self, "window")
            self._reading = None
            loaded = self.WindowLoaded(self._number, around, self._source.window(*around, radius))
            if self.size:
                self.on_long_list_window_loaded(loaded)
            else:
                self.post_message(loaded)
        elif self._reading == self._number:
            self._queued_radius = max(self._queued_radius, radius)
        else:
            self._reading, self._queued_radius = self._number, 0
            self._load_window(self._source, self._number, around, radius)

    @work(thread=True, exclusive=True, group="window")
    def _load_window(self, source: RowSource[R], number: int, around: tuple[str | None, int], radius: int) -> None:
        try:
            window = source.window(*around, radius)
        except Exception as error:
            if self._reading == number:
                self._reading = None  # the next key requests it again
            self.post_message(ExceptionRaised(error))
            return
        if not get_current_worker().is_cancelled:
            self.post_message(self.WindowLoaded(number, around, window))

    def on_long_list_window_loaded(self, message: LongList.WindowLoaded) -> None:
        """Apply the window, if it is of the present source and of the cursor's present surroundings."""
        if message.number != self._number:
            return
        self._reading, again, self._queued_radius = None, self._queued_radius, 0
        if self._is_stale(message):
            self._request_window(self._screenful)
            return
        self._apply_window(message.window)
        if again and self._reading is None:
            self._request_window(again)
        moves, self._queued_moves = self._queued_moves, []
        for place in moves:
            self._move_cursor(place())

    def _apply_window(self, window: RowWindow[R]) -> None:
        """Show the window, with the cursor on its line and that line at its place on the screen."""
        before, on_screen, shown = self._cursor_id, self._cursor - self.scroll_offset.y, self._snapshot
        self._window, self._is_loaded, self._shown_number = window, True, self._number
        self._row_strips.clear()
        self._keep_selected()
        self._cursor = self._place_of(before)
        self._update_cursor_row()
        self.set_length(self._window.total + self._top, self._first_in_view(self._cursor - on_screen))
        self._draw_changed(shown)
        self.app.release_painting(self)
        self.post_message(self.RowsLoaded())
        if self._cursor_id != before or before is None:
            self.post_message(self.CursorMoved(self, self.row))
        self._prefetch()

    def _is_stale(self, message: LongList.WindowLoaded) -> bool:
        """Whether the cursor has left the window since it was requested."""
        rows, start, total = message.window.rows, message.window.start, message.window.total
        if message.around == (self._cursor_id, self._cursor) or len(rows) == total:
            return False
        if self._cursor_id is not None:
            return all(row.id != self._cursor_id for row in rows)
        return not start <= min(self._cursor, total - 1) < start + len(rows)

    def _keep_selected(self) -> None:
        """Replace the selected rows by those just read; deselect rows that are known to be gone."""
        read = {row.id: row for row in self._window.rows}
        whole = len(read) == self._window.total
        known = {line_id: read.get(line_id, row) for line_id, row in self._selected.items()}
        self._selected = {line_id: row for line_id, row in known.items() if line_id in read or not whole}

    def _place_of(self, line_id: str | None) -> int:
        """The position of the line in the window; the cursor's own position where it is not in it."""
        for offset, row in enumerate(self._window.rows):
            if row.id == line_id:
                return self._window.start + offset
        return max(min(self._cursor, self._window.total - 1), 0)

    def _update_cursor_row(self) -> None:
        self._cursor_row = self._row_at(self._cursor)
        self._cursor_id = self._cursor_row.id if self._cursor_row else None

    def _row_at(self, place: int) -> R | None:
        offset = place - self._window.start
        return self._window.rows[offset] if 0 <= offset < len(self._window.rows) else None

    # ── moving ──────────────────────────────────────────────────────────────────────────────────────────────────

    def action_move(self, lines: int) -> None:
        """Move the cursor by so many lines."""
        self._move_cursor_when_loaded(lambda: self._cursor + lines)

    def action_page(self, pages: int) -> None:
        """Move the cursor by so many pages."""
        self.action_move(pages * max(self._page, 1))

    def action_edge(self, last: int) -> None:
        """Move the cursor to the first or the last line."""
        self._move_cursor_when_loaded(lambda: self._window.total - 1 if last else 0)

    def action_open_row(self) -> None:
        """Post that the line under the cursor was opened."""
        if self.row is not None:
            self.post_message(self.RowOpened(self, self.row))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Space belongs to the screen where the list is not selecting."""
        return self._selecting if action == "select" else super().check_action(action, parameters)

    def action_select(self) -> None:
        """Select the line under the cursor, or deselect it; the cursor moves to the next."""
        row = self.row
        if row is None:
            return
        if self._selected.pop(row.id, None) is None:
            self._selected[row.id] = row
        self._row_strips.clear()
        self.refresh()
        self.post_message(self.RowSelected(self, row))
        self.action_move(1)

    @property
    def _page(self) -> int:
        return self.size.height - self._top

    def _move_cursor_when_loaded(self, place: Callable[[], int]) -> None:
        """Move the cursor once the rows of the present source are loaded; ``place`` is evaluated then, because the rows
        on the screen may be those of the previous source."""
        if self._shown_number == self._number:
            self._move_cursor(place())
        else:
            self._queued_moves.append(place)

    def _move_cursor(self, place: int) -> None:
        place = max(min(place, self._window.total - 1), 0)
        if place == self._cursor or self._shown_number != self._number:
            return
        moved = (self._cursor, place)
        self._cursor = place
        self._update_cursor_row()
        if self._cursor_id is None:  # the rows are read first: blank lines are not worth painting
            self.app.hold_painting(self)
        self.set_length(self.virtual_size.height, self._first_in_view())
        self._draw_again(*moved)
        self._prefetch()
        self.post_message(self.CursorMoved(self, self.row))

    def _prefetch(self) -> None:
        """Request the next window before the cursor reaches the edge of the present one."""
        start, end = self._window.start, self._window.start + len(self._window.rows)
        near = max(_PREFETCH_DISTANCE, self._page)
        near_start = start > 0 and self._cursor < start + near
        near_end = end < self._window.total and self._cursor >= end - near
        if near_start or near_end:
            self._request_window(self._screenful if self.row is None else WINDOW_RADIUS)

    @property
    def _screenful(self) -> int:
        """The number of rows read on each side where no row of the list is on the screen: what will be in view is read
        first, the rest afterwards."""
        return max(self._page, 1)

    def _first_in_view(self, top: int | None = None) -> int:
        """The first line in view such that the cursor is in view: ``top``, or the present one, if possible."""
        top = self.scroll_offset.y if top is None else top
        return max(min(top, self._cursor), self._cursor - self._screenful + 1, 0)

    def on_resize(self, _event: events.Resize) -> None:
        """Lay the columns out for the new size."""
        self.set_length(self._window.total + self._top, self._first_in_view())
        self._prefetch()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """After scrolling by mouse: keep the cursor in view, because acts apply to its line."""
        super().watch_scroll_y(old_value, new_value)
        if self._page > 0:
            top = round(new_value)
            self._move_cursor(max(min(self._cursor, top + self._page - 1), top))

    def on_click(self, event: events.Click) -> None:
        """The first click moves the cursor; a click on the cursor opens the line."""
        place = self.scroll_offset.y + event.y - self._top
        if self.scroll_bar_pressed or event.y < self._top or place >= self._window.total:
            return
        if place == self._cursor:
            self.action_open_row()
        else:
            self._move_cursor(place)

    # ── drawing ─────────────────────────────────────────────────────────────────────────────────────────────────

    def notify_style_update(self) -> None:
        """Draw again after a change of theme or focus."""
        self._row_strips.clear()
        super().notify_style_update()

    def draw_line(self, y: int) -> Strip:
        """The heading, a row, or nothing."""
        if y < self._top:
            return self._draw_heading()
        place = self.scroll_offset.y + y - self._top
        if place >= self._window.total:
            return self._draw_nothing(y)
        if self._row_strips_width != self.line_width:
            self._row_strips_width = self.line_width
            self._row_strips.clear()
        strip = self._row_strips.get(place)
        if strip is None:
            strip = self._row_strips[place] = self._draw(place)
        return strip

    def _draw(self, place: int) -> Strip:
        row = self._row_at(place)
        here = place == self._cursor
        base = self.rich_style + self.named_style("cursor" if here else "")
        if row is None:
            return Strip.blank(self.line_width, base)
        mark = _SELECTION_MARK if row.id in self._selected else " "
        spans: list[Span] = [(mark, "mark" if here else "accent")]
        for column, width in self._visible_columns:
            spans += [*_cell_spans(column, row, width), (" " * COLUMN_GAP, "")]
        return self.line_strip(self.under_cursor(spans[:-1]) if here else spans[:-1], base)

    @property
    def _visible_columns(self) -> Sequence[tuple[ListColumn[R], int]]:
        """The columns that fit, with their widths; computed once for each width."""
        width = self.line_width - 2 * _GUTTER
        if width not in self._columns_by_width:
            self._columns_by_width[width] = fit_columns(self._columns, width)
        return self._columns_by_width[width]

    def _draw_heading(self) -> Strip:
        parts = [self._heading_of(column, width) for column, width in self._visible_columns]
        return self.line_strip(
            [(" " * _GUTTER + "".join(parts)[:-COLUMN_GAP], "")], self.rich_style + self.named_style("heading")
        )

    def _heading_of(self, column: ListColumn[R], width: int) -> str:
        """A column's heading and the gap behind it, in which the mark stands where the heading leaves no room."""
        title, (order, descending) = _(column.title) if column.title else "", self._sorted
        if not (column.sort and column.sort == order):
            return fit(title, width, right=column.align_right) + " " * COLUMN_GAP
        mark = _DESCENDING if descending else _ASCENDING
        if cell_len(title) < width:
            return fit(title + mark, width, right=column.align_right) + " " * COLUMN_GAP
        return fit(title, width) + mark

    def _draw_again(self, *places: int) -> None:
        """Draw only these lines again: over a slow connection the drawn lines are what takes time."""
        for place in places:
            self._row_strips.pop(place, None)
            self.refresh(Region(0, place - self.scroll_offset.y + self._top, self.size.width, 1))

    @property
    def _snapshot(self) -> ListSnapshot[R]:
        """What the list shows now."""
        first = self.scroll_offset.y
        rows = [self._row_at(place) for place in range(first, first + self._page)]
        return ListSnapshot(rows, self._cursor - first, tuple(self._selected))

    def _draw_changed(self, before: ListSnapshot[R]) -> None:
        """Draw only the lines that have changed: most commits of others change nothing in view."""
        now = self._snapshot
        same = before._replace(rows=now.rows) == now and time.monotonic() - self._drawn_at_s < CELL_MAX_AGE_S
        if not same or not self._window.total:
            self._drawn_at_s = time.monotonic()
            self.refresh()
            return
        pairs = enumerate(zip(before.rows, now.rows, strict=True), self._top)
        changed = [Region(0, y, self.size.width, 1) for y, (was, row) in pairs if was != row]
        if changed:
            self.refresh(*changed)

    def _draw_nothing(self, y: int) -> Strip:
        text = self.empty if self._is_loaded and self._window.total == 0 and y == self._top else ""
        return self.line_strip([(fit(" " + _(text) if text else "", self.line_width), "muted")], self.rich_style)


def _cell_spans(column: ListColumn[R], row: R, width: int) -> list[Span]:
    cell = column.cell(row)
    if isinstance(cell, str):
        return [(fit(single_line(cell), width, right=column.align_right), "")]
    if column.align_right:
        cell = ((" " * max(width - sum(cell_len(text) for text, _style in cell), 0), ""), *cell)
    return fit_spans(cell, width)
