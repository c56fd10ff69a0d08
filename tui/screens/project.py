"""One project: who serves it and how they are reached; what happened, its visits, issues, procedures and progress."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from store.domain.registers import PROCEDURE, PROGRESS
from tui.data.rows import Source
from tui.i18n.register_text import book_of
from tui.i18n.translate import N_, _
from tui.keys.actions import bindings
from tui.presenters.issues import issue_columns
from tui.presenters.procedures import progress_columns, stage_lanes
from tui.presenters.projects import EventRow, event_columns, project_page
from tui.presenters.visits import visit_columns
from tui.screens.base import Place
from tui.screens.panels import Confirm
from tui.screens.register import propose_question
from tui.widgets.board import Board
from tui.widgets.long_list import LongList
from tui.widgets.page import Paper, Passage
from tui.widgets.section_tabs import PartNames

if TYPE_CHECKING:
    from store.domain.permissions import Verb
    from store.queries.projects import ProjectDetail
    from store.queries.timeline import Event
    from tui.i18n.register_text import BookRow

PARTS = (
    ("timeline", N_("Timeline")),
    ("visits", N_("Visits")),
    ("issues", N_("Issues")),
    ("procedures", N_("Procedures")),
    ("progress", N_("Progress")),
)
NEW = {"procedures": PROCEDURE.name, "progress": PROGRESS.name}
"""The parts that show a register: a new one of what they list is a line of it."""
NEW_KIND = {"procedures": PROCEDURE.kind, "progress": PROGRESS.kind, "issues": "issue"}
"""Of which kind a new one is, by the part in view; a visit in any other."""
ALONE = ("procedures", "progress")
"""The parts that take the whole screen: the project's page makes room for them."""


class ProjectScreen(Place):
    """The project's page, and one of its parts."""

    place = "project"
    CSS_PATH = "project.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("project")]

    def __init__(self, project_id: str) -> None:
        super().__init__()
        self.project_in_view = project_id

    def body(self) -> Iterable[Widget]:
        """Page and parts."""
        now = self.app.now_ms
        with Container(id="split"):
            yield Paper(id="page")
            with Vertical(id="lists"):
                yield PartNames(PARTS)
                with ContentSwitcher(initial="timeline"):
                    yield LongList(event_columns(now), empty=N_("Nothing yet. v logs a visit."), id="timeline")
                    yield LongList(visit_columns(now), empty=N_("No visit yet. v logs one."), id="visits")
                    yield LongList(
                        issue_columns(now, of_project=True), empty=N_("No issue yet. i records one."), id="issues"
                    )
                    yield Board(
                        empty=N_("No procedure yet. p proposes the standard ones, n adds one."), id="procedures"
                    )
                    yield LongList(
                        progress_columns(now), empty=N_("No progress yet. n reports a month."), id="progress"
                    )

    def on_mount(self) -> None:
        """Start in the timeline."""
        self.show_part("timeline")

    def _list(self, name: str) -> LongList[Any]:
        return self.query_one(f"#{name}", LongList)

    @property
    def current(self) -> str:
        """The part in view."""
        return self.query_one(ContentSwitcher).current or "timeline"

    def writes(self) -> Mapping[str, tuple[str, Verb]]:
        """What the keys of this screen write: ``new`` is a line of what the part in view lists."""
        return {
            "new": (NEW_KIND.get(self.current, "visit"), "create"),
            "edit": ("project", "change"),
            "propose": (PROCEDURE.kind, "create"),
        }

    def reload(self) -> None:
        """Read the page and the parts again."""
        project_id, desk = self.project_in_view, self.app.desk
        if desk is None:
            return
        from store.queries.issues import IssueFilter  # noqa: PLC0415 - loaded already: the desk is open
        from tui.data.readers.projects import procedures, progress, story  # noqa: PLC0415

        self.ask(lambda desk: desk.project(project_id), self._show_page)
        self.ask(lambda desk: procedures(desk, project_id), self._show_board, "board")
        sources: dict[str, Source[Any]] = {
            "timeline": story(desk, project_id),
            "progress": progress(desk, project_id),
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

    def _show_board(self, rows: list[BookRow]) -> None:
        self.query_one(Board).show(stage_lanes(rows, self.app.now_ms()))

    @on(LongList.Opened)
    def open_row(self, message: LongList.Opened) -> None:
        """Enter: the line itself."""
        row, part = message.row, message.list.id
        if isinstance(row, EventRow):
            self.app.go(*_screen_of(row.event))
        elif part == "progress":
            self.app.go("book_line", PROGRESS.name, row.id)
        else:
            self.app.go("visit" if part == "visits" else "issue", row.id)

    @on(Board.Opened)
    def open_card(self, message: Board.Opened) -> None:
        """Enter: the procedure."""
        self.app.go("book_line", PROCEDURE.name, message.card)

    @on(PartNames.Chosen)
    def part_chosen(self, message: PartNames.Chosen) -> None:
        """The mouse, or a jump."""
        self.show_part(message.part)

    def show_part(self, part: str) -> None:
        """Show one part, the cursor in it."""
        self.query_one(ContentSwitcher).current = part
        self.query_one(PartNames).part = part
        self.set_class(part in ALONE, "-alone")
        self.set_focus(self.query_one(f"#{part}"))
        self.refresh_bindings()

    def action_next_part(self) -> None:
        """The next part."""
        self.show_part(self.query_one(PartNames).after(1))

    def action_previous_part(self) -> None:
        """The part before."""
        self.show_part(self.query_one(PartNames).after(-1))

    async def action_registers(self) -> None:
        """The registers of this project."""
        await self.app.go("registers", self.project_in_view)

    async def action_history(self) -> None:
        """All versions of the project's line."""
        await self.app.go("history", self.project_in_view)

    async def action_new(self) -> None:
        """A new one of what the part in view lists."""
        if self.current in NEW:
            await self.app.go("book_form", NEW[self.current], None, self.project_in_view)
        elif self.current == "issues":
            await self.app.action_record_issue()
        else:
            await self.app.action_log_visit()

    async def action_propose(self) -> None:
        """Ask, then put the standard procedures on the project's list."""
        await self.app.push_screen(Confirm(propose_question(), self._propose))

    def _propose(self) -> None:
        project = self.project_in_view
        self.do(lambda desk: desk.pen.propose_procedures(project), self._proposed)

    def _proposed(self, count: int) -> None:
        self.app.say(_("{n} procedures were put on the list; edit it from here.").format(n=count))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Procedures are proposed where they are in view."""
        if action == "propose" and self.current != "procedures":
            return False
        return super().check_action(action, parameters)

    async def action_edit(self) -> None:
        """Edit the project's line."""
        await self.app.go("project_form", self.project_in_view)


def _screen_of(event: Event) -> tuple[str, ...]:
    """The screen that shows what an event is about, and what it is told."""
    if event.what == "visit":
        return "visit", event.id
    if event.what == "adjustment":
        return "history", event.id
    book = book_of(event.what)
    return ("book_line", book.name, event.id) if book else ("issue", event.id)
