"""One register: its lines, a project's or all; beside them, where there is room, the one under the cursor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Label

from store import commands, queries
from store.domain.registers import PROCEDURE_REGISTER, REGISTERS
from store.exceptions import BadTime
from tui.data import readers
from tui.data.lists import register_source
from tui.i18n.translate import N_, _
from tui.keys.actions import bindings_in
from tui.presenters.register_lines import line_count_text, register_line_columns, register_line_page
from tui.screens.base import BaseScreen
from tui.screens.filters import ListFilterPanel
from tui.screens.list_filters import (
    register_filter,
    register_filter_fields,
    register_filter_text,
    register_orders,
)
from tui.screens.panels import Confirm
from tui.screens.sort_menu import Sorting
from tui.widgets.background import PreviewSplit
from tui.widgets.cells import single_line
from tui.widgets.long_list import LongList
from tui.widgets.page import PageBlock, PageTitle, Passage, PreviewPane

if TYPE_CHECKING:
    from store.domain.permissions import Verb
    from store.queries.register_lines import RegisterRecord
    from tui.data.writer import Writer
    from tui.i18n.register_text import RegisterLineRow


class RegisterScreen(BaseScreen):
    """The lines of a register. ``project`` is the id of the project that they belong to, None for all."""

    key_scope = "register"
    CSS_PATH = "register.tcss"
    row_actions = frozenset({"open", "edit", "history", "copy"})
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("register")]

    def __init__(self, register: str, project: str | None = None) -> None:
        super().__init__()
        self.register = REGISTERS[register]
        self.project = project
        self.filter_values: Mapping[str, str | None] = {}
        self._project_name = ""

    def body(self) -> Iterable[Widget]:
        """Which register, the list, and the preview."""
        yield Label(id="which", markup=False)
        with PreviewSplit():
            columns = register_line_columns(self.register, self.app.now_ms, of_project=self.project is not None)
            yield LongList["RegisterLineRow"](columns, empty=self._empty, id="list")
            yield PreviewPane(id="side")

    @property
    def _empty(self) -> str:
        if register_filter_text(self.register, self.filter_values):
            return N_("No such line. f changes the filter.")
        if self._proposes:
            return N_("Nothing here yet. p proposes the standard procedures, n adds a line.")
        return N_("Nothing here yet. n adds a line.")

    @property
    def _proposes(self) -> bool:
        return self.register is PROCEDURE_REGISTER and self.project is not None

    @property
    def rows(self) -> LongList[RegisterLineRow]:
        """The list of lines."""
        return self.query_one("#list", LongList)

    @property
    def project_in_view(self) -> str | None:
        """The project whose register this is, or that of the line under the cursor."""
        return self.project or (self.rows.row.values.get("project_id") if self.rows.row else None)

    @property
    def list_title(self) -> str:
        """The register."""
        return _(self.register.title)

    @property
    def list_words(self) -> str:
        """The project, where it is one's, and the filter."""
        parts = (self._project_name, register_filter_text(self.register, self.filter_values))
        return "   ".join(part for part in parts if part)

    @property
    def view_place(self) -> str:
        """The views of this register, whatever the project."""
        return f"register:{self.register.name}"

    def view_choices(self) -> Mapping[str, str]:
        """The filter's values."""
        return {name: value for name, value in self.filter_values.items() if value}

    def apply_view(self, choices: Mapping[str, str]) -> None:
        """List what these leave."""
        self.apply(choices)

    def written_kinds(self) -> Mapping[str, tuple[str, Verb]]:
        """What the keys of this screen write: lines of its register."""
        kind = self.register.kind
        return {"new": (kind, "create"), "edit": (kind, "change"), "propose": (kind, "create")}

    def reload(self) -> None:
        """Read the list again; the cursor stays."""
        reader, project = self.app.reader, self.project
        if reader is None:
            return
        if self.rows.total:
            self.rows.reread()
        else:
            self.apply(self.filter_values)
        if project is not None:
            self.read_in_thread(
                lambda reader: reader.run(queries.projects.project, project, reader.thresholds()),
                lambda detail: self._handle_project_name(detail.row.name if detail else ""),
            )

    def apply(self, values: Mapping[str, str | None]) -> None:
        """List what these filters leave."""
        reader = self.app.reader
        if reader is None:
            return
        try:
            criteria = register_filter(self.register, values, reader.corrected_now_ms())
        except BadTime as error:  # the list stays as it is, and so does the filter
            self.app.show_error(error)
            return
        self.filter_values = values
        self.rows.empty = self._empty
        project = self.project or criteria["project"]
        self.rows.mark_sorted(criteria["sort"] or "", descending=bool(criteria["reverse"]))
        at = self.rows.row.id if self.rows.row else None
        self.rows.show(register_source(reader, self.register, **{**criteria, "project": project}), at=at)

    async def action_filter(self) -> None:
        """Choose which lines are listed."""
        questions = register_filter_fields(self.register, of_project=self.project is not None)
        panel = ListFilterPanel(_("Which lines?"), questions, self.filter_values)
        await self.app.push_screen(panel, lambda chosen: self.apply(chosen) if chosen else None)

    async def action_sort(self) -> None:
        """Choose the order."""
        values = self.filter_values
        sorting = Sorting(register_orders(self.register), values.get("order") or "", bool(values.get("reverse")))
        await self.app.open_screen("sort_menu", sorting, self._sort)

    def _sort(self, order: str, reverse: bool) -> None:
        self.apply({**self.filter_values, "order": order, "reverse": "yes" if reverse else ""})

    def _handle_project_name(self, project: str) -> None:
        self._project_name = project
        self._update_head()

    @on(LongList.RowsLoaded)
    def _update_head(self) -> None:
        whose = f"{single_line(self._project_name)}   " if self._project_name else ""
        chosen = single_line(register_filter_text(self.register, self.filter_values))
        criteria = f"{chosen}   " if chosen else ""
        words = f" {_(self.register.title)}   {whose}{criteria}{line_count_text(self.rows.total)}"
        self.query_one("#which", Label).update(Content(words))
        self._preview()

    def on_resize(self) -> None:
        """Where there is room now, the preview is read."""
        self.call_after_refresh(self._preview)

    @on(LongList.CursorMoved)
    def _preview(self) -> None:
        """Show the line under the cursor beside the list, where there is room for it."""
        row, register = self.rows.row, self.register
        if row is not None and self.has_class("-wide"):
            line_id = row.id
            self.read_in_thread(
                lambda reader: reader.run(readers.lines.register_record, register, line_id, reader.thresholds()),
                self._show,
                "preview",
            )

    def _show(self, line: RegisterRecord | None) -> None:
        if line is not None:
            self.query_one("#side", PreviewPane).show(register_line_page(self.register, line), subject=line["id"])

    @on(LongList.RowOpened)
    def open_line(self, message: LongList.RowOpened) -> None:
        """Enter: the line itself."""
        self.app.open_screen("register_line", self.register.name, message.row.id)

    async def action_new(self) -> None:
        """Write a new line."""
        await self.app.open_screen("register_form", self.register.name, None, self.project)

    async def action_edit(self) -> None:
        """Edit the line under the cursor."""
        if self.rows.row is not None:
            await self.app.open_screen("register_form", self.register.name, self.rows.row.id)

    async def action_history(self) -> None:
        """All versions of the line under the cursor."""
        if self.rows.row is not None:
            await self.app.open_screen("history", self.rows.row.id)

    async def action_propose(self) -> None:
        """Confirm, then put the standard procedures on the project's list."""
        await self.app.push_screen(Confirm(propose_confirmation(), self._propose))

    def _propose(self) -> None:
        project = str(self.project)
        self.write_in_thread(lambda reader: propose_procedures(reader.writer, project), self._handle_proposed)

    def _handle_proposed(self, count: int) -> None:
        self.app.show_message(_("{n} procedures were put on the list; edit it from here.").format(n=count))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a project's procedures can be proposed."""
        if action == "propose" and not self._proposes:
            return False
        return super().check_action(action, parameters)


def propose_procedures(writer: Writer, project: str) -> int:
    """Put the standard procedures of the project's category on its list; returns how many were new."""
    return len(writer.run(lambda ledger: commands.procedures.propose(ledger, project)))


def propose_confirmation() -> list[PageBlock]:
    """Whether the standard procedures shall be put on a project's list."""
    return [
        PageTitle(_("Put the standard procedures of its category on the project’s list?")),
        Passage(_("Those it has stay as they are; the list can be edited from there.")),
    ]
