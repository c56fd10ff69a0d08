"""The lookup: every record as one types, best first, with a preview; one query for each keystroke, stale ones ended.

With nothing typed it shows what was asked and opened last, and the scopes that narrow it
(``store/search/qualifiers.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Protocol

from rich.cells import cell_len
from textual import events, on
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from tui.data.rows import Few
from tui.i18n.register_text import book_of
from tui.i18n.translate import _
from tui.keys.actions import bindings, key_name
from tui.presenters.issues import issue_page
from tui.presenters.lines import body_facts
from tui.presenters.projects import project_page
from tui.presenters.register_lines import book_page
from tui.presenters.visits import visit_page
from tui.screens.base import Place
from tui.screens.visit import screen_for
from tui.widgets.background import Beside
from tui.widgets.cells import inert
from tui.widgets.long_list import LongList
from tui.widgets.page import Block, Side, Title

if TYPE_CHECKING:
    from store.search.ranking import Hit
    from tui.data.reader import Desk
    from tui.data.search_results import FoundRow, Offer, Reply


class Offers(Widget):
    """One line under the typed one: how a scope may go on, which scopes there are, or what is wrong."""

    DEFAULT_CSS = "Offers { height: 1; background: $background; }"

    class Taken(Message):
        """One was clicked."""

        def __init__(self, offer: Offer) -> None:
            super().__init__()
            self.offer = offer

    def __init__(self) -> None:
        super().__init__()
        self.offers: Sequence[Offer] = ()
        self._trouble = ""

    def show(self, offers: Sequence[Offer], trouble: str) -> None:
        """Show these; where there are none, what is wrong."""
        self.offers, self._trouble = offers, trouble
        self.refresh()

    def render(self) -> Content:
        """Each offer after the other; the first is what tab takes."""
        if self._trouble and not self.offers:
            return Content.styled(" " + inert(self._trouble), "$warning")
        lead = f" {key_name('tab')} " if self.offers else ""
        spans = [(f" {inert(one.shown)} ", "$muted" if place else "b $accent") for place, one in enumerate(self.offers)]
        return Content.assemble((lead, "$muted"), *spans)

    def on_click(self, event: events.Click) -> None:
        """The mouse: take the one under it."""
        column = cell_len(f" {key_name('tab')} ")
        for one in self.offers:
            column += cell_len(f" {inert(one.shown)} ")
            if event.x < column:
                self.post_message(self.Taken(one))
                return


class LookupScreen(Place):
    """A line to type in, what was found, and the page of what is under the cursor."""

    place = "lookup"
    CSS_PATH = "lookup.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("lookup")]

    def body(self) -> Iterable[Widget]:
        """Input, list and preview."""
        from tui.presenters.search_hits import found_columns  # noqa: PLC0415 - the index' words are loaded with the first lookup

        yield Input(placeholder=_("characters, initials, numbers, phones; several words must all match"), id="question")
        yield Offers()
        with Beside():
            yield LongList["FoundRow"](found_columns(self.app.now_ms), id="list")
            yield Side(id="side")

    def on_mount(self) -> None:
        """Ready to type."""
        self.set_focus(self.input)

    def turn_to(self) -> None:
        """Another lookup: nothing is typed yet."""
        with self.prevent(Input.Changed):
            self.input.value = ""
        self.query_one(Offers).show((), "")
        self.rows.empty = ""
        self.rows.show(Few(()))
        self.unask("preview")
        self._show_page("", [])
        self.set_focus(self.input)
        self.read_again()

    @property
    def input(self) -> Input:
        """What is typed into."""
        return self.query_one("#question", Input)

    @property
    def rows(self) -> LongList[FoundRow]:
        """What was found."""
        return self.query_one("#list", LongList)

    @property
    def hit(self) -> Hit | None:
        """The line under the cursor."""
        return self.rows.row.hit if self.rows.row else None

    @property
    def project_in_view(self) -> str | None:
        """The project of the line under the cursor."""
        if self.hit is not None and self.hit.kind == "project":
            return self.hit.id
        return self.hit.project if self.hit else None

    def reload(self) -> None:
        """Ask again because the ledger has changed; the cursor stays."""
        self._ask(keep=True)

    @on(Input.Changed)
    def look_up(self, event: Input.Changed) -> None:
        """One question for each keystroke; an earlier one still running is ended by it."""
        event.stop()
        self._ask(keep=False)

    def _ask(self, *, keep: bool) -> None:
        text, cursor = self.input.value, self.input.cursor_position
        self.ask(partial(_reply, text=text, cursor=cursor), partial(self._show, text, keep), "lookup")

    def _show(self, text: str, keep: bool, reply: Reply | None) -> None:
        if reply is None or text != self.input.value:
            return
        from tui.data.search_results import nothing  # noqa: PLC0415 - loaded by the thread that has answered

        self.rows.empty = nothing(text)
        self.query_one(Offers).show(reply.offers, reply.trouble)
        at = self.rows.row.id if keep and self.rows.row else None
        self.rows.show(Few(reply.rows), at=at if at in [row.id for row in reply.rows] else None)
        if not reply.rows:
            self.query_one("#side", Side).show([])

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

    def on_resize(self) -> None:
        """Where there is room now, the preview is read."""
        self.call_after_refresh(self.preview)

    @on(LongList.Moved)
    @on(LongList.Counted)
    def preview(self) -> None:
        """Show what is under the cursor, where there is room for it."""
        hit = self.hit
        if hit is not None and self.has_class("-wide"):
            self.ask(lambda desk: page_of(desk, hit, self.app.now_ms()), partial(self._show_page, hit.id), "preview")
        else:
            self.unask("preview")
            self._show_page("", [])

    def _show_page(self, about: str, blocks: list[Block]) -> None:
        self.query_one("#side", Side).show(blocks, about=about)

    # ── completing ──────────────────────────────────────────────────────────────────────────────────────────────

    def action_complete(self) -> None:
        """Take the first way to complete what is typed; where there is none, on to the list."""
        offers = self.query_one(Offers).offers
        if offers and self.input.has_focus:
            self.take(offers[0])
        else:
            self.focus_next()

    @on(Offers.Taken)
    def take_clicked(self, message: Offers.Taken) -> None:
        """The mouse chose."""
        self.take(message.offer)

    def take(self, offer: Offer) -> None:
        """Type this instead; one types on at its end."""
        self._type(offer.text)

    def _type(self, text: str) -> None:
        self.input.value = text
        self.input.cursor_position = len(text)
        self.input.focus()

    # ── opening ─────────────────────────────────────────────────────────────────────────────────────────────────

    @on(Input.Submitted)
    def action_open(self) -> None:
        """Enter: what is under the cursor."""
        self.rows.action_open_row()

    @on(LongList.Opened)
    def open_row(self, message: LongList.Opened) -> None:
        """The screen of what was found, or an earlier query once more."""
        row: FoundRow = message.row
        if row.hit is None:
            self._type(row.query)
            return
        self.do(partial(_remember, query=self.input.value, line_id=row.id), lambda _nothing: None)
        self.app.go(*screen_for(row.hit))


def _reply(desk: Desk, text: str, cursor: int) -> Reply | None:
    from tui.data.search_results import reply  # noqa: PLC0415 - loaded in the thread that answers first

    return reply(desk, text, cursor)


def _remember(desk: Desk, query: str, line_id: str) -> None:
    from store.search.history import remember  # noqa: PLC0415 - needed only when something is opened

    remember(desk.database, query, line_id)


class Findable(Protocol):
    """What `page_of` must know of a line."""

    @property
    def kind(self) -> str:
        """Its kind."""
        ...

    @property
    def title(self) -> str:
        """What it is called."""
        ...


def page_of(desk: Desk, hit: Findable, now_ms: int) -> list[Block]:
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
