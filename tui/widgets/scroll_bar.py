"""The scroll bar of a widget that draws its own lines: the last cell of each of them.

Textual's own bar is a widget beside them, for whose coming and going the whole screen is laid out and drawn anew: with
a list that a filter shortens, or a preview now longer and now shorter than its room, the slowest thing there is.
"""

from __future__ import annotations

from typing import NamedTuple


class ScrollBarState(NamedTuple):
    """A page of ``height`` lines is in view, from line ``top`` on, of ``lines`` in all."""

    height: int
    lines: int
    top: int

    @property
    def thumb(self) -> range:
        """The cells of the bar, counted from above, that stand for what is in view; empty where that is all."""
        if not self.height < self.lines:
            return range(0)
        length = max(self.height * self.height // self.lines, 1)
        start = round(self.top * (self.height - length) / (self.lines - self.height))
        return range(start, start + length)

    def top_when_dragged(self, cells: int) -> int:
        """The first line in view when the thumb has been drawn so many cells down, or up where they are negative."""
        way = self.height - len(self.thumb)
        return self.top + round(cells * (self.lines - self.height) / way) if way else self.top
