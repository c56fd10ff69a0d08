"""The background of a screen, drawn as one blank line: Textual would draw the covered lines one by one."""

from __future__ import annotations

from textual.containers import Horizontal
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


def blank_strips(widget: Widget, crop: Region) -> list[Strip]:
    """Blank lines of the widget's own style for a region, for its ``render_lines``."""
    line = Strip.blank(crop.width, widget.rich_style)
    for line_filter in widget.get_line_filters():
        line = line.apply_filter(line_filter, widget.background_colors[1])
    return [line] * crop.height


class PreviewSplit(Horizontal):
    """A list beside a preview of the row under its cursor."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """Blank lines: its children cover it."""
        return blank_strips(self, crop)
