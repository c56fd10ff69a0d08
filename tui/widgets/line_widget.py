"""What the line-drawing widgets share: named styles, strips of styled texts, and a scroll bar."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Self

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.filter import ANSIToTruecolor
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.widgets.cells import Span
from tui.widgets.scroll_bar import Bar


class Ink(ScrollView):
    """A scrolling widget that draws its lines itself, in styles named once for all of them. What it shows is said by
    `draw_line`; the last cell of each line is the scroll bar's."""

    EDGE: ClassVar[str] = ""
    """The ink of the first cell of each line, where the widget has padding there."""
    KEEPS_ROOM: ClassVar[bool] = True
    """Whether the scroll bar's cell stays empty where there is nothing to scroll: else its coming changes the room."""
    ALLOW_SELECT = False  # the mouse draws the scroll bar

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "ink--heading", "ink--cursor", "ink--muted", "ink--strong", "ink--match", "ink--red", "ink--yellow",
        "ink--blue", "ink--good", "ink--warn", "ink--bad", "ink--accent", "ink--bar", "ink--thumb",
    }  # fmt: skip
    DEFAULT_CSS = """
    Ink {
        overflow: hidden;
        background: $background;
        & > .ink--heading { color: $muted; background: $surface; }
        & > .ink--cursor { color: $block-cursor-foreground; background: $block-cursor-background; }
        & > .ink--muted { color: $muted; }
        & > .ink--strong { text-style: bold; }
        & > .ink--accent { color: $primary; text-style: bold; }
        & > .ink--match { color: $accent; text-style: bold; }
        & > .ink--red { color: #ffffff; background: $light-red; text-style: bold; }
        & > .ink--yellow { color: $on-yellow; background: $light-yellow; text-style: bold; }
        & > .ink--blue { color: #ffffff; background: $light-blue; text-style: bold; }
        & > .ink--good { color: $success; }
        & > .ink--warn { color: $warning; }
        & > .ink--bad { color: $error; text-style: bold; }
        & > .ink--bar { background: $panel; }
        & > .ink--thumb { background: $muted; }
        &:blur > .ink--cursor { background: $panel; color: $foreground; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        self._own: Style | None = None
        self._inks: dict[str, Style] = {"": Style.null()}
        self._held: tuple[Bar, int] | None = None
        self.bar_pressed = False
        """Whether it was the scroll bar that the mouse was pressed on: what comes of that is no click on a line."""
        self._made: dict[int, Strip] = {}
        self._made_for = (Size(), 0)
        super().__init__(id=id, classes=classes)

    def ink(self, name: str) -> Style:
        """The style of that name, to be laid over the widget's own; "" is no style."""
        style = self._inks.get(name)
        if style is None:
            if not self._component_styles:  # not styled yet, or removed already
                return Style.null()
            style = self._inks[name] = self.get_component_rich_style(f"ink--{name}", partial=True)
        return style

    @property
    def rich_style(self) -> Style:
        """The widget's own style, mixed once: Textual would look through all that is around the widget for each
        line."""
        if self._own is None:
            self._own = super().rich_style
        return self._own

    def notify_style_update(self) -> None:
        """Mix the styles anew after a change of theme or focus."""
        self._own, self._inks = None, {"": Style.null()}
        super().notify_style_update()

    # ── scrolling ───────────────────────────────────────────────────────────────────────────────────────────────

    def hold(self, lines: int, top: int | None = None) -> None:
        """Be ``lines`` long, in view from line ``top`` on, or from where it is. Textual lays the whole screen out anew
        and draws all of it whenever a length changes; that is left to it only where the widget is as high as it is
        long."""
        size, thumb, room = Size(self.size.width, lines), self._bar.thumb, self.room
        if self.styles.is_auto_height:
            self.virtual_size = size
        else:
            self.set_reactive(Ink.virtual_size, size)
        self.scroll_target_y = self.scroll_y = self.validate_scroll_y(self.scroll_y if top is None else top)
        if self.room != room or not self.size:  # nothing in view: what is drawn later is drawn anew
            self.refresh()
        elif self._bar.thumb != thumb:
            self.refresh(Region(self.room, 0, 1, self.size.height))

    @property
    def room(self) -> int:
        """The cells of a line, without the scroll bar's."""
        width = self.outer_size.width - self.styles.gutter.width
        return max(width - (self.KEEPS_ROOM or bool(self._bar.thumb)), 0)

    @property
    def allow_vertical_scroll(self) -> bool:
        """Whether there is something to scroll."""
        return self.max_scroll_y > 0

    @property
    def _bar(self) -> Bar:
        return Bar(self.size.height, self.virtual_size.height, self.scroll_offset.y)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of the scroll bar's thumb, or go on by a page where it is not."""
        place = event.get_content_offset(self)
        self.bar_pressed = place is not None and place.x == self.room and bool(self._bar.thumb)
        if place is None or not self.bar_pressed:
            return
        thumb = self._bar.thumb
        if place.y in thumb:
            self._held = (self._bar, event.y)
            self.capture_mouse()
        elif place.y < thumb.start:
            self.scroll_page_up(animate=False)
        else:
            self.scroll_page_down(animate=False)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Scroll where the thumb is drawn to."""
        if self._held is not None:
            bar, y = self._held
            self.scroll_to(y=bar.dragged(event.y - y), animate=False, immediate=True)

    def on_mouse_up(self, _event: events.MouseUp) -> None:
        """Let go."""
        if self._held is not None:
            self.release_mouse()

    def on_mouse_release(self, _event: events.MouseRelease) -> None:
        """Let go, or something else has taken hold of the mouse."""
        self._held = None

    def on_unmount(self) -> None:
        """Let go before leaving the screen."""
        self.release_mouse()

    # ── drawing ─────────────────────────────────────────────────────────────────────────────────────────────────

    def draw_line(self, y: int) -> Strip:
        """Line ``y`` of what is in view, as wide as its `room`."""
        del y
        return Strip.blank(self.room, self.rich_style)

    def render_line(self, y: int) -> Strip:
        """The line with its cell of the scroll bar, of the line's own colour where there is none."""
        line, thumb = self.draw_line(y), self._bar.thumb
        if thumb:
            last = self.rich_style + self.ink("thumb" if y in thumb else "bar")
        elif self.KEEPS_ROOM:
            last = next((part.style for part in reversed(list(line))), None) or self.rich_style
        else:
            return line
        return Strip([*line, Segment(" ", last)], self.room + 1)

    def render_lines(self, crop: Region) -> list[Strip]:
        """As Textual does, without what it does to each line for the sake of borders and tints, where there are
        none."""
        if self.styles.gutter != self.styles.padding:
            return super().render_lines(crop)
        if self._made_for != (self.outer_size, self.room):
            self._made_for = (self.outer_size, self.room)
            self._made.clear()
        for y in crop.line_range:
            if y not in self._made:
                self._made[y] = self._padded(y)
        lines = [self._made[y] for y in crop.line_range]
        for one in self.get_line_filters():
            if not isinstance(one, ANSIToTruecolor):  # no ink is one of the sixteen
                lines = [line.apply_filter(one, self.background_colors[1]) for line in lines]
        return lines if crop.width == self.outer_size.width else [line.crop(*crop.column_span) for line in lines]

    def _padded(self, y: int) -> Strip:
        """Line ``y`` of the whole widget."""
        top, right, bottom, left = self.styles.padding
        width, height = self.outer_size
        if not top <= y < height - bottom:
            return Strip.blank(width, self.rich_style)
        line = self.render_line(y - top)
        if not left + right:
            return line
        edge, base = int(bool(self.EDGE)), self.rich_style
        before = [Segment(" " * edge, base + self.ink(self.EDGE)), Segment(" " * (left - edge), base)]
        return Strip([part for part in (*before, *line, Segment(" " * right, base)) if part.text], width)

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Draw again what is in these regions, or all of it."""
        if not regions:
            self._made.clear()
        top = self.styles.padding.top
        for y in {y + top for region in regions for y in region.line_range}:
            self._made.pop(y, None)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def strip(self, spans: Iterable[Span], base: Style) -> Strip:
        """Styled texts as one line; the texts are inert and fit already."""
        return self.segments(spans, base, self.room)

    def segments(self, spans: Iterable[Span], base: Style, width: int) -> Strip:
        """As `strip`, of any width: a part of a line."""
        joined: list[Span] = []
        for text, style in spans:  # each change of style costs the terminal as much as a word
            if joined and joined[-1][1] == style:
                joined[-1] = (joined[-1][0] + text, style)
            else:
                joined.append((text, style))
        return Strip(Segment(text, base + self.ink(style)) for text, style in joined).adjust_cell_length(width, base)
