"""The lookup: every record as one types, best first, with a preview; one query for each keystroke, stale ones ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input

from tui.actions import bindings
from tui.books import book_of
from tui.dates import moment_shown
from tui.screens.base import Place
from tui.screens.visit import screen_for
from tui.sheets.books import book_page
from tui.sheets.common import light_cell, widest
from tui.sheets.issues import issue_page
from tui.sheets.lines import body_facts
from tui.sheets.projects import project_page
from tui.sheets.visits import visit_page
from tui.widgets.cells import Cell
from tui.widgets.columns import Column
from tui.widgets.long_list import LongList
from tui.widgets.paper import Block, Paper, Title
from tui.widgets.rows import Few
from tui.words import N_, _, word

if TYPE_CHECKING:
    from store.search import Hit
    from tui.desk import Desk


class LookupScreen(Place):
    """A line to type in, what was found, and the page of what is under the cursor."""

    place = "lookup"
    CSS_PATH = "lookup.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("lookup")]

    def body(self) -> Iterable[Widget]:
        """Input, list and preview."""
        yield Input(placeholder=_("characters, initials, numbers, phones; several words must all match"), id="question")
        with Horizontal():
            yield LongList["Hit"](self._columns(), empty=N_("Type to look up."), id="list")
            yield Paper(id="side")

    def _columns(self) -> Sequence[Column[Any]]:
        return (
            Column("", 2, lambda hit: light_cell(hit.light)),
            Column(N_("Kind"), 8, lambda hit: ((word("kind", hit.kind), "muted"),)),
            Column(N_("Found"), 20, _title, grow=4),
            Column(N_("Project"), 12, lambda hit: hit.project_name or "", grow=2, from_width=84),
            Column(
                N_("State"), widest("state"), lambda hit: word("state", hit.state) if hit.state else "", from_width=60
            ),
            Column(N_("When"), 11, lambda hit: ((moment_shown(hit.when, self.app.now_ms()), "muted"),), from_width=60),
        )

    def on_mount(self) -> None:
        """Ready to type."""
        self.set_focus(self.query_one(Input))

    @property
    def rows(self) -> LongList[Hit]:
        """What was found."""
        return self.query_one("#list", LongList)

    def reload(self) -> None:
        """Ask again."""
        text = self.query_one(Input).value
        self.ask(lambda desk: desk.find(text), self._show, "lookup")

    @on(Input.Changed)
    def look_up(self, event: Input.Changed) -> None:
        """One question for each keystroke; an earlier one still running is ended by it."""
        event.stop()
        self.reload()

    def _show(self, hits: list[Hit] | None) -> None:
        if hits is not None:
            self.rows.empty = N_("Nothing found.") if self.query_one(Input).value.strip() else N_("Type to look up.")
            at = self.rows.row.id if self.rows.row else None
            self.rows.show(Few(hits), at=at if at in [hit.id for hit in hits] else None)
            if not hits:
                self.query_one("#side", Paper).show([])

    def on_key(self, event: events.Key) -> None:
        """Arrows and page keys move in the list although one is typing."""
        moves = {"up": -1, "down": 1}
        pages = {"pageup": -1, "pagedown": 1}
        if event.key in moves:
            self.rows.action_move(moves[event.key])
        elif event.key in pages:
            self.rows.action_page(pages[event.key])
        else:
            return
        event.stop()

    @on(LongList.Moved)
    def preview(self, message: LongList.Moved) -> None:
        """Show what is under the cursor."""
        if message.row is not None and self.has_class("-wide"):
            hit = message.row
            self.ask(lambda desk: page_of(desk, hit, self.app.now_ms()), self._show_page, "preview")

    def _show_page(self, blocks: list[Block]) -> None:
        self.query_one("#side", Paper).show(blocks, top=True)

    @on(Input.Submitted)
    def action_open(self) -> None:
        """Enter: what is under the cursor."""
        self.rows.action_open_row()

    @on(LongList.Opened)
    def open_hit(self, message: LongList.Opened) -> None:
        """The screen of what was found."""
        self.app.go(*screen_for(message.row))


def _title(hit: Hit) -> Cell:
    number = ((hit.number + "  ", "muted"),) if hit.number else ()
    rest = (("  " + hit.snippet, "muted"),) if hit.snippet and hit.snippet != hit.title else ()
    return (*number, (hit.title, ""), *rest)


def page_of(desk: Desk, hit: Hit, now_ms: int) -> list[Block]:
    """The page of what was found; read in a thread."""
    screen, *_told, line_id = screen_for(hit)
    if screen == "project" and (project := desk.project(line_id)):
        return project_page(project, now_ms)
    if screen == "issue" and (issue := desk.issue(line_id)):
        return issue_page(issue, now_ms)
    if screen == "visit" and (visit := desk.visit(line_id)):
        return visit_page(visit, now_ms)
    book = book_of(hit.kind)
    if book and (row := desk.book_line(book, line_id)):
        return book_page(book, row)
    line, names = desk.named_line(line_id)
    if line is None:
        return []
    return [Title(hit.title), body_facts(line.kind, line.body, names)]
