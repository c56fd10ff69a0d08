"""Large cards in as many columns as fit. Only the cards in view are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from textual import events
from textual.message import Message
from textual.strip import Strip

from tui.data.rows import ListRow
from tui.i18n.translate import _
from tui.widgets.cells import Span, fit, fit_spans
from tui.widgets.line_widget import LineWidget

R = TypeVar("R", bound=ListRow)
MIN_CARD_WIDTH = 60
"""The least width of a card, in cells, in a grid of several columns."""
CARD_GAP = 1
EDGE_CELLS = 3
"""The coloured edge of a card, and a blank beside it, in cells."""


class CardGrid(LineWidget, Generic[R]):
    """A grid of cards with a cursor. ``draw`` returns the ``height`` lines of a card for a width; ``edge`` the glyph at
    the top of its edge and the edge's style. Posts `ViewChanged` when the cursor or the cards in view change, and
    `CardClicked`."""

    class ViewChanged(Message):
        """Another card is under the cursor, or others have come into view."""

    class CardClicked(Message):
        """A click on the card under the cursor."""

        def __init__(self, row: ListRow) -> None:
            super().__init__()
            self.row = row

    def __init__(
        self,
        draw: Callable[[R, int], Sequence[Sequence[Span]]],
        edge: Callable[[R], Span],
        *,
        height: int,
        empty: str = "",
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._draw_card = draw
        self._edge = edge
        self._height = height
        self.empty = empty
        self._rows: Sequence[R] = ()
        self._cursor = 0
        self._read = False
        self._line_cache: dict[int, Sequence[Sequence[Span]]] = {}

    # ── for the screen ──────────────────────────────────────────────────────────────────────────────

    def show(self, rows: Sequence[R], *, at: str | None = None) -> None:
        """Show these cards, with the cursor on card ``at`` if it is among them, else at the same position."""
        self._rows, self._read = rows, True
        positions = {row.id: position for position, row in enumerate(rows)} if at else {}
        self._cursor = max(min(positions.get(at or "", self._cursor), len(rows) - 1), 0)
        self.redraw()
        self.post_message(self.ViewChanged())

    def redraw(self) -> None:
        """Draw all cards again because their contents have changed."""
        self._line_cache.clear()
        self._keep_in_view()
        self.refresh()

    @property
    def row(self) -> R | None:
        """The card under the cursor."""
        return self._rows[self._cursor] if self._rows else None

    @property
    def total(self) -> int:
        """The number of cards."""
        return len(self._rows)

    @property
    def columns(self) -> int:
        """The number of columns."""
        return max((self.line_width + CARD_GAP) // (MIN_CARD_WIDTH + CARD_GAP), 1)

    @property
    def nearby_rows(self) -> Sequence[R]:
        """The cards in view, and a page before and after them."""
        page = (self.size.height // self._row_height + 2) * self.columns
        first = int(self.scroll_offset.y) // self._row_height * self.columns
        return self._rows[max(first - page, 0) : first + 2 * page]

    def move(self, cards: int) -> None:
        """Move the cursor by so many cards."""
        place = max(min(self._cursor + cards, len(self._rows) - 1), 0)
        if place != self._cursor:
            self._cursor = place
            self._keep_in_view()
            self.refresh()
            self.post_message(self.ViewChanged())

    def move_down(self, rows: int) -> None:
        """Move the cursor by so many rows of cards."""
        self.move(rows * self.columns)

    @property
    def page(self) -> int:
        """The number of rows of cards in view."""
        return max(self.size.height // self._row_height, 1)

    @property
    def _row_height(self) -> int:
        return self._height + CARD_GAP

    def _keep_in_view(self) -> None:
        top = self._cursor // self.columns * self._row_height
        first = max(min(int(self.scroll_offset.y), top), top + self._row_height - self.size.height, 0)
        self.set_length(-(-len(self._rows) // self.columns) * self._row_height, first)

    def on_resize(self, _event: events.Resize) -> None:
        """Lay the cards out for the new size."""
        self.redraw()
        self.post_message(self.ViewChanged())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """After scrolling by mouse: keep the cursor on a card in view, as in every list."""
        super().watch_scroll_y(old_value, new_value)
        if self.size.height < self._row_height or round(old_value) == round(new_value):
            return
        first = -(-round(new_value) // self._row_height)
        last = max((round(new_value) + self.size.height) // self._row_height - 1, first)
        row, column = divmod(self._cursor, self.columns)
        self._cursor = max(min(max(min(row, last), first) * self.columns + column, len(self._rows) - 1), 0)
        self.post_message(self.ViewChanged())

    def on_click(self, event: events.Click) -> None:
        """The first click moves the cursor; a click on the cursor opens the card."""
        if self.scroll_bar_pressed:
            return
        width = (self.line_width + CARD_GAP) // self.columns
        place = (int(self.scroll_offset.y) + event.y) // self._row_height * self.columns + min(
            event.x // width, self.columns - 1
        )
        if place == self._cursor and self.row is not None:
            self.post_message(self.CardClicked(self.row))
        elif place < len(self._rows):
            self.move(place - self._cursor)

    # ── drawing ─────────────────────────────────────────────────────────────────────────────────────────────────

    def notify_style_update(self) -> None:
        """Draw again after a change of theme."""
        self._line_cache.clear()
        super().notify_style_update()

    def draw_line(self, y: int) -> Strip:
        """Line ``y``: the same line of every card in a row."""
        if not self._rows:
            text = _(self.empty) if self._read and y == 1 and self.empty else ""
            return self.line_strip([(fit("  " + text, self.line_width), "muted")], self.rich_style)
        row, line = divmod(int(self.scroll_offset.y) + y, self._row_height)
        first = row * self.columns
        if line >= self._height or first >= len(self._rows):
            return Strip.blank(self.line_width, self.rich_style)
        width = (self.line_width - CARD_GAP * (self.columns - 1)) // self.columns
        strips = [self._card_strip(place, line, width) for place in range(first, first + self.columns)]
        gap = Strip.blank(CARD_GAP, self.rich_style)
        parts = [part for strip in strips for part in (strip, gap)][:-1]
        return Strip.join(parts).adjust_cell_length(self.line_width, self.rich_style)

    def _card_strip(self, place: int, line: int, width: int) -> Strip:
        if place >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        row = self._rows[place]
        base = self.rich_style + self.named_style("cursor" if place == self._cursor else "heading")
        glyph, light = self._edge(row)
        lines = self._line_cache.get(place)
        if lines is None:
            lines = self._line_cache[place] = self._draw_card(row, width - EDGE_CELLS - 1)
        edge = [(fit(glyph if line == 0 else "", EDGE_CELLS - 1), light), (" ", "")]
        spans = fit_spans(lines[line], width - EDGE_CELLS) if line < len(lines) else [(" " * (width - EDGE_CELLS), "")]
        return self.part_strip([*edge, *(self.under_cursor(spans) if place == self._cursor else spans)], base, width)
