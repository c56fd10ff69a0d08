"""The scroll bar of a widget that draws its own lines: the last cell of each line.

Textual's own bar is a widget; whenever it appears or disappears the whole screen is laid out and drawn again, which is
slow for a list that a filter shortens or a preview that changes its length.
"""

from __future__ import annotations

from typing import NamedTuple


class ScrollBarState(NamedTuple):
    """``height`` lines are in view, from line ``top`` on, of ``lines`` in all."""

    height: int
    lines: int
    top: int

    @property
    def thumb(self) -> range:
        """The cells of the bar that represent the lines in view; empty where all lines are."""
        if not self.height < self.lines:
            return range(0)
        length = max(self.height * self.height // self.lines, 1)
        start = round(self.top * (self.height - length) / (self.lines - self.height))
        return range(start, start + length)

    def top_when_dragged(self, cells: int) -> int:
        """The first line in view after the thumb is dragged down by so many cells (up where negative)."""
        travel = self.height - len(self.thumb)
        return self.top + round(cells * (self.lines - self.height) / travel) if travel else self.top
