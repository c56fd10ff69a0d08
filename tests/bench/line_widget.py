"""Measure what each override of Textual's drawing in `LineWidget` saves: CPU time of moves, pages and new lists.

    python -m tests.bench.line_widget

A list of 1,000 rows beside a page, 160 by 45 cells. Each variant replaces one override by Textual's own method. Medians
of 100 steps, in ms of CPU time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

from rich.style import Style
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Region, Size
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widgets import Label

from tui.data.rows import InMemorySource
from tui.widgets.columns import ListColumn
from tui.widgets.line_widget import LineWidget
from tui.widgets.long_list import LongList
from tui.widgets.page import FactTable, PageView
from tui.widgets.paint_batching import PaintBatchingApp
from tui.widgets.themes import THEMES

STEPS = 100
PAINT_S = 0.025
"""Longer than the interval at which Textual paints."""


class BenchRow(NamedTuple):
    """A row of the list."""

    id: str
    text: str


class TextualRichStyle(LongList[BenchRow]):
    """`LineWidget.rich_style` left out: Textual mixes the widget's style for each line."""

    @property
    def rich_style(self) -> Style:
        """Textual's."""
        return super(LineWidget, self).rich_style


class TextualRenderLines(LongList[BenchRow]):
    """`LineWidget.render_lines` left out: Textual renders the lines, without our cache."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """Textual's."""
        return super(LineWidget, self).render_lines(crop)


class TextualLayout(LongList[BenchRow]):
    """`LineWidget.set_length` sets the reactive: Textual lays the screen out whenever the length changes."""

    def set_length(self, lines: int, top: int | None = None) -> None:
        """Textual's, by setting the reactive."""
        self.virtual_size = Size(self.size.width, lines)
        super().set_length(lines, top)


VARIANTS: tuple[type[LongList[BenchRow]], ...] = (LongList, TextualRichStyle, TextualRenderLines, TextualLayout)


def rows_of(count: int) -> InMemorySource[BenchRow]:
    """A source of so many rows."""
    return InMemorySource([BenchRow(f"{n}", f"供水改造工程 {n} 临时用水未接通") for n in range(count)])


class ListApp(PaintBatchingApp):
    """An app with one list beside a page."""

    CSS = "LongList { width: 3fr; } PageView { width: 2fr; }"

    def __init__(self, kind: type[LongList[BenchRow]]) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name
        self._kind = kind

    def compose(self) -> ComposeResult:
        """The list and the page."""
        columns: list[ListColumn[BenchRow]] = [ListColumn("", 8, lambda row: row.id)]
        columns += [ListColumn(f"c{n}", 14, lambda row: row.text) for n in range(6)]
        yield Label("供水改造工程")
        with Vertical(), Vertical():
            yield Label("供水改造工程")
            with Horizontal():
                yield self._kind(columns)
                yield PageView([FactTable([(f"名称{n}", "供水改造工程") for n in range(60)])])
        yield Label("供水改造工程")


async def measure(kind: type[LongList[BenchRow]]) -> list[float]:
    """The medians of a cursor move, a page and a list of another length."""
    app = ListApp(kind)
    async with app.run_test(size=(160, 45)) as pilot:
        rows = app.query_one(LongList)
        rows.show(rows_of(1000))
        await pilot.pause()
        return [
            await steps(pilot, lambda n: rows.action_move(1 if n // 30 % 2 == 0 else -1)),
            await steps(pilot, lambda n: rows.action_page(1 if n // 15 % 2 == 0 else -1)),
            await steps(pilot, lambda n: rows.show(rows_of(5 if n % 2 else 1000))),
        ]


async def steps(pilot: Pilot[None], step: Callable[[int], None]) -> float:
    """The median CPU time of a step, in ms."""
    taken = []
    for number in range(STEPS):
        before = time.process_time()
        step(number)
        await pilot.pause(PAINT_S)
        taken.append((time.process_time() - before) * 1000)
    return median(taken)


def main() -> None:
    """Print a row for each variant, twice."""
    for _round in range(2):
        for kind in VARIANTS:
            move, page, show = asyncio.run(measure(kind))
            print(f"{kind.__name__:22} move {move:6.2f}  page {page:6.2f}  new list {show:6.2f}")


if __name__ == "__main__":
    main()
