"""The summary: a period's figures with charts, and what stands out; the same figures as the report of that name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Label

from tui.i18n.translate import N_
from tui.keys.actions import bindings_in
from tui.presenters.summary import SummaryRow, finding_head, part_page, summary_columns, summary_rows
from tui.screens.figures import PeriodScreen
from tui.screens.preview import preview_blocks
from tui.screens.visit import screen_for
from tui.widgets.background import PreviewSplit
from tui.widgets.grouped_list import GroupedList, GroupedSource
from tui.widgets.long_list import LongList
from tui.widgets.page import PageBlock, PageView

if TYPE_CHECKING:
    from tui.data.reader import Reader
    from tui.reports.overview import PeriodOverview

Page = list[PageBlock]
"""A chart, or the line that a finding is about."""


class SummaryScreen(PeriodScreen[list[SummaryRow]]):
    """The parts of the figures and the findings; beside them, where there is room, the chart or the line."""

    key_scope = "summary"
    CSS_PATH = "summary.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("summary")]

    def body(self) -> Iterable[Widget]:
        """The period, the list and the chart."""
        yield Label(id="period", markup=False)
        with PreviewSplit():
            yield GroupedList[SummaryRow](summary_columns(), empty=N_("being counted …"), id="list")
            yield PageView(id="side")

    @property
    def rows(self) -> LongList[SummaryRow]:
        """Parts and findings."""
        return self.query_one("#list", LongList)

    @property
    def project_in_view(self) -> str | None:
        """The project that the finding under the cursor is about."""
        target = self.rows.row.target if self.rows.row else None
        return target.id if target and target.kind == "project" else None

    def prepare(self, overview: PeriodOverview) -> list[SummaryRow]:
        """The rows: there may be thousands of findings."""
        return summary_rows(overview)

    def show(self, prepared: list[SummaryRow]) -> None:
        """List everything; the cursor stays on its part or finding."""
        self.rows.show(GroupedSource(prepared), at=self.rows.row.id if self.rows.row else None)

    def clear(self) -> None:
        """Nothing is known of this period yet."""
        self.rows.show(GroupedSource(()), at=self.rows.row.id if self.rows.row else None)

    def on_resize(self) -> None:
        """Where there is room now, the chart is shown."""
        self.call_after_refresh(self._preview)

    @on(LongList.CursorMoved)
    @on(LongList.RowsLoaded)
    def _preview(self) -> None:
        """Show the chart or the line under the cursor beside the list, where there is room for it."""
        row = self.rows.row
        if row is None or self.overview is None or not self.has_class("-wide"):
            return
        seen, now = self.overview, self.app.now_ms()
        self.read_in_thread(
            lambda reader: _preview_of(reader, row, seen, now), partial(self._show_beside, row), "preview"
        )

    def _show_beside(self, row: SummaryRow, page: Page) -> None:
        if self.rows.row is not None and self.rows.row.id == row.id:
            self.query_one("#side", PageView).show(page, subject=row.id)

    @on(LongList.RowOpened)
    def open_row(self, message: LongList.RowOpened) -> None:
        """Enter: the chart, or the project or issue that a finding is about."""
        row: SummaryRow = message.row
        if row.target is None:
            self.app.open_screen("summary_part", row.id, self.month, self.length, self.chosen)
        else:
            self.app.open_screen(*screen_for(row.target))


class SummaryPartScreen(PeriodScreen[Page]):
    """One part of the figures, as large as the screen."""

    key_scope = "summary_part"
    CSS_PATH = "summary.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("summary_part")]

    def __init__(self, part: str, month: int, length: int, chosen: Mapping[str, str | None] | None = None) -> None:
        super().__init__(month, length, chosen)
        self.part = part

    def body(self) -> Iterable[Widget]:
        """The period and the chart."""
        yield Label(id="period", markup=False)
        yield PageView(id="page")

    def prepare(self, overview: PeriodOverview) -> Page:
        """The chart."""
        return part_page(self.part, overview)

    def show(self, prepared: Page) -> None:
        """Show the chart."""
        self.query_one("#page", PageView).show(prepared, subject=self.part)

    def clear(self) -> None:
        """Nothing is known of this period yet."""
        self.query_one("#page", PageView).show((), subject=self.part)


def _preview_of(reader: Reader, row: SummaryRow, overview: PeriodOverview, now_ms: int) -> Page:
    """What is shown beside the list; read in a thread."""
    if row.target is None:
        return part_page(row.id, overview)
    return [*finding_head(row), *preview_blocks(reader, row.target, now_ms)]
