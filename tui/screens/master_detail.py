"""A list on the left and the thing under its cursor on the right; where there is no room, enter brings it up alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

from textual import on
from textual.containers import Container
from textual.widget import Widget

from tui.data.rows import InMemorySource, ListRow
from tui.i18n.translate import ngettext
from tui.screens.base import BaseScreen
from tui.widgets.columns import ListColumn
from tui.widgets.long_list import LongList
from tui.widgets.page import PageBlock, PageView, Passage

if TYPE_CHECKING:
    from tui.data.reader import Reader


class ProjectLineRow(ListRow, Protocol):
    """A row that is about a line of a project."""

    @property
    def project_id(self) -> str | None:
        """The id of the project."""
        ...


R = TypeVar("R", bound=ProjectLineRow)
MAX_LISTED_NAMES = 8
"""At most so many are named in a question about several lines."""


def named_lines(names: Sequence[str]) -> list[PageBlock]:
    """The lines that a question is about, as many as there is room for."""
    parts: list[PageBlock] = [Passage(name, indent=2) for name in names[:MAX_LISTED_NAMES]]
    more = len(names) - len(parts)
    rest = [Passage(ngettext("and {n} more", "and {n} more", more).format(n=more), "muted", 2)] if more else []
    return [*parts, *rest]


class MasterDetailScreen(BaseScreen, Generic[R]):
    """The list takes several selected lines; its lines are few enough to be held. ``at`` is the line to begin on."""

    CSS_PATH = "master_detail.tcss"
    empty: ClassVar[str]
    row_actions = frozenset({"copy", "history", "edit", "retry", "drop", "restore", "put_away", "open"})

    def __init__(self, at: str | None = None) -> None:
        super().__init__()
        self._at = at

    def columns(self) -> Sequence[ListColumn[R]]:
        """The list's columns."""
        raise LookupError(f"{type(self).__name__} has no columns")

    def body(self) -> Iterable[Widget]:
        """List and page."""
        with Container(id="split"):
            yield LongList(self.columns(), empty=self.empty, selecting=True, id="list")
            yield PageView(id="page")

    @property
    def rows(self) -> LongList[R]:
        """The list."""
        return self.query_one("#list", LongList)

    @property
    def project_in_view(self) -> str | None:
        """The project of the line under the cursor."""
        row = self.rows.row
        return row.project_id if row else None

    def on_mount(self) -> None:
        """Start in the list."""
        self.set_focus(self.rows)

    def update_rows(self, rows: Sequence[R]) -> None:
        """List what has been read; the cursor and what is selected stay where they can."""
        at, self._at = self._at, None
        row = next((row for row in rows if self.line_id_of(row) == at), None)
        if row is not None:
            self.rows.show(InMemorySource(rows), at=row.id)
        else:
            self.rows.replace_source(InMemorySource(rows))
        if not rows:
            self._to_list()

    @on(LongList.CursorMoved)
    @on(LongList.RowsLoaded)
    @on(LongList.RowSelected)
    def show_current_row(self) -> None:
        """Another line, or none: its page, and what can be done with it."""
        self.refresh_bindings()
        self.show_page()

    def show_page(self) -> None:
        """Show the line under the cursor on the page."""
        row = self.rows.row
        if row is None:
            self.show_blocks([], None)
        else:
            now_ms = self.app.now_ms()
            self.read_in_thread(
                lambda reader: self.page_of(reader, row, now_ms), lambda page: self.show_blocks(page, row.id), "page"
            )

    def page_of(self, reader: Reader, row: R, now_ms: int) -> Sequence[PageBlock]:
        """What the page says of a row at the time ``now_ms``. Called in a thread."""
        raise LookupError(f"{type(self).__name__} has no page for {row.id}")

    def report_restored(self, lines: int) -> None:
        """Say in how many lines something was brought back; nothing is selected any more."""
        self.rows.deselect()
        self.app.show_message(
            ngettext("Brought back, in {n} line.", "Brought back, in {n} lines.", lines).format(n=lines)
        )

    def show_blocks(self, blocks: Sequence[PageBlock], about: str | None) -> None:
        """Show these blocks about a line."""
        self.query_one("#page", PageView).show(blocks, subject=about)

    @on(LongList.RowOpened)
    def read_page(self) -> None:
        """Enter: to the page."""
        self.add_class("-reading")
        self.set_focus(self.query_one("#page", PageView))

    def _to_list(self) -> None:
        self.remove_class("-reading")
        self.set_focus(self.rows)

    def action_back(self) -> None:
        """From the page to the list, from the list to where we came from."""
        if self.has_class("-reading"):
            self._to_list()
        else:
            self.dismiss()

    async def action_history(self) -> None:
        """All versions of the line."""
        row = self.rows.row
        if row is not None:
            await self.app.open_screen("history", self.line_id_of(row))

    def line_id_of(self, row: R) -> str:
        """The id of the line that a row is about."""
        return row.id
