"""A list whose rows stand in groups, each below a heading that stands once and is never under the cursor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, TypeVar

from textual.strip import Strip

from tui.data.rows import InMemorySource, ListRow
from tui.widgets.cells import Spans, fit_spans
from tui.widgets.long_list import LongList


class GroupedRow(ListRow, Protocol):
    """A row, or the heading of the rows below it."""

    @property
    def heading(self) -> Spans:
        """What a heading says; empty in all other rows."""
        ...


G = TypeVar("G", bound=GroupedRow)


class GroupedSource(InMemorySource[G]):
    """Rows in memory, a heading before the first of each group. Written to a file, they have no headings: there each
    row says in a column of which group it is."""

    def stream(self) -> Iterator[G]:
        """Every row that is no heading."""
        return (row for row in self.rows if not row.heading)


class GroupedList(LongList[G]):
    """A list of a `GroupedSource`. The cursor passes over headings, and the one above it stays in view with it."""

    def _beside_heading(self, place: int, step: int) -> int:
        """``place``, or where a heading is there the row next to it in the direction ``step``; below it at the top."""
        row = self._row_at(place)
        if row is None or not row.heading:
            return place
        return place + step if self._row_at(place + step) is not None else place + 1

    def _place_of(self, line_id: str | None) -> int:
        return self._beside_heading(super()._place_of(line_id), 1)

    def _move_cursor(self, place: int) -> None:
        place = max(min(place, self.total - 1), 0)
        super()._move_cursor(self._beside_heading(place, 1 if place > self._cursor else -1))

    def _first_in_view(self, top: int | None = None) -> int:
        first, above = super()._first_in_view(top), self._row_at(self._cursor - 1)
        return first - 1 if first == self._cursor and self._page > 1 and above is not None and above.heading else first

    def _draw(self, place: int) -> Strip:
        row = self._row_at(place)
        if row is None or not row.heading:
            return super()._draw(place)
        return self.line_strip(
            fit_spans(((" ", ""), *row.heading), self.line_width), self.rich_style + self.named_style("group")
        )
