"""The projects, laid out as the responsibility table, with lights and completeness: where the program opens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget

from tui.actions import bindings
from tui.screens.base import Place
from tui.sheets.projects import project_columns, project_summary
from tui.widgets.long_list import LongList
from tui.widgets.paper import Paper
from tui.words import N_

if TYPE_CHECKING:
    from store.authority import Verb
    from store.queries.projects import ProjectDetail, ProjectRow
    from store.queries.timeline import Event


class ProjectsScreen(Place):
    """The list; beside it, where there is room, the project under the cursor."""

    place = "projects"
    CSS_PATH = "projects.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("projects")]

    def body(self) -> Iterable[Widget]:
        """List and preview."""
        with Horizontal():
            yield LongList["ProjectRow"](
                project_columns(self.app.now_ms),
                empty=N_("No project yet. I (F10) imports a responsibility table, n adds one."),
                id="list",
            )
            yield Paper(id="side")

    @property
    def rows(self) -> LongList[ProjectRow]:
        """The list of projects."""
        return self.query_one("#list", LongList)

    @property
    def project_in_view(self) -> str | None:
        """The project under the cursor."""
        return self.rows.row.id if self.rows.row else None

    def writes(self) -> Mapping[str, tuple[str, Verb]]:
        """What the keys of this screen write."""
        return {"new": ("project", "create"), "edit": ("project", "change")}

    def reload(self) -> None:
        """Read the list again; the cursor stays."""
        if self.rows.total or self.app.desk is None:
            self.rows.renew()
        else:
            self.rows.show(self.app.desk.projects())

    def on_resize(self) -> None:
        """Where there is room now, the preview is read."""
        self.call_after_refresh(self._preview)

    @on(LongList.Moved)
    @on(LongList.Counted)
    def _preview(self) -> None:
        """Show the project under the cursor beside the list, where there is room for it."""
        row = self.rows.row
        if row is not None and self.has_class("-wide"):
            project_id = row.id
            self.ask(lambda desk: (desk.project(project_id), desk.timeline(project_id, 12)), self._show, "preview")

    def _show(self, found: tuple[ProjectDetail | None, list[Event]]) -> None:
        detail, events = found
        if detail is not None:
            page = project_summary(detail, events, self.app.now_ms())
            self.query_one("#side", Paper).show(page, about=detail.row.id)

    @on(LongList.Opened)
    def open_project(self, message: LongList.Opened) -> None:
        """Enter: the project itself."""
        self.app.go("project", message.row.id)

    async def action_new(self) -> None:
        """Add a project by hand."""
        await self.app.go("project_form", None)

    async def action_history(self) -> None:
        """All versions of the project's line."""
        if self.project_in_view:
            await self.app.go("history", self.project_in_view)

    async def action_edit(self) -> None:
        """Edit the project's line."""
        if self.project_in_view:
            await self.app.go("project_form", self.project_in_view)
