"""A page: headings, facts in two columns, passages of text, laid out for the widget's width.

Text is wrapped here and not by Textual: Chinese has no spaces to break at, and punctuation may not begin a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.strip import Strip

from tui.widgets.cells import Span, Spans, fit, fit_spans, single_line, wrap
from tui.widgets.line_widget import LineWidget

MARGIN = 1
"""Blank cells at the left of each line of a page."""
_BANDS = ("section", "band")


@dataclass(frozen=True, slots=True)
class PageHeading:
    """A heading of a section: a band across the page."""

    text: str

    def lay_out(self, width: int) -> list[Sequence[Span]]:
        """One line, after a blank one."""
        return [(), band(self.text, width, "section")]


@dataclass(frozen=True, slots=True)
class PageBand:
    """A heading within a section, as of a day: a quieter band."""

    text: str

    def lay_out(self, width: int) -> list[Sequence[Span]]:
        """One line, after a blank one."""
        return [(), band(self.text, width, "band")]


def band(text: str, width: int, style: str) -> list[Span]:
    """A line of one style, which `PageView` draws across its whole width."""
    return [(fit(single_line(text), width), style)]


@dataclass(frozen=True, slots=True)
class PageTitle:
    """The title of the page: bold, wrapped."""

    text: str

    def lay_out(self, width: int) -> list[Sequence[Span]]:
        """The wrapped lines."""
        return [((line, "strong"),) for line in wrap(self.text, width)]


@dataclass(frozen=True, slots=True)
class FactTable:
    """Names and values in two columns. Pairs without a value are left out."""

    pairs: Sequence[tuple[str, str | Spans | None]]

    @property
    def names_width(self) -> int:
        """The cells of its longest name."""
        return max((cell_len(name) for name, value in self.pairs if value), default=0)

    def lay_out(self, width: int, names_width: int = 0) -> list[Sequence[Span]]:
        """A line for each fact; long values are wrapped in their column. ``names_width``: that of the longest name in
        the other tables of the page, so that all values of a page stand in one column."""
        column = min(max(self.names_width, names_width), width // 3) + 2
        return [line for name, value in self.pairs if value for line in self._fact(name, value, column, width)]

    def _fact(self, name: str, value: str | Spans, column: int, width: int) -> list[Sequence[Span]]:
        left = fit_spans(((name, "muted"),), column)
        if not isinstance(value, str):
            return [(*left, *fit_spans(value, width - column))]
        first, *rest = wrap(value, width - column)
        return [(*left, (first, "")), *(((" " * column, ""), (line, "")) for line in rest)]


@dataclass(frozen=True, slots=True)
class StyledLine:
    """One line of styled texts."""

    spans: Spans

    def lay_out(self, width: int) -> list[Sequence[Span]]:
        """The line, cut where it does not fit."""
        return [fit_spans(self.spans, width)]


@dataclass(frozen=True, slots=True)
class Passage:
    """Running text."""

    text: str
    style: str = ""
    indent: int = 0

    def lay_out(self, width: int) -> list[Sequence[Span]]:
        """The wrapped lines."""
        space = " " * self.indent
        return [((space, ""), (line, self.style)) for line in wrap(self.text, max(width - self.indent, 2))]


@dataclass(frozen=True, slots=True)
class BlankLine:
    """A blank line."""

    def lay_out(self, width: int) -> list[Sequence[Span]]:
        """One empty line."""
        del width
        return [()]


def lay_out_blocks(blocks: Sequence[PageBlock], width: int) -> list[Sequence[Span]]:
    """The lines of a page; its tables of facts share the column of their names."""
    names = max((block.names_width for block in blocks if isinstance(block, FactTable)), default=0)
    return [
        line
        for block in blocks
        for line in (block.lay_out(width, names) if isinstance(block, FactTable) else block.lay_out(width))
    ]


class PageBlock(Protocol):
    """A part of a page that can be laid out for a width."""

    def lay_out(self, width: int) -> list[Sequence[Span]]:
        """The lines, as styled texts, at most ``width`` cells each."""
        ...


class PageView(LineWidget, can_focus=True):
    """Shows blocks; arrow and page keys scroll."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", show=False),
        Binding("down,j", "scroll_down", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("pagedown,space", "page_down", show=False),
        Binding("home,g", "scroll_home", show=False),
        Binding("end,G", "scroll_end", show=False),
    ]

    def __init__(self, blocks: Sequence[PageBlock] = (), *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._blocks = blocks
        self._lines: list[Sequence[Span]] = []
        self._subject: str | None = None

    def show(self, blocks: Sequence[PageBlock], *, top: bool = False, subject: str | None = None) -> None:
        """Show these blocks at the present scroll position; from the top where ``top`` is True or ``subject`` differs
        from the previous one."""
        self._blocks = blocks
        self._lay_out_blocks()
        previous, self._subject = self._subject, subject
        if top or subject != previous:
            self.scroll_to(y=0, animate=False, immediate=True)

    def texts(self) -> list[str]:
        """The lines of the page as plain text, without blank ones."""
        lines = ("".join(text for text, _style in line).rstrip() for line in self._lines)
        return [line for line in lines if line]

    def on_resize(self, _event: events.Resize) -> None:
        """Lay out for the new width."""
        self._lay_out_blocks()

    def _lay_out_blocks(self) -> None:
        width, before = self.line_width - MARGIN, self._lines
        self._lines = lay_out_blocks(self._blocks, width) if width > 1 else []
        self.set_length(len(self._lines))
        self._draw_changed(before)

    def _draw_changed(self, before: list[Sequence[Span]]) -> None:
        """Draw only the lines in view that have changed: most pages are half empty, and drawing a line is slow."""
        top = self.scroll_offset.y
        for y in range(top, top + self.size.height):
            if self._lines[y : y + 1] != before[y : y + 1]:
                self.refresh(Region(0, y - top, self.size.width, 1))

    def draw_line(self, y: int) -> Strip:
        """One line of the page, behind its margin; bands begin in it."""
        place = self.scroll_offset.y + y
        spans = self._lines[place] if place < len(self._lines) else ()
        style = spans[0][1] if spans and spans[0][1] in _BANDS else ""
        return self.line_strip(((" " * MARGIN, style), *spans), self.rich_style)


class PreviewPane(PageView):
    """A page beside a list, shown on wide screens (``tui/app/app.tcss``)."""
