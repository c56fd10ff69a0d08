"""What lies behind everything else on a screen. Textual draws what is covered too, line by line; this is one line."""

from __future__ import annotations

from textual.containers import Horizontal
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


def blank_strips(widget: Widget, crop: Region) -> list[Strip]:
    """So many lines of the widget's own colour, for its ``render_lines``."""
    line = Strip.blank(crop.width, widget.rich_style)
    for one in widget.get_line_filters():
        line = line.apply_filter(one, widget.background_colors[1])
    return [line] * crop.height


class PreviewSplit(Horizontal):
    """A list, and beside it what is under its cursor."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """Blank: what it holds covers it."""
        return blank_strips(self, crop)
