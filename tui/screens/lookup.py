"""The lookup: every record as one types, best first, with a preview; one query per keystroke, stale ones cancelled.

With nothing typed it shows recent queries and lines, and the qualifiers (``store/search/qualifiers.py``).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import events, on
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from store.exceptions import DeviceStateError
from tui.data.rows import InMemorySource
from tui.i18n.translate import _
from tui.keys.actions import bindings_in, format_key
from tui.presenters.copying import phones_in
from tui.screens.base import BaseScreen
from tui.screens.preview import preview_blocks
from tui.screens.visit import screen_for
from tui.widgets.background import PreviewSplit
from tui.widgets.cells import single_line
from tui.widgets.long_list import LongList
from tui.widgets.page import PageBlock, PreviewPane

if TYPE_CHECKING:
    from store.search.ranking import SearchHit
    from tui.data.reader import Reader
    from tui.data.search_results import QualifierCompletion, SearchResultRow, SearchResults


class CompletionLine(Widget):
    """One line under the typed one: how a scope may go on, which scopes there are, or what is wrong."""

    DEFAULT_CSS = "CompletionLine { height: 1; background: $background; }"

    class OfferClicked(Message):
        """One was clicked."""

        def __init__(self, offer: QualifierCompletion) -> None:
            super().__init__()
            self.offer = offer

    def __init__(self) -> None:
        super().__init__()
        self.completions: Sequence[QualifierCompletion] = ()
        self._trouble = ""

    def show(self, offers: Sequence[QualifierCompletion], trouble: str) -> None:
        """Show these; where there are none, what is wrong."""
        self.completions, self._trouble = offers, trouble
        self.refresh()

    def render(self) -> Content:
        """Each offer after the other; the first is what tab takes."""
        if self._trouble and not self.completions:
            return Content.styled(" " + single_line(self._trouble), "$warning")
        lead = f" {format_key('tab')} " if self.completions else ""
        spans = [
            (f" {single_line(one.label)} ", "$muted" if scope else "b $primary")
            for scope, one in enumerate(self.completions)
        ]
        return Content.assemble((lead, "$muted"), *spans)

    def on_click(self, event: events.Click) -> None:
        """The mouse: take the one under it."""
        column = cell_len(f" {format_key('tab')} ")
        for one in self.completions:
            column += cell_len(f" {single_line(one.label)} ")
            if event.x < column:
                self.post_message(self.OfferClicked(one))
                return


class LookupScreen(BaseScreen):
    """A line to type in, what was found, and the page of what is under the cursor."""

    key_scope = "lookup"
    CSS_PATH = "lookup.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("lookup")]

    def body(self) -> Iterable[Widget]:
        """Input, list and preview."""
        from tui.presenters.search_hits import search_result_columns  # noqa: PLC0415 - the index' words are loaded with the first lookup

        yield Input(placeholder=_("characters, initials, numbers, phones; several words must all match"), id="question")
        yield CompletionLine()
        with PreviewSplit():
            yield LongList["SearchResultRow"](search_result_columns(self.app.now_ms), id="list")
            yield PreviewPane(id="side")

    def on_mount(self) -> None:
        """Ready to type."""
        self.set_focus(self.input)

    def reuse_for(self) -> None:
        """Another lookup: nothing is typed yet."""
        with self.prevent(Input.Changed):
            self.input.value = ""
        self.query_one(CompletionLine).show((), "")
        self.rows.empty = ""
        self.rows.show(InMemorySource(()))
        self.discard_read("preview")
        self._show_page("", [])
        self.set_focus(self.input)
        self.refresh_behind()

    @property
    def input(self) -> Input:
        """What is typed into."""
        return self.query_one("#question", Input)

    @property
    def rows(self) -> LongList[SearchResultRow]:
        """What was found."""
        return self.query_one("#list", LongList)

    @property
    def hit(self) -> SearchHit | None:
        """The line under the cursor."""
        return self.rows.row.hit if self.rows.row else None

    @property
    def project_in_view(self) -> str | None:
        """The project of the line under the cursor."""
        if self.hit is not None and self.hit.kind == "project":
            return self.hit.id
        return self.hit.project if self.hit else None

    def reload(self) -> None:
        """Search again because the ledger has changed; the cursor stays."""
        self._search(keep=True)

    @on(Input.Changed)
    def look_up(self, event: Input.Changed) -> None:
        """One question for each keystroke; an earlier one still running is ended by it."""
        event.stop()
        self._search(keep=False)

    def _search(self, *, keep: bool) -> None:
        text, cursor = self.input.value, self.input.cursor_position
        self.read_in_thread(partial(_search_reply, text=text, cursor=cursor), partial(self._show, text, keep), "lookup")

    def _show(self, text: str, keep: bool, reply: SearchResults | None) -> None:
        if reply is None or text != self.input.value:
            return
        from tui.data.search_results import empty_results_text  # noqa: PLC0415 - loaded by the thread that has answered

        self.rows.empty = empty_results_text(text)
        self.query_one(CompletionLine).show(reply.completions, reply.problem)
        at = self.rows.row.id if keep and self.rows.row else None
        self.rows.show(InMemorySource(reply.rows), at=at if at in [row.id for row in reply.rows] else None)
        if not reply.rows:
            self.query_one("#side", PreviewPane).show([])

    def on_key(self, event: events.Key) -> None:
        """Arrows and page keys move in the list while the input has the focus."""
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

    @on(LongList.CursorMoved)
    @on(LongList.RowsLoaded)
    def preview(self) -> None:
        """Show what is under the cursor, where there is room for it."""
        hit = self.hit
        if hit is not None and self.has_class("-wide"):
            self.read_in_thread(
                lambda reader: preview_blocks(reader, hit, self.app.now_ms()),
                partial(self._show_page, hit.id),
                "preview",
            )
        else:
            self.discard_read("preview")
            self._show_page("", [])

    def _show_page(self, about: str, blocks: list[PageBlock]) -> None:
        self.query_one("#side", PreviewPane).show(blocks, subject=about)

    # ── completing ──────────────────────────────────────────────────────────────────────────────────────────────

    def action_complete(self) -> None:
        """Take the first way to complete what is typed; where there is none, on to the list."""
        offers = self.query_one(CompletionLine).completions
        if offers and self.input.has_focus:
            self.apply_completion(offers[0])
        else:
            self.focus_next()

    @on(CompletionLine.OfferClicked)
    def handle_completion_click(self, message: CompletionLine.OfferClicked) -> None:
        """The mouse chose."""
        self.apply_completion(message.offer)

    def apply_completion(self, offer: QualifierCompletion) -> None:
        """Replace the input's text; the cursor goes to its end."""
        self._replace_text(offer.text)

    def _replace_text(self, text: str) -> None:
        self.input.value = text
        self.input.cursor_position = len(text)
        self.input.focus()

    async def action_copy(self) -> None:
        """Of somebody with a phone the phone, which is what one looks people up for; else as everywhere."""
        phones = phones_in(self.rows.cursor_text()) if self.hit and self.hit.kind in ("person", "unit") else []
        if phones:
            self.app.copy_text(phones[0])
        else:
            await super().action_copy()

    # ── opening ─────────────────────────────────────────────────────────────────────────────────────────────────

    @on(Input.Submitted)
    def action_open(self) -> None:
        """Enter: what is under the cursor."""
        self.rows.action_open_row()

    @on(LongList.RowOpened)
    def open_row(self, message: LongList.RowOpened) -> None:
        """The screen of what was found, or an earlier query once more."""
        row: SearchResultRow = message.row
        if row.hit is None:
            self._replace_text(row.query)
            return
        self.write_in_thread(partial(_record_search, query=self.input.value, line_id=row.id), lambda _nothing: None)
        self.app.open_screen(*screen_for(row.hit))


def _search_reply(reader: Reader, text: str, cursor: int) -> SearchResults | None:
    from tui.data.search_results import search_as_typed  # noqa: PLC0415 - loaded in the thread that answers first

    return search_as_typed(reader, text, cursor)


def _record_search(reader: Reader, query: str, line_id: str) -> None:
    from store.search.history import record_search  # noqa: PLC0415 - needed only when something is opened

    with contextlib.suppress(DeviceStateError):
        record_search(reader.device_state, query, line_id)
