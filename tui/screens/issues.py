"""The issue ledger: every difficulty, problem and request, newest first, filtered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Label

from store import queries
from tui.data.lists import issue_list
from tui.i18n.translate import N_, value_label
from tui.keys.actions import bindings_in
from tui.presenters.issues import issue_columns, issue_page
from tui.screens.base import BaseScreen
from tui.screens.filters import ISSUE_ORDERS, UNFINISHED, IssueFilterValues
from tui.screens.sort_menu import Sorting
from tui.widgets.background import PreviewSplit
from tui.widgets.cells import single_line
from tui.widgets.long_list import LongList
from tui.widgets.page import PreviewPane

if TYPE_CHECKING:
    from store.domain.permissions import Verb
    from store.queries.issues import IssueDetail, IssueRow


class IssuesScreen(BaseScreen):
    """The list; above it what is chosen, beside it, where there is room, the issue under the cursor."""

    key_scope = "issues"
    CSS_PATH = "issues.tcss"
    row_actions = frozenset({"open", "acts", "edit", "history", "copy", "explain"})
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("issues")]

    def __init__(self, filter_values: IssueFilterValues = UNFINISHED) -> None:
        super().__init__()
        self.filter_values = filter_values

    def body(self) -> Iterable[Widget]:
        """What is chosen, list and preview."""
        yield Label(id="chosen", markup=False)
        with PreviewSplit():
            columns = issue_columns(self.app.now_ms)
            yield LongList["IssueRow"](
                columns, empty=N_("No such issue. f changes the filter, n records one."), selecting=True, id="list"
            )
            yield PreviewPane(id="side")

    @property
    def rows(self) -> LongList[IssueRow]:
        """The list of issues."""
        return self.query_one("#list", LongList)

    @property
    def project_in_view(self) -> str | None:
        """The project of the issue under the cursor."""
        return self.rows.row.project_id if self.rows.row else None

    @property
    def list_words(self) -> str:
        """The filter and the order."""
        return self.filter_values.description()

    @property
    def view_place(self) -> str:
        """The views of the issue ledger."""
        return "issues"

    def view_choices(self) -> Mapping[str, str]:
        """The filter's values; what needs the person today is no part of a view."""
        return {name: value for name, value in asdict(self.filter_values).items() if isinstance(value, str) and value}

    def apply_view(self, choices: Mapping[str, str]) -> None:
        """List what these leave; a choice that this version does not know is left out."""
        known = {field.name for field in fields(IssueFilterValues)} - {"need"}
        values = {name: value for name, value in choices.items() if name in known}
        self.apply(IssueFilterValues(**{"state": "", **values}))  # type: ignore[arg-type]

    def written_kinds(self) -> Mapping[str, tuple[str, Verb]]:
        """What the keys of this screen write."""
        return {"new": ("issue", "create"), "edit": ("issue", "change")}

    def reload(self) -> None:
        """Read the list again; the cursor stays."""
        if self.rows.total or self.app.reader is None:
            self.rows.reread()
        else:
            self.apply(self.filter_values)

    def apply(self, filter_values: IssueFilterValues) -> None:
        """List what these filters leave."""
        self.filter_values = filter_values
        if self.app.reader is not None:
            self.rows.mark_sorted(filter_values.order, descending=bool(filter_values.reverse))
            self.rows.show(self.app.reader.paged(issue_list(filter_values.filter)))

    @on(LongList.RowsLoaded)
    def _update_head(self) -> None:
        words = f" {single_line(self.filter_values.description())}   {self.rows.total}"
        self.query_one("#chosen", Label).update(Content(words), layout=False)
        self._preview()

    def on_resize(self) -> None:
        """Where there is room now, the preview is read."""
        self.call_after_refresh(self._preview)

    @on(LongList.CursorMoved)
    def _preview(self) -> None:
        """Show the issue under the cursor beside the list, where there is room for it."""
        row = self.rows.row
        if row is not None and self.has_class("-wide"):
            issue_id = row.id
            self.read_in_thread(
                lambda reader: reader.run(queries.issues.issue, issue_id, reader.thresholds()), self._show, "preview"
            )

    def _show(self, detail: IssueDetail | None) -> None:
        if detail is not None:
            self.query_one("#side", PreviewPane).show(issue_page(detail, self.app.now_ms()), subject=detail.row.id)

    @on(LongList.RowOpened)
    def open_issue(self, message: LongList.RowOpened) -> None:
        """Enter: the issue itself."""
        self.app.open_screen("issue", message.row.id)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Back leads to the screen before; a mode screen has none."""
        if action == "back":
            return len(self.app.screen_stack) > 1
        return super().check_action(action, parameters)

    async def action_filter(self) -> None:
        """Choose which issues are listed."""
        panel = self.app.screen_for("issue_filters", self.filter_values)
        await self.app.push_screen(panel, lambda chosen: self.apply(chosen) if chosen else None)

    async def action_sort(self) -> None:
        """Choose the order."""
        values, orders = self.filter_values, [(each, value_label("issue_order", each)) for each in ISSUE_ORDERS]
        await self.app.open_screen("sort_menu", Sorting(orders, values.order, bool(values.reverse)), self._sort)

    def _sort(self, order: str, reverse: bool) -> None:
        self.apply(replace(self.filter_values, order=order, reverse="yes" if reverse else ""))

    async def action_acts(self) -> None:
        """Do something on the issue under the cursor, or on those selected."""
        if self.rows.target_rows:
            await self.app.open_screen("acts", *(row.id for row in self.rows.target_rows))

    async def action_explain(self) -> None:
        """Why the issue under the cursor has its light."""
        if self.rows.row is not None:
            await self.app.open_screen("light_proof", self.rows.row.id)

    async def action_history(self) -> None:
        """All versions of the issue's line."""
        if self.rows.row is not None:
            await self.app.open_screen("history", self.rows.row.id)

    async def action_new(self) -> None:
        """A new issue of the project in view."""
        await self.app.action_record_issue()

    async def action_edit(self) -> None:
        """Edit what was recorded."""
        if self.rows.row is not None:
            await self.app.open_screen("issue_form", self.rows.row.id)
