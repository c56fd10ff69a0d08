"""The registers: every one beside projects, visits and issues, of the whole district or of one project."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Label

from store import queries
from store.domain.registers import REGISTERS
from tui.data.rows import InMemorySource
from tui.i18n.translate import _
from tui.keys.actions import bindings_in
from tui.presenters.register_lines import EXTRA_ROWS, RegisterRow, register_columns
from tui.screens.bars import KeyBar, TopBar
from tui.screens.base import BaseScreen
from tui.widgets.cells import single_line
from tui.widgets.long_list import LongList

if TYPE_CHECKING:
    from tui.data.reader import Reader


class RegistersScreen(BaseScreen):
    """The list of registers with the number of their lines; with ``project`` those of that project."""

    key_scope = "registers"
    CSS_PATH = "registers.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("registers")]

    def __init__(self, project: str | None = None) -> None:
        super().__init__()
        self.project_in_view = project

    def compose(self) -> ComposeResult:
        """The frame around the body; a project's registers are no mode screen."""
        yield TopBar(self.key_scope if self.project_in_view is None else "project")
        yield from self.body()
        yield KeyBar(self.key_scope)

    def body(self) -> Iterable[Widget]:
        """Whose registers, and the list."""
        yield Label(id="whose", markup=False)
        yield LongList[RegisterRow](register_columns(), id="list")

    @property
    def rows(self) -> LongList[RegisterRow]:
        """The list of registers."""
        return self.query_one("#list", LongList)

    def reload(self) -> None:
        """Count the lines again; the cursor stays."""
        self.read_in_thread(self._read_counts, self._show)

    def _read_counts(self, reader: Reader) -> tuple[dict[str, int], str]:
        project = self.project_in_view
        detail = reader.run(queries.projects.project, project, reader.thresholds()) if project else None
        counts = reader.run(queries.register_lines.counts, REGISTERS.values(), project)
        return counts, detail.row.name if detail else ""

    def _show(self, counts_and_project: tuple[dict[str, int], str]) -> None:
        counts, project = counts_and_project
        of_district = self.project_in_view is None
        rows = [
            RegisterRow(name, counts[name])
            for name, register in REGISTERS.items()
            if of_district or register.parent != "district"
        ]
        if of_district:
            rows += [RegisterRow(name, None) for name in EXTRA_ROWS]
        whose = single_line(project) if project else _("All registers")
        self.query_one("#whose", Label).update(Content(f" {whose}"))
        self.rows.show(InMemorySource(rows), at=self.rows.row.id if self.rows.row else None)

    @on(LongList.RowOpened)
    def open_register(self, message: LongList.RowOpened) -> None:
        """Enter: the register itself."""
        if message.row.id in EXTRA_ROWS:
            self.app.open_screen(message.row.id)
        else:
            self.app.open_screen("register", message.row.id, self.project_in_view)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A mode screen has nothing to go back to."""
        if action == "back" and self.project_in_view is None:
            return False
        return super().check_action(action, parameters)
