"""Charts that need no colours: every bar has its numbers before it, every series its minimum and maximum.

Bars consist of ASCII characters, one for each meaning: block characters are of ambiguous width, and colours are missing
on some terminals. A series is Textual's `Sparkline` on a line of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Label, Sparkline

from tui.i18n.translate import _
from tui.widgets.cells import Span, Spans, fit, single_line
from tui.widgets.page import PageBlock, PageView

MIN_BAR_WIDTH = 6
"""Where a bar would be narrower, only the numbers are shown."""
CELLS_PER_VALUE = 2
"""Cells for each value of a series."""


@dataclass(frozen=True, slots=True)
class BarSegment:
    """A segment of a bar: its amount, character and style."""

    amount: int
    glyph: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class ChartBar:
    """One row: label, numbers, and the segments of its bar."""

    label: str
    numbers: tuple[str, ...]
    segments: tuple[BarSegment, ...] = ()


@dataclass(frozen=True, slots=True)
class BarTable:
    """A table with a bar at the end of each row; ``headings`` are those of the label and the numbers. All bars have one
    scale; an amount above 0 gets at least one cell."""

    headings: tuple[str, ...]
    rows: Sequence[ChartBar]

    def lay_out(self, width: int) -> list[Sequence[Span]]:
        """The heading and a line for each row."""
        columns = [
            max(map(cell_len, texts))
            for texts in zip(self.headings[1:], *(row.numbers for row in self.rows), strict=True)
        ]
        longest = max(cell_len(single_line(text)) for text in (self.headings[0], *(row.label for row in self.rows)))
        label = min(longest, max(width - sum(columns) - len(columns) - MIN_BAR_WIDTH - 1, 8))
        bar_width = width - label - sum(columns) - len(columns) - 1
        most = max((sum(part.amount for part in row.segments) for row in self.rows), default=0)
        head = [fit(text, size, right=True) for text, size in zip(self.headings[1:], columns, strict=True)]
        lines: list[Sequence[Span]] = [((" ".join([fit(self.headings[0], label), *head]), "muted"),)]
        for row in self.rows:
            cells = [fit(text, size, right=True) for text, size in zip(row.numbers, columns, strict=True)]
            left = " ".join([fit(single_line(row.label), label), *cells]) + " "
            lines.append(
                ((left, ""), *(bar_spans(row.segments, most, bar_width) if bar_width >= MIN_BAR_WIDTH else ()))
            )
        return lines


def bar_spans(segments: Sequence[BarSegment], maximum: int, width: int) -> Spans:
    """A bar of at most ``width`` cells, which ``maximum`` fills."""
    scale = min(1.0, width / maximum) if maximum else 0.0
    sizes = [max(1, int(part.amount * scale)) if part.amount else 0 for part in segments]
    while sum(sizes) > width:
        sizes[sizes.index(max(sizes))] -= 1
    return tuple((part.glyph * size, part.style) for part, size in zip(segments, sizes, strict=True) if size)


@dataclass(frozen=True, slots=True)
class Series:
    """Values in the order of time, and their label."""

    label: str
    values: Sequence[int | None]

    @property
    def caption(self) -> str:
        """The label with minimum and maximum."""
        there = [value for value in self.values if value is not None]
        if not there:
            return f"{self.label}  -"
        return f"{self.label}  " + _("least {least}, most {most}").format(least=min(there), most=max(there))


class ChartView(Vertical):
    """Series as sparklines, and below them a page with the numbers."""

    DEFAULT_CSS = """
    ChartView { padding: 0 1; }
    ChartView .series { height: auto; }
    ChartView Label { color: $muted; }
    ChartView Sparkline { height: 1; }
    ChartView PageView { height: 1fr; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._series: list[Series] | None = None

    def compose(self) -> ComposeResult:
        """The container of the series, and the page."""
        yield Vertical(classes="series")
        yield PageView()

    @property
    def page(self) -> PageView:
        """The page below."""
        return self.query_one(PageView)

    def show(self, series: Sequence[Series], blocks: Sequence[PageBlock], about: str) -> None:
        """Show this series and page instead."""
        self.page.show(blocks, subject=about)
        if list(series) == self._series:
            return
        self._series = list(series)
        container = self.query_one(".series", Vertical)
        container.remove_children()
        for one in series:
            values = [value or 0 for value in one.values]
            line = Sparkline(values)
            line.styles.width = CELLS_PER_VALUE * len(values)
            container.mount(Label(Content(single_line(one.caption))), line)
