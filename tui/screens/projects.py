"""The projects, laid out as the responsibility table, with lights and completeness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Label

from tui.i18n.filter_text import project_filter, project_words
from tui.i18n.translate import N_, _
from tui.keys.actions import bindings
from tui.presenters.projects import project_columns, project_summary
from tui.screens.base import Place
from tui.widgets.background import Beside
from tui.widgets.cells import inert
from tui.widgets.long_list import LongList
from tui.widgets.page import Side

if TYPE_CHECKING:
    from store.domain.permissions import Verb
    from store.queries.projects import ProjectDetail, ProjectRow
    from store.queries.timeline import Event


NONE = N_("No project yet. I (F10) imports a responsibility table, n adds one.")
NONE_TO_ADD = N_("No project yet. I (F10) imports a responsibility table.")
NONE_SUCH = N_("No such project. f changes the filter.")


class ProjectsScreen(Place):
    """The list; beside it, where there is room, the project under the cursor."""

    place = "projects"
    CSS_PATH = "projects.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("projects")]

    def __init__(self) -> None:
        super().__init__()
        self.chosen: Mapping[str, str | None] = {}

    def body(self) -> Iterable[Widget]:
        """What is chosen and in which order, list and preview."""
        yield Label(id="chosen", markup=False)
        with Beside():
            yield LongList["ProjectRow"](project_columns(self.app.now_ms), empty=NONE, id="list")
            yield Side(id="side")

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
            self.apply(self.chosen)

    def apply(self, chosen: Mapping[str, str | None]) -> None:
        """List what these filters leave; the cursor stays on its project where that is left."""
        if self.app.desk is None:
            return
        self.chosen, wanted = chosen, project_filter(chosen)
        none = NONE if self.check_action("new", ()) else NONE_TO_ADD
        self.rows.empty = none if wanted == project_filter({}) else NONE_SUCH
        self.rows.show(self.app.desk.projects(wanted), at=self.project_in_view)

    @on(LongList.Counted)
    def _tell(self) -> None:
        words = f" {inert(project_words(self.chosen))}   {self.rows.total}"
        self.query_one("#chosen", Label).update(Content(words))

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
            self.query_one("#side", Side).show(page, about=detail.row.id)

    @on(LongList.Opened)
    def open_project(self, message: LongList.Opened) -> None:
        """Enter: the project itself."""
        self.app.go("project", message.row.id)

    async def action_filter(self) -> None:
        """Choose which projects are listed, and in which order."""
        from tui.screens.filters import Questions  # noqa: PLC0415 - only who narrows the list waits for it
        from tui.screens.list_filters import project_questions  # noqa: PLC0415

        panel = Questions(_("Which projects?"), project_questions(), self.chosen)
        await self.app.push_screen(panel, lambda chosen: self.apply(chosen) if chosen else None)

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
