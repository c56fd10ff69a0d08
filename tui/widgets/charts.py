"""Charts of coloured cells, with a scale: every bar has its numbers before it, every column its place below it.

A cell is a character on a ground of its own colour, one character for each meaning: where a terminal has no colours, or
only sixteen, `tui.widgets.line_widget` shows the characters. They are ASCII: block characters, as Textual's `Sparkline`
has them, are of ambiguous width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from tui.i18n.translate import _
from tui.widgets.cells import Span, Spans, fit, single_line

MIN_BAR_WIDTH = 6
"""Where a bar would be narrower, only the numbers are shown."""
MOST_CELLS_A_UNIT = 4
COLUMN_LINES = 4
"""The height of a chart of columns, without its caption and its labels."""


@dataclass(frozen=True, slots=True)
class BarSegment:
    """A segment of a bar: its amount, the character of its cells, and the name of their colour."""

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
    scale, which stands below them; an amount above 0 gets at least one cell."""

    headings: tuple[str, ...]
    rows: Sequence[ChartBar]

    def lay_out(self, width: int) -> list[Sequence[Span]]:
        """The heading, a line for each row, and the scale."""
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
        if most and bar_width >= MIN_BAR_WIDTH:
            lines.append(((" " * (width - bar_width), ""), (_scale(most, bar_width), "muted")))
        return lines


def _cells_a_unit(most: int, width: int) -> float:
    """The cells for an amount of 1: several where they fit, so that small numbers are seen."""
    return min(MOST_CELLS_A_UNIT, width // most) or width / most if most else 0.0


def _scale(most: int, width: int) -> str:
    """0 where bars begin, and at its cell the amount of the longest one."""
    longest = int(most * _cells_a_unit(most, width))
    return "0" + fit(str(most), max(longest - 1, len(str(most)) + 1), right=True)


def marked(style: str) -> str:
    """The style of a cell that is drawn in this colour."""
    return f"mark-{style or 'plain'}"


def bar_spans(segments: Sequence[BarSegment], maximum: int, width: int) -> Spans:
    """A bar of at most ``width`` cells, which ``maximum`` fills."""
    scale = _cells_a_unit(maximum, width)
    sizes = [max(1, int(part.amount * scale)) if part.amount else 0 for part in segments]
    while sum(sizes) > width:
        sizes[sizes.index(max(sizes))] -= 1
    return tuple((part.glyph * size, marked(part.style)) for part, size in zip(segments, sizes, strict=True) if size)


@dataclass(frozen=True, slots=True)
class ColumnChart:
    """Values in the order of time as columns, with their label, a mark of two cells below each, and a scale."""

    label: str
    values: Sequence[int | None]
    marks: Sequence[str]
    glyph: str
    style: str = ""

    @property
    def caption(self) -> str:
        """The label with minimum and maximum."""
        there = [value for value in self.values if value is not None]
        if not there:
            return f"{self.label}  -"
        return f"{self.label}  " + _("least {least}, most {most}").format(least=min(there), most=max(there))

    def lay_out(self, width: int) -> list[Sequence[Span]]:
        """The caption, the columns from above, and their marks; of what does not fit the latest."""
        most = max((value or 0 for value in self.values), default=0)
        left = len(str(most)) + 1
        count = min(len(self.values), max((width - left) // 3, 0))
        lines: list[Sequence[Span]] = [((fit(single_line(self.caption), width), "muted"),)]
        if not most or not count:
            return lines
        heights = [self._height(value or 0, most) for value in self.values[-count:]]
        for level in range(COLUMN_LINES, 0, -1):
            scale = str(most) if level == COLUMN_LINES else ""
            cells = [(self.glyph * 2, marked(self.style)) if height >= level else ("  ", "") for height in heights]
            lines.append(((fit(scale, left - 1, right=True) + " ", "muted"), *_apart(cells)))
        marks = " ".join(fit(mark, 2, right=True) for mark in self.marks[-count:])
        return [*lines, ((fit("0", left - 1, right=True) + " " + marks, "muted"),)]

    @staticmethod
    def _height(value: int, most: int) -> int:
        return max(1, round(value * COLUMN_LINES / most)) if value else 0


def _apart(cells: Sequence[Span]) -> Spans:
    """Columns with a cell between them."""
    return tuple(span for cell in cells for span in (cell, (" ", "")))
