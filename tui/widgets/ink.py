"""What the line-drawing widgets share: named styles, and a strip of styled texts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.widgets.cells import Span


class Ink(ScrollView):
    """A scrolling widget that draws its lines itself, in styles named once for all of them."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "ink--heading", "ink--cursor", "ink--muted", "ink--strong", "ink--match", "ink--red", "ink--yellow",
        "ink--blue", "ink--good", "ink--warn", "ink--bad", "ink--accent",
    }  # fmt: skip
    DEFAULT_CSS = """
    Ink {
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        scrollbar-color: $muted; scrollbar-color-hover: $primary; scrollbar-color-active: $primary;
        scrollbar-background: $panel; scrollbar-background-hover: $panel; scrollbar-background-active: $panel;
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
        &:blur > .ink--cursor { background: $panel; color: $foreground; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._own: Style | None = None
        self._inks: dict[str, Style] = {"": Style.null()}

    def ink(self, name: str) -> Style:
        """The style of that name, to be laid over the widget's own; "" is no style."""
        style = self._inks.get(name)
        if style is None:
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

    def hold(self, lines: int) -> None:
        """Be ``lines`` long. Textual lays the whole screen out anew and draws all of it whenever a length changes;
        that is left to it only where the scroll bar comes or goes, or the widget is as high as it is long."""
        size = Size(self.scrollable_content_region.width, lines)
        scrolls = self.styles.overflow_y == "auto" and lines > self.container_size.height
        if self.styles.is_auto_height or scrolls != self.show_vertical_scrollbar:
            self.virtual_size = size
        elif size != self.virtual_size:
            self.set_reactive(Ink.virtual_size, size)
            self._scroll_update(size)

    def strip(self, spans: Iterable[Span], base: Style) -> Strip:
        """Styled texts as one line of the widget's width; the texts are inert and fit already."""
        return self.segments(spans, base, self.size.width)

    def segments(self, spans: Iterable[Span], base: Style, width: int) -> Strip:
        """As `strip`, of any width: a part of a line."""
        joined: list[Span] = []
        for text, style in spans:  # each change of style costs the terminal as much as a word
            if joined and joined[-1][1] == style:
                joined[-1] = (joined[-1][0] + text, style)
            else:
                joined.append((text, style))
        return Strip(Segment(text, base + self.ink(style)) for text, style in joined).adjust_cell_length(width, base)
