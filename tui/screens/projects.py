"""The projects, laid out as the responsibility table, with lights and completeness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Label

from store import queries
from tui.data.lists import project_list
from tui.i18n.filter_text import project_filter, project_filter_text
from tui.i18n.labels import FAMILIES
from tui.i18n.translate import N_, _, value_label
from tui.keys.actions import bindings_in
from tui.presenters.projects import project_columns, project_summary
from tui.screens.base import BaseScreen
from tui.screens.sort_menu import Sorting
from tui.widgets.background import PreviewSplit
from tui.widgets.cells import single_line
from tui.widgets.long_list import LongList
from tui.widgets.page import PreviewPane

if TYPE_CHECKING:
    from store.domain.permissions import Verb
    from store.queries.projects import ProjectDetail, ProjectRow
    from store.queries.timeline import TimelineEvent
    from tui.data.reader import Reader


NO_PROJECTS = N_("No project yet. I (F10) imports a responsibility table, n adds one.")
NO_PROJECTS_READ_ONLY = N_("No project yet. The bureau gives you your projects; ^R then brings them.")
NO_MATCHING_PROJECTS = N_("No such project. f changes the filter.")


class ProjectsScreen(BaseScreen):
    """The list; beside it, where there is room, the project under the cursor."""

    key_scope = "projects"
    CSS_PATH = "projects.tcss"
    row_actions = frozenset({"open", "edit", "history", "copy"})
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("projects")]

    def __init__(self) -> None:
        super().__init__()
        self.filter_values: Mapping[str, str | None] = {}

    def body(self) -> Iterable[Widget]:
        """What is chosen and in which order, list and preview."""
        yield Label(id="chosen", markup=False)
        with PreviewSplit():
            yield LongList["ProjectRow"](project_columns(self.app.now_ms), empty=NO_PROJECTS, id="list")
            yield PreviewPane(id="side")

    @property
    def rows(self) -> LongList[ProjectRow]:
        """The list of projects."""
        return self.query_one("#list", LongList)

    @property
    def project_in_view(self) -> str | None:
        """The project under the cursor."""
        return self.rows.row.id if self.rows.row else None

    @property
    def list_words(self) -> str:
        """The filter and the order."""
        return project_filter_text(self.filter_values)

    @property
    def view_place(self) -> str:
        """The views of the list of projects."""
        return "projects"

    def view_choices(self) -> Mapping[str, str]:
        """The filter's values."""
        return {name: value for name, value in self.filter_values.items() if value}

    def apply_view(self, choices: Mapping[str, str]) -> None:
        """List what these leave."""
        self.apply(choices)

    def written_kinds(self) -> Mapping[str, tuple[str, Verb]]:
        """What the keys of this screen write."""
        return {"new": ("project", "create"), "edit": ("project", "change")}

    def reload(self) -> None:
        """Read the list again; the cursor stays."""
        if self.rows.total or self.app.reader is None:
            self.rows.reread()
        else:
            self.apply(self.filter_values)

    def apply(self, values: Mapping[str, str | None]) -> None:
        """List what these filters leave; the cursor stays on its project where that is left."""
        if self.app.reader is None:
            return
        self.filter_values, wanted = values, project_filter(values)
        none = NO_PROJECTS if self.check_action("new", ()) else NO_PROJECTS_READ_ONLY
        self.rows.empty = none if wanted == project_filter({}) else NO_MATCHING_PROJECTS
        self.rows.mark_sorted(wanted.order, descending=wanted.reverse)
        self.rows.show(self.app.reader.paged(project_list(wanted)), at=self.project_in_view)

    @on(LongList.RowsLoaded)
    def _update_head(self) -> None:
        words = f" {single_line(project_filter_text(self.filter_values))}   {self.rows.total}"
        self.query_one("#chosen", Label).update(Content(words))

    def on_resize(self) -> None:
        """Where there is room now, the preview is read."""
        self.call_after_refresh(self._preview)

    @on(LongList.CursorMoved)
    @on(LongList.RowsLoaded)
    def _preview(self) -> None:
        """Show the project under the cursor beside the list, where there is room for it."""
        row = self.rows.row
        if row is not None and self.has_class("-wide"):
            project_id = row.id
            self.read_in_thread(partial(_read_preview, project_id=project_id), self._show, "preview")

    def _show(self, detail_and_events: tuple[ProjectDetail | None, list[TimelineEvent]]) -> None:
        detail, events = detail_and_events
        if detail is not None:
            page = project_summary(detail, events, self.app.now_ms())
            self.query_one("#side", PreviewPane).show(page, subject=detail.row.id)

    @on(LongList.RowOpened)
    def open_project(self, message: LongList.RowOpened) -> None:
        """Enter: the project itself."""
        self.app.open_screen("project", message.row.id)

    async def action_filter(self) -> None:
        """Choose which projects are listed, and in which order."""
        from tui.screens.filters import ListFilterPanel  # noqa: PLC0415 - only who narrows the list waits for it
        from tui.screens.list_filters import project_filter_fields  # noqa: PLC0415

        panel = ListFilterPanel(_("Which projects?"), project_filter_fields(), self.filter_values)
        await self.app.push_screen(panel, lambda chosen: self.apply(chosen) if chosen else None)

    async def action_sort(self) -> None:
        """Choose the order."""
        values, orders = self.filter_values, [(each, value_label("order", each)) for each in FAMILIES["order"]]
        sorting = Sorting(orders, values.get("order") or "table", bool(values.get("reverse")))
        await self.app.open_screen("sort_menu", sorting, self._sort)

    def _sort(self, order: str, reverse: bool) -> None:
        self.apply({**self.filter_values, "order": order, "reverse": "yes" if reverse else ""})

    async def action_new(self) -> None:
        """Add a project by hand."""
        await self.app.open_screen("project_form", None)

    async def action_history(self) -> None:
        """All versions of the project's line."""
        if self.project_in_view:
            await self.app.open_screen("history", self.project_in_view)

    async def action_edit(self) -> None:
        """Edit the project's line."""
        if self.project_in_view:
            await self.app.open_screen("project_form", self.project_in_view)


def _read_preview(reader: Reader, project_id: str) -> tuple[ProjectDetail | None, list[TimelineEvent]]:
    detail = reader.run(queries.projects.project, project_id, reader.thresholds())
    return detail, reader.run(queries.timeline.timeline, project_id, 12)
