"""One project: who serves it and how they are reached, what happened, its visits and its issues."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from tui.actions import bindings
from tui.screens.base import Place
from tui.sheets.issues import issue_columns
from tui.sheets.projects import EventRow, event_columns, project_page
from tui.sheets.visits import visit_columns
from tui.widgets.long_list import LongList
from tui.widgets.paper import Paper, Passage
from tui.widgets.rows import Few, Source
from tui.words import N_, _

if TYPE_CHECKING:
    from store.queries.projects import ProjectDetail
    from store.queries.timeline import Event

PARTS = (("timeline", N_("Timeline")), ("visits", N_("Visits")), ("issues", N_("Issues")))


class Parts(Widget):
    """The names of the lists, the one in view marked."""

    DEFAULT_CSS = "Parts { height: 1; background: $surface; }"
    part: reactive[str] = reactive("timeline")

    def render(self) -> Content:
        """One line."""
        spans = [
            (f" {_(label)} ", "b $background on $primary" if name == self.part else "$muted") for name, label in PARTS
        ]
        return Content.assemble(*spans)


class ProjectScreen(Place):
    """The project's page, and one of three lists."""

    place = "project"
    CSS_PATH = "project.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("project")]

    def __init__(self, project_id: str) -> None:
        super().__init__()
        self.project_in_view = project_id

    def body(self) -> Iterable[Widget]:
        """Page and lists."""
        now = self.app.now_ms
        with Container(id="split"):
            yield Paper(id="page")
            with Vertical(id="lists"):
                yield Parts()
                with ContentSwitcher(initial="timeline"):
                    yield LongList(event_columns(now), empty=N_("Nothing yet. v logs a visit."), id="timeline")
                    yield LongList(visit_columns(now), empty=N_("No visit yet. v logs one."), id="visits")
                    yield LongList(
                        issue_columns(now, of_project=True), empty=N_("No issue yet. i records one."), id="issues"
                    )

    def on_mount(self) -> None:
        """Start in the timeline."""
        self.set_focus(self._list("timeline"))

    def _list(self, name: str) -> LongList[Any]:
        return self.query_one(f"#{name}", LongList)

    @property
    def current(self) -> str:
        """The part in view."""
        return self.query_one(ContentSwitcher).current or "timeline"

    def reload(self) -> None:
        """Read the page and the lists again."""
        project_id, desk = self.project_in_view, self.app.desk
        self.ask(lambda desk: desk.project(project_id), self._show_page)
        self.ask(lambda desk: desk.timeline(project_id), self._show_events, "timeline")
        if desk is None:
            return
        from store.queries.issues import IssueFilter  # noqa: PLC0415 - loaded already: the desk is open

        sources: dict[str, Source[Any]] = {
            "visits": desk.visits(project_id),
            "issues": desk.issues(IssueFilter(project=project_id)),
        }
        for name, source in sources.items():
            rows = self._list(name)
            if rows.total:
                rows.renew()
            else:  # nothing yet, or made anew in another language
                rows.show(source)

    def _show_page(self, detail: ProjectDetail | None) -> None:
        page = self.query_one("#page", Paper)
        if detail is None:
            page.show([Passage(_("This line is not here, or no longer yours to see."), "warn")])
        else:
            page.show(project_page(detail, self.app.now_ms()))

    def _show_events(self, events: list[Event]) -> None:
        rows = self._list("timeline")
        rows.show(Few([EventRow(event) for event in events]), at=rows.row.id if rows.row else None)

    @on(LongList.Opened)
    def open_row(self, message: LongList.Opened) -> None:
        """Enter: the visit or the issue."""
        row = message.row
        if isinstance(row, EventRow):
            self.app.go("visit" if row.event.what == "visit" else "issue", row.event.id)
        else:
            self.app.go("visit" if message.list.id == "visits" else "issue", row.id)

    def action_next_part(self, by: int = 1) -> None:
        """The next list."""
        names = [name for name, _label in PARTS]
        name = names[(names.index(self.current) + by) % len(names)]
        self.query_one(ContentSwitcher).current = name
        self.query_one(Parts).part = name
        self.set_focus(self._list(name))

    def action_previous_part(self) -> None:
        """The list before."""
        self.action_next_part(-1)

    async def action_registers(self) -> None:
        """The registers of this project."""
        await self.app.go("registers", self.project_in_view)

    async def action_history(self) -> None:
        """All versions of the project's line."""
        await self.app.go("history", self.project_in_view)

    async def action_new(self) -> None:
        """A new issue of the project in view."""
        await self.app.action_record_issue()

    async def action_edit(self) -> None:
        """Edit the project's line."""
        await self.app.go("project_form", self.project_in_view)
