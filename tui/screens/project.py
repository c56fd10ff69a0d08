"""One project: who serves it and how they are reached; what happened, its visits, issues, procedures and progress."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import on
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from store import queries
from store.domain.registers import PROCEDURE_REGISTER, PROGRESS_REGISTER
from tui.data.attached_files import ShownFile, files_of_line
from tui.data.lists import issue_list, procedures_in_order, progress_by_month, timeline_list, visit_list
from tui.data.rows import EventRow, RowSource
from tui.i18n.register_text import register_of
from tui.i18n.translate import N_, _
from tui.keys.actions import bindings_in
from tui.presenters.attachments import file_section
from tui.presenters.issues import issue_columns
from tui.presenters.procedures import progress_columns, stage_lanes
from tui.presenters.projects import event_columns, project_page
from tui.presenters.visits import visit_columns
from tui.screens.base import BaseScreen
from tui.screens.panels import Confirm, Menu, MenuItem
from tui.screens.register import propose_confirmation, propose_procedures
from tui.widgets.board import Board
from tui.widgets.long_list import LongList
from tui.widgets.page import PageView, Passage
from tui.widgets.section_tabs import SectionTabs

if TYPE_CHECKING:
    from store.domain.permissions import Verb
    from store.queries.projects import ProjectDetail
    from store.queries.timeline import TimelineEvent
    from tui.data.reader import Reader
    from tui.data.rows import ListRow
    from tui.i18n.register_text import RegisterLineRow

R = TypeVar("R", bound="ListRow")
PARTS = (
    ("timeline", N_("Timeline")),
    ("visits", N_("Visits")),
    ("issues", N_("Issues")),
    ("procedures", N_("Procedures")),
    ("progress", N_("Progress")),
)
NEW_LINE_REGISTERS = {"procedures": PROCEDURE_REGISTER.name, "progress": PROGRESS_REGISTER.name}
"""The parts that show a register: a new one of what they list is a line of it."""
NEW_LINE_KINDS = {"procedures": PROCEDURE_REGISTER.kind, "progress": PROGRESS_REGISTER.kind, "issues": "issue"}
"""The kind of a new line, by the part in view; in any other part a visit."""
WIDE_PARTS = ("procedures", "progress")
"""The parts that take the whole screen: the project's page makes room for them."""


class ProjectScreen(BaseScreen):
    """The project's page, and one of its parts."""

    key_scope = "project"
    CSS_PATH = "project.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("project")]

    def __init__(self, project_id: str) -> None:
        super().__init__()
        self.project_in_view = project_id
        self._butlers: Mapping[str, str] = {}

    def body(self) -> Iterable[Widget]:
        """Page and parts."""
        now = self.app.now_ms
        with Container(id="split"):
            yield PageView(id="page")
            with Vertical(id="lists"):
                yield SectionTabs(PARTS)
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

    @property
    def record_in_view(self) -> str | None:
        """What the screen shows."""
        return self.project_in_view

    def _list(self, name: str) -> LongList[Any]:
        return self.query_one(f"#{name}", LongList)

    @property
    def current(self) -> str:
        """The part in view."""
        return self.query_one(ContentSwitcher).current or "timeline"

    def written_kinds(self) -> Mapping[str, tuple[str, Verb]]:
        """What the keys of this screen write: ``new`` is a line of what the part in view lists."""
        return {
            "new": (NEW_LINE_KINDS.get(self.current, "visit"), "create"),
            "edit": ("project", "change"),
            "propose": (PROCEDURE_REGISTER.kind, "create"),
            "hand_over": ("assignment", "create"),
        }

    def reload(self) -> None:
        """Read the page and the parts again."""
        project_id, reader = self.project_in_view, self.app.reader
        if reader is None:
            return
        self.read_in_thread(self._read_page, self._show_page)
        self.read_in_thread(
            lambda reader: reader.run(procedures_in_order, reader.thresholds(), project_id), self._show_board, "board"
        )
        of_project = queries.issues.IssueFilter(project=project_id)
        self._show_list("timeline", reader.paged(timeline_list(project_id)))
        self._show_list("progress", reader.unpaged(partial(progress_by_month, project_id)))
        self._show_list("visits", reader.paged(visit_list(project_id)))
        self._show_list("issues", reader.paged(issue_list(of_project)))

    def _show_list(self, name: str, source: RowSource[R]) -> None:
        rows = self._list(name)
        if rows.total:
            rows.reread()
        else:  # nothing yet, or made anew in another language
            rows.show(source)

    def _read_page(self, reader: Reader) -> tuple[ProjectDetail | None, list[ShownFile]]:
        detail = reader.run(queries.projects.project, self.project_in_view, reader.thresholds())
        return detail, files_of_line(reader, self.project_in_view)

    def _show_page(self, read: tuple[ProjectDetail | None, list[ShownFile]]) -> None:
        detail, files = read
        page = self.query_one("#page", PageView)
        if detail is None:
            page.show([Passage(_("This line is not here, or no longer yours to see."), "warn")])
        else:
            now_ms = self.app.now_ms()
            page.show([*project_page(detail, now_ms), *file_section(files, now_ms)])
            serving = [each for each in detail.people if each.role == "butler" and each.current and each.id]
            self._butlers = {each.id: each.name or "?" for each in serving}

    def _show_board(self, rows: list[RegisterLineRow]) -> None:
        self.query_one(Board).show(stage_lanes(rows, self.app.now_ms()))

    @on(LongList.RowOpened)
    def open_row(self, message: LongList.RowOpened) -> None:
        """Enter: the line itself."""
        row, part = message.row, message.list.id
        if isinstance(row, EventRow):
            self.app.open_screen(*_screen_of(row.event))
        elif part == "progress":
            self.app.open_screen("register_line", PROGRESS_REGISTER.name, row.id)
        else:
            self.app.open_screen("visit" if part == "visits" else "issue", row.id)

    @on(Board.CardOpened)
    def open_card(self, message: Board.CardOpened) -> None:
        """Enter: the procedure."""
        self.app.open_screen("register_line", PROCEDURE_REGISTER.name, message.card)

    @on(SectionTabs.SectionSelected)
    def handle_part_selected(self, message: SectionTabs.SectionSelected) -> None:
        """The mouse, or a jump."""
        self.show_part(message.section)

    def show_part(self, part: str) -> None:
        """Show one part, the cursor in it."""
        self.query_one(ContentSwitcher).current = part
        self.query_one(SectionTabs).section = part
        self.set_class(part in WIDE_PARTS, "-alone")
        self.set_focus(self.query_one(f"#{part}"))
        self.refresh_bindings()

    def action_next_part(self) -> None:
        """The next part."""
        self.show_part(self.query_one(SectionTabs).next_section(1))

    def action_previous_part(self) -> None:
        """The part before."""
        self.show_part(self.query_one(SectionTabs).next_section(-1))

    async def action_registers(self) -> None:
        """The registers of this project."""
        await self.app.open_screen("registers", self.project_in_view)

    async def action_history(self) -> None:
        """All versions of the project's line."""
        await self.app.open_screen("history", self.project_in_view)

    async def action_new(self) -> None:
        """A new one of what the part in view lists."""
        if self.current in NEW_LINE_REGISTERS:
            await self.app.open_screen("register_form", NEW_LINE_REGISTERS[self.current], None, self.project_in_view)
        elif self.current == "issues":
            await self.app.action_record_issue()
        else:
            await self.app.action_log_visit()

    async def action_propose(self) -> None:
        """Confirm, then put the standard procedures on the project's list."""
        await self.app.push_screen(Confirm(propose_confirmation(), self._propose))

    def _propose(self) -> None:
        project = self.project_in_view
        self.write_in_thread(lambda reader: propose_procedures(reader.writer, project), self._handle_proposed)

    def _handle_proposed(self, count: int) -> None:
        self.app.show_message(_("{n} procedures were put on the list; edit it from here.").format(n=count))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Procedures are proposed where they are in view."""
        if action == "propose" and self.current != "procedures":
            return False
        return super().check_action(action, parameters)

    async def action_hand_over(self) -> None:
        """Give the project to another butler; which one gives it up is asked where there are several."""
        if len(self._butlers) > 1:
            await self.app.push_screen(_ButlerMenu(self._butlers, self.project_in_view))
        elif self._butlers:
            await self.app.open_screen("hand_over_form", *self._butlers, {self.project_in_view: ""})
        else:
            self.app.show_message(_("This project has no butler to take over from: e names one."))

    async def action_edit(self) -> None:
        """Edit the project's line."""
        await self.app.open_screen("project_form", self.project_in_view)


class _ButlerMenu(Menu):
    """The butlers of one project, to choose who hands it over."""

    def __init__(self, butlers: Mapping[str, str], project_id: str) -> None:
        items = [MenuItem(person, name, str(number)) for number, (person, name) in enumerate(butlers.items(), 1)]
        super().__init__(_("Who hands it over?"), items)
        self._project = project_id

    async def run_item(self, item: MenuItem) -> None:
        """To whom."""
        await self.app.open_screen("hand_over_form", item.id, {self._project: ""})


def _screen_of(event: TimelineEvent) -> tuple[str, ...]:
    """The screen for an event, and its arguments."""
    if event.what == "visit":
        return "visit", event.id
    if event.what == "adjustment":
        return "history", event.id
    register = register_of(event.what)
    return ("register_line", register.name, event.id) if register else ("issue", event.id)
