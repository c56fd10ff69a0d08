"""All versions of a line: who wrote them, why each is not current, how it differs; and restoring one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Container
from textual.widget import Widget

from tui.data import readers
from tui.data.rows import InMemorySource
from tui.i18n.translate import N_, _
from tui.keys.actions import bindings_in
from tui.presenters.lines import VersionListRow, version_columns, version_page
from tui.screens.base import BaseScreen
from tui.screens.panels import Confirm
from tui.widgets.long_list import LongList
from tui.widgets.page import PageBlock, PageTitle, PageView, Passage

if TYPE_CHECKING:
    from store.queries.lines import Version
    from tui.data.reader import Reader


class HistoryScreen(BaseScreen):
    """Versions on one side, the version under the cursor on the other."""

    key_scope = "history"
    CSS_PATH = "history.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("history")]

    def __init__(self, line_id: str) -> None:
        super().__init__()
        self.line_id = line_id
        self._versions: list[Version] = []
        self._names: dict[str, str] = {}

    def body(self) -> Iterable[Widget]:
        """List and page."""
        with Container(id="split"):
            yield LongList[VersionListRow](
                version_columns(self.app.now_ms), empty=N_("This line is not here."), id="list"
            )
            yield PageView(id="page")

    @property
    def rows(self) -> LongList[VersionListRow]:
        """The versions."""
        return self.query_one("#list", LongList)

    def reload(self) -> None:
        """Read the versions again."""
        self.read_in_thread(lambda reader: reader.run(readers.lines.history_with_names, self.line_id), self._show)

    def _show(self, versions_and_names: tuple[list[Version], dict[str, str]]) -> None:
        self._versions, self._names = versions_and_names
        at = self.rows.row.id if self.rows.row else None
        self.rows.show(InMemorySource([VersionListRow(version) for version in self._versions]), at=at)

    @property
    def current(self) -> Version | None:
        """The version that counts now."""
        return next((version for version in self._versions if version.current), None)

    @on(LongList.CursorMoved)
    @on(LongList.RowsLoaded)
    def show_version(self) -> None:
        """Show the version under the cursor and how the current one differs, which may be a new one."""
        row = self.rows.row
        if row is not None:
            blocks = version_page(row.version, self.current, self._names, self.app.now_ms())
            self.query_one("#page", PageView).show(blocks, subject=row.id)

    def action_restore(self) -> None:
        """Confirm, then restore the version."""
        row = self.rows.row
        if row is None or row.version.current:
            self.app.show_message(_("This version is the current one."))
            return
        question: list[PageBlock] = [
            PageTitle(_("Bring back version {n}?").format(n=row.version.version)),
            Passage(_("It is written anew and wins everywhere; the present version stays in the history.")),
        ]
        version = row.version
        self.app.push_screen(Confirm(question, lambda: self._restore(version)))

    def _restore(self, version: Version) -> None:
        self.write_in_thread(partial(self._write_restored, version), self._handle_restored)

    def _write_restored(self, version: Version, reader: Reader) -> object:
        return reader.writer.run(lambda ledger: ledger.restore(self.line_id, version.stamp, version.device))

    def _handle_restored(self, _line: object) -> None:
        self.app.show_message(_("Brought back as a new version."))
