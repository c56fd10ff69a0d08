"""One register: its lines, a project's or all; beside them, where there is room, the one under the cursor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Label

from store.domain.registers import BOOKS, PROCEDURE
from store.exceptions import BadTime
from tui.i18n.translate import N_, _
from tui.keys.actions import bindings
from tui.presenters.register_lines import book_columns, book_page, lines_text
from tui.screens.base import Place
from tui.screens.filters import Questions
from tui.screens.list_filters import book_filter, book_questions, book_words
from tui.screens.panels import Confirm
from tui.widgets.background import Beside
from tui.widgets.cells import inert
from tui.widgets.long_list import LongList
from tui.widgets.page import Block, Passage, Side, Title

if TYPE_CHECKING:
    from store.domain.permissions import Verb
    from store.queries.register_lines import Row
    from tui.i18n.register_text import BookRow


class BookScreen(Place):
    """The list of a book's lines. ``project`` is the id of the one whose lines they are."""

    place = "book"
    CSS_PATH = "register.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("book")]

    def __init__(self, book: str, project: str | None = None) -> None:
        super().__init__()
        self.book = BOOKS[book]
        self.project = project
        self.chosen: Mapping[str, str | None] = {}
        self._project_name = ""

    def body(self) -> Iterable[Widget]:
        """Which register, the list, and the preview."""
        yield Label(id="which", markup=False)
        with Beside():
            columns = book_columns(self.book, self.app.now_ms, of_project=self.project is not None)
            yield LongList["BookRow"](columns, empty=self._empty, id="list")
            yield Side(id="side")

    @property
    def _empty(self) -> str:
        if book_words(self.book, self.chosen):
            return N_("No such line. f changes the filter.")
        if self._proposes:
            return N_("Nothing here yet. p proposes the standard procedures, n adds a line.")
        return N_("Nothing here yet. n adds a line.")

    @property
    def _proposes(self) -> bool:
        return self.book is PROCEDURE and self.project is not None

    @property
    def rows(self) -> LongList[BookRow]:
        """The list of lines."""
        return self.query_one("#list", LongList)

    @property
    def project_in_view(self) -> str | None:
        """The project whose register this is, or that of the line under the cursor."""
        return self.project or (self.rows.row.values.get("project_id") if self.rows.row else None)

    def writes(self) -> Mapping[str, tuple[str, Verb]]:
        """What the keys of this screen write: lines of its register."""
        kind = self.book.kind
        return {"new": (kind, "create"), "edit": (kind, "change"), "propose": (kind, "create")}

    def reload(self) -> None:
        """Read the list again; the cursor stays."""
        desk, project = self.app.desk, self.project
        if desk is None:
            return
        if self.rows.total:
            self.rows.renew()
        else:
            self.apply(self.chosen)
        if project is not None:
            self.ask(lambda desk: desk.project(project), lambda found: self._told(found.row.name if found else ""))

    def apply(self, chosen: Mapping[str, str | None]) -> None:
        """List what these filters leave."""
        desk = self.app.desk
        if desk is None:
            return
        try:
            narrowed = book_filter(desk, self.book, chosen)
        except BadTime as error:  # the list stays as it is, and so does the filter
            self.app.tell(error)
            return
        self.chosen = chosen
        self.rows.empty = self._empty
        project = self.project or narrowed["project"]
        at = self.rows.row.id if self.rows.row else None
        self.rows.show(desk.book(self.book, **{**narrowed, "project": project}), at=at)

    async def action_filter(self) -> None:
        """Choose which lines are listed."""
        questions = book_questions(self.book, of_project=self.project is not None)
        panel = Questions(_("Which lines?"), questions, self.chosen)
        await self.app.push_screen(panel, lambda chosen: self.apply(chosen) if chosen else None)

    def _told(self, project: str) -> None:
        self._project_name = project
        self._tell()

    @on(LongList.Counted)
    def _tell(self) -> None:
        whose = f"{inert(self._project_name)}   " if self._project_name else ""
        chosen = inert(book_words(self.book, self.chosen))
        narrowed = f"{chosen}   " if chosen else ""
        words = f" {_(self.book.title)}   {whose}{narrowed}{lines_text(self.rows.total)}"
        self.query_one("#which", Label).update(Content(words))
        self._preview()

    def on_resize(self) -> None:
        """Where there is room now, the preview is read."""
        self.call_after_refresh(self._preview)

    @on(LongList.Moved)
    def _preview(self) -> None:
        """Show the line under the cursor beside the list, where there is room for it."""
        row, book = self.rows.row, self.book
        if row is not None and self.has_class("-wide"):
            line_id = row.id
            self.ask(lambda desk: desk.book_line(book, line_id), self._show, "preview")

    def _show(self, found: Row | None) -> None:
        if found is not None:
            self.query_one("#side", Side).show(book_page(self.book, found), about=found["id"])

    @on(LongList.Opened)
    def open_line(self, message: LongList.Opened) -> None:
        """Enter: the line itself."""
        self.app.go("book_line", self.book.name, message.row.id)

    async def action_new(self) -> None:
        """Write a new line."""
        await self.app.go("book_form", self.book.name, None, self.project)

    async def action_edit(self) -> None:
        """Edit the line under the cursor."""
        if self.rows.row is not None:
            await self.app.go("book_form", self.book.name, self.rows.row.id)

    async def action_history(self) -> None:
        """All versions of the line under the cursor."""
        if self.rows.row is not None:
            await self.app.go("history", self.rows.row.id)

    async def action_propose(self) -> None:
        """Ask, then put the standard procedures on the project's list."""
        await self.app.push_screen(Confirm(propose_question(), self._propose))

    def _propose(self) -> None:
        project = str(self.project)
        self.do(lambda desk: desk.pen.propose_procedures(project), self._proposed)

    def _proposed(self, count: int) -> None:
        self.app.say(_("{n} procedures were put on the list; edit it from here.").format(n=count))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a project's procedures can be proposed."""
        if action == "filter":
            return bool(book_questions(self.book, of_project=self.project is not None))
        if action == "propose" and not self._proposes:
            return False
        return super().check_action(action, parameters)


def propose_question() -> list[Block]:
    """Whether the standard procedures shall be put on a project's list."""
    return [
        Title(_("Put the standard procedures of its category on the project’s list?")),
        Passage(_("Those it has stay as they are; the list can be edited from there.")),
    ]
