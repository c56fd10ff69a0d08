"""The base of widgets that draw their own lines: named styles, strips of styled texts, a scroll bar.

Four methods replace what Textual does: `LineWidget.named_style`, `LineWidget.rich_style`, `LineWidget.set_length` and
`LineWidget.render_lines` (with `LineWidget.refresh`). Each states what it saves in CPU time; the last three as
``tests/bench/line_widget.py`` measured them with Textual 8.2.8: 160 by 45 cells, 2.4 ms for a cursor move, 3.8 ms for
a page, 7.0 ms for a list of another length.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Self

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.color import Color
from textual.dom import DOMNode
from textual.filter import ANSIToTruecolor
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.widgets.cells import Span
from tui.widgets.error_boundary import ErrorBoundary
from tui.widgets.scroll_bar import ScrollBarState

COLOURED_INKS = ("accent", "match", "good", "warn", "bad", "strong")
"""The styles that have a colour or weight but no ground of their own."""


def _shown_by_character(style: Style) -> Style:
    """A cell that is all colour, with its character to be seen."""
    if style.bgcolor is None:
        return style
    ground = Color.from_rich_color(style.bgcolor)
    return style + Style(color=ground.get_contrast_text(1.0).rich_color)


class LineWidget(ErrorBoundary, ScrollView):
    """A scrolling widget that draws its lines itself, in styles named once for all of them. Subclasses override
    `draw_line`; the last cell of each line belongs to the scroll bar."""

    RESERVES_SCROLL_BAR: ClassVar[bool] = True
    """Whether the scroll bar's cell stays empty where there is nothing to scroll; otherwise lines get it."""
    ALLOW_SELECT = False  # the mouse draws the scroll bar

    DEFAULT_CSS = """
    LineWidget {
        overflow: hidden;
        background: $background;
        & > .line--heading { color: $muted; background: $surface; }
        & > .line--cursor { color: $block-cursor-foreground; background: $block-cursor-background; }
        & > .line--muted { color: $muted; }
        & > .line--strong { text-style: bold; }
        & > .line--accent { color: $primary; text-style: bold; }
        & > .line--match { color: $primary; text-style: bold underline; }
        & > .line--group { color: $foreground; background: $surface; text-style: bold; }
        & > .line--section { color: $primary; background: $panel; text-style: bold; }
        & > .line--band { color: $muted; background: $panel; }
        & > .line--mark { color: $background; background: $primary; text-style: bold; }
        & > .line--red { color: #ffffff; background: $light-red; text-style: bold; }
        & > .line--yellow { color: $on-yellow; background: $light-yellow; text-style: bold; }
        & > .line--blue { color: #ffffff; background: $light-blue; text-style: bold; }
        & > .line--good { color: $success; }
        & > .line--warn { color: $warning; }
        & > .line--bad { color: $error; text-style: bold; }
        & > .line--mark-red { color: $light-red; background: $light-red; }
        & > .line--mark-yellow { color: $light-yellow; background: $light-yellow; }
        & > .line--mark-blue { color: $light-blue; background: $light-blue; }
        & > .line--mark-good { color: $success; background: $success; }
        & > .line--mark-warn { color: $warning; background: $warning; }
        & > .line--mark-bad { color: $error; background: $error; }
        & > .line--mark-accent { color: $primary; background: $primary; }
        & > .line--mark-muted { color: $muted; background: $muted; }
        & > .line--mark-plain { color: $secondary; background: $secondary; }
        & > .line--bar { background: $panel; }
        & > .line--thumb { background: $muted; }
        &:blur > .line--cursor { background: $panel; color: $foreground; }
        &:blur > .line--mark { background: $muted; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        self._base_style: Style | None = None
        self._named_styles: dict[str, Style] = {"": Style.null()}
        self._drag_start: tuple[ScrollBarState, int] | None = None
        self.scroll_bar_pressed = False
        """Whether the mouse was pressed on the scroll bar: the click that follows is not a click on a line."""
        self._strip_cache: dict[int, Strip] = {}
        self._strip_cache_size = (Size(), 0)
        super().__init__(id=id, classes=classes)

    def named_style(self, name: str) -> Style:
        """The style ``line--name``, to be added to the widget's own; "" is no style, and one that begins with ``#`` is
        a colour on a colour, as of a picture's cells. Computed when it is first asked for: as one of
        `COMPONENT_CLASSES` Textual would compute each of the fourteen whenever the widget is styled, 0.07 s of the
        0.41 s of ten screens."""
        if name.startswith("#"):
            return Style.parse(name)
        style = self._named_styles.get(name)
        if style is None:
            if not self.is_attached:  # not on a screen yet, or no longer
                return Style.null()
            style = self._named_styles[name] = self._compute_style(name)
        return style

    def _compute_style(self, name: str) -> Style:
        part = DOMNode(classes=f"line--{name}")
        part._attach(self)
        self.app.stylesheet.apply(part)
        style = part.styles.partial_rich_style
        if name == "cursor" and self.app.no_color:
            return style + Style(reverse=True)
        return _shown_by_character(style) if self._has_few_colours and style.color == style.bgcolor else style

    @property
    def _has_few_colours(self) -> bool:
        """Whether colours that differ may look the same: there are none, or sixteen."""
        app = self.app
        return app.no_color or (not app.is_headless and app.console.color_system in (None, "standard", "windows"))

    @property
    def rich_style(self) -> Style:
        """The widget's own style, computed once and not for each line from all the widgets around it: saves 1.5 ms of
        5.3 ms for a page, 0.3 ms of 2.7 ms for a move."""
        if self._base_style is None:
            self._base_style = super().rich_style
        return self._base_style

    def notify_style_update(self) -> None:
        """Compute the styles in use again after a change of theme or focus; draw anew where one has changed."""
        self._base_style = None
        if self.is_attached:
            styles = {name: self._compute_style(name) if name else style for name, style in self._named_styles.items()}
            if styles != self._named_styles:
                self._named_styles = styles
                self.refresh()
        super().notify_style_update()

    # ── scrolling ───────────────────────────────────────────────────────────────────────────────────────────────

    def set_length(self, lines: int, top: int | None = None) -> None:
        """Set the number of lines, and the first line in view unless ``top`` is None. Setting ``virtual_size`` would
        make Textual lay out and draw the whole screen; only a widget of automatic height needs that. Saves 0.4 to
        1.6 ms of 8 ms for a list of another length; a screen with more widgets saves more."""
        size, thumb, line_width = Size(self.size.width, lines), self._scroll_bar.thumb, self.line_width
        if self.styles.is_auto_height:
            self.virtual_size = size
        else:
            self.set_reactive(LineWidget.virtual_size, size)
        self.scroll_target_y = self.scroll_y = self.validate_scroll_y(self.scroll_y if top is None else top)
        if self.line_width != line_width or not self.size:  # where nothing is in view, the next drawing is complete
            self.refresh()
        elif self._scroll_bar.thumb != thumb:
            self.refresh(Region(self.line_width, 0, 1, self.size.height))

    @property
    def line_width(self) -> int:
        """The cells of a line, without the scroll bar's."""
        width = self.outer_size.width - self.styles.gutter.width
        return max(width - (self.RESERVES_SCROLL_BAR or bool(self._scroll_bar.thumb)), 0)

    @property
    def allow_vertical_scroll(self) -> bool:
        """Whether there is something to scroll."""
        return self.max_scroll_y > 0

    @property
    def _scroll_bar(self) -> ScrollBarState:
        return ScrollBarState(self.size.height, self.virtual_size.height, self.scroll_offset.y)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Start to drag the scroll bar's thumb, or scroll by a page beside the thumb."""
        place = event.get_content_offset(self)
        self.scroll_bar_pressed = place is not None and place.x == self.line_width and bool(self._scroll_bar.thumb)
        if place is None or not self.scroll_bar_pressed:
            return
        thumb = self._scroll_bar.thumb
        if place.y in thumb:
            self._drag_start = (self._scroll_bar, event.y)
            self.capture_mouse()
        elif place.y < thumb.start:
            self.scroll_page_up(animate=False)
        else:
            self.scroll_page_down(animate=False)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Scroll to where the thumb is dragged."""
        if self._drag_start is not None:
            bar, y = self._drag_start
            self.scroll_to(y=bar.top_when_dragged(event.y - y), animate=False, immediate=True)

    def on_mouse_up(self, _event: events.MouseUp) -> None:
        """End the drag."""
        if self._drag_start is not None:
            self.release_mouse()

    def on_mouse_release(self, _event: events.MouseRelease) -> None:
        """End the drag; also where something else captured the mouse."""
        self._drag_start = None

    def on_unmount(self) -> None:
        """Release the mouse before the widget leaves the screen."""
        self.release_mouse()

    # ── drawing ─────────────────────────────────────────────────────────────────────────────────────────────────

    def draw_line(self, y: int) -> Strip:
        """Line ``y`` of those in view, `line_width` cells wide."""
        del y
        return Strip.blank(self.line_width, self.rich_style)

    def render_line(self, y: int) -> Strip:
        """The line with its cell of the scroll bar; where there is no bar, in the style of the line's end."""
        line, thumb = self.draw_line(y), self._scroll_bar.thumb
        if thumb:
            last = self.rich_style + self.named_style("thumb" if y in thumb else "bar")
        elif self.RESERVES_SCROLL_BAR:
            last = next((part.style for part in reversed(list(line))), None) or self.rich_style
        else:
            return line
        return Strip([*line, Segment(" ", last)], self.line_width + 1)

    def render_lines(self, crop: Region) -> list[Strip]:
        """As Textual does, but from a cache, and without its work for borders and tints where the widget has none:
        saves 1.0 to 1.5 ms of 5.1 ms for a page, 0.4 ms of 2.8 ms for a move."""
        if self.styles.gutter != self.styles.padding:
            return super().render_lines(crop)
        if self._strip_cache_size != (self.outer_size, self.line_width):
            self._strip_cache_size = (self.outer_size, self.line_width)
            self._strip_cache.clear()
        for y in crop.line_range:
            if y not in self._strip_cache:
                self._strip_cache[y] = self._padded_line(y)
        lines = [self._strip_cache[y] for y in crop.line_range]
        for line_filter in self.get_line_filters():
            if not isinstance(line_filter, ANSIToTruecolor):  # no style uses one of the sixteen terminal colours
                lines = [line.apply_filter(line_filter, self.background_colors[1]) for line in lines]
        return lines if crop.width == self.outer_size.width else [line.crop(*crop.column_span) for line in lines]

    def _padded_line(self, y: int) -> Strip:
        """Line ``y`` of the widget, its padding included."""
        top, right, bottom, left = self.styles.padding
        width, height = self.outer_size
        if not top <= y < height - bottom:
            return Strip.blank(width, self.rich_style)
        line = self.render_line(y - top)
        if not left + right:
            return line
        base = self.rich_style
        parts = (Segment(" " * left, base), *line, Segment(" " * right, base))
        return Strip([part for part in parts if part.text], width)

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Draw these regions again, or the whole widget: drops their lines from the cache."""
        if not regions:
            self._strip_cache.clear()
        top = self.styles.padding.top
        for y in {y + top for region in regions for y in region.line_range}:
            self._strip_cache.pop(y, None)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def under_cursor(self, spans: Iterable[Span]) -> list[Span]:
        """The spans of a line under the cursor: grey does not stand out from its ground, and without colours the line
        is reversed, where each other ink would be another ground."""
        plain = ("muted", *COLOURED_INKS) if self.app.no_color else ("muted",)
        return [(text, "" if style in plain else style) for text, style in spans]

    def line_strip(self, spans: Iterable[Span], base: Style) -> Strip:
        """Styled texts as one line; the texts are sanitized and fitted already."""
        return self.part_strip(spans, base, self.line_width)

    def part_strip(self, spans: Iterable[Span], base: Style, width: int) -> Strip:
        """As `line_strip`, of any width: a part of a line."""
        joined: list[Span] = []
        for text, style in spans:  # each change of style costs the terminal as many bytes as a word
            if joined and joined[-1][1] == style:
                joined[-1] = (joined[-1][0] + text, style)
            else:
                joined.append((text, style))
        return Strip(Segment(text, base + self.named_style(style)) for text, style in joined).adjust_cell_length(
            width, base
        )
