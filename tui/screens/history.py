"""All versions of a line: who wrote them, why each is not current, what it says differently; and restoring one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Container
from textual.widget import Widget

from tui.data.rows import Few
from tui.i18n.translate import N_, _
from tui.keys.actions import bindings
from tui.presenters.lines import VersionRow, version_columns, version_page
from tui.screens.base import Place
from tui.screens.panels import Confirm
from tui.widgets.long_list import LongList
from tui.widgets.page import Block, Paper, Passage, Title

if TYPE_CHECKING:
    from store.queries.lines import Version


class HistoryScreen(Place):
    """Versions on one side, the version under the cursor on the other."""

    place = "history"
    CSS_PATH = "history.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("history")]

    def __init__(self, line_id: str) -> None:
        super().__init__()
        self.line_id = line_id
        self._versions: list[Version] = []
        self._names: dict[str, str] = {}

    def body(self) -> Iterable[Widget]:
        """List and page."""
        with Container(id="split"):
            yield LongList[VersionRow](version_columns(self.app.now_ms), empty=N_("This line is not here."), id="list")
            yield Paper(id="page")

    @property
    def rows(self) -> LongList[VersionRow]:
        """The versions."""
        return self.query_one("#list", LongList)

    def reload(self) -> None:
        """Read the versions again."""
        self.ask(lambda desk: desk.history(self.line_id), self._show)

    def _show(self, found: tuple[list[Version], dict[str, str]]) -> None:
        self._versions, self._names = found
        at = self.rows.row.id if self.rows.row else None
        self.rows.show(Few([VersionRow(version) for version in self._versions]), at=at)

    @property
    def current(self) -> Version | None:
        """The version that counts now."""
        return next((version for version in self._versions if version.current), None)

    @on(LongList.Moved)
    @on(LongList.Counted)
    def show_version(self) -> None:
        """What the version under the cursor says, and how the present one differs: that may be a new one."""
        row = self.rows.row
        if row is not None:
            blocks = version_page(row.version, self.current, self._names, self.app.now_ms())
            self.query_one("#page", Paper).show(blocks, about=row.id)

    def action_restore(self) -> None:
        """Ask, then bring the version back."""
        row = self.rows.row
        if row is None or row.version.current:
            self.app.say(_("This version is the current one."))
            return
        question: list[Block] = [
            Title(_("Bring back version {n}?").format(n=row.version.version)),
            Passage(_("It is written anew and wins everywhere; the present version stays in the history.")),
        ]
        version = row.version
        self.app.push_screen(Confirm(question, lambda: self._restore(version)))

    def _restore(self, version: Version) -> None:
        stamp, device = version.stamp, version.device
        self.do(lambda desk: desk.pen.restore(self.line_id, stamp, device), self._restored)

    def _restored(self, _nothing: None) -> None:
        self.app.say(_("Brought back as a new version."))
