"""Meeting mode: the open issues of the chosen departments as big cards, decided one after the other.

One types to filter at once; `.` and a letter decide. Every decision is a step of its issue as soon as it is saved. The
meeting itself is kept as a draft, so a meeting that was broken off goes on where it stood.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Label

from tui.data.meeting_draft import DRAFT, Meeting
from tui.data.messages import Failed
from tui.i18n.translate import N_, _
from tui.keys.actions import bindings
from tui.presenters.meeting import CARD_HEIGHT, card_edge, card_lines, meeting_words
from tui.screens.base import Place
from tui.screens.meeting_acts import DecideScreen
from tui.screens.meeting_setup import MeetingSetup
from tui.widgets.cards import Cards
from tui.widgets.cells import Spans, inert
from tui.widgets.filter_input import Sieve

if TYPE_CHECKING:
    from store.queries.meetings import Card, Lately
    from tui.data.readers.meeting import Held, Minute

HELD_BACK = ".。．"


class MeetingMode(Place):
    """The line that is typed in, and the cards. ``meeting`` goes on; without one, `start` asks for it."""

    place = "meeting_mode"
    CSS_PATH = "meeting_mode.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("meeting_mode"),
        Binding("up", "rows(-1)", show=False),
        Binding("down", "rows(1)", show=False),
        Binding("left", "step(-1)", show=False),
        Binding("right", "step(1)", show=False),
        Binding("pageup", "pages(-1)", show=False),
        Binding("pagedown", "pages(1)", show=False),
        Binding("home", "step(-1000000)", show=False),
        Binding("end", "step(1000000)", show=False),
    ]

    def __init__(self, meeting: Meeting | None = None) -> None:
        super().__init__()
        self.meeting = meeting
        self.held: Held | None = None
        self._lately: dict[str, Lately] = {}
        self._fresh: set[str] = set()
        self._today = ""
        self._ending = False
        self._fitting = ""
        self._decided_now: str | None = None

    def body(self) -> Iterable[Widget]:
        """Who sits over whom, the line to type in, the cards."""
        yield Label(id="head", markup=False)
        hint = _("type to filter: title, project, owner; initials will do")
        yield Sieve(held_back=HELD_BACK, placeholder=hint, id="sieve")
        empty = N_("No open issue here. esc ends the meeting.")
        yield Cards["Card"](self._draw, card_edge, height=CARD_HEIGHT, empty=empty, id="cards")

    def on_mount(self) -> None:
        """Ready to type; a meeting that goes on is kept again."""
        self.set_focus(self.query_one(Sieve))
        if self.meeting is not None:
            self._keep(self.meeting)

    @property
    def cards(self) -> Cards[Card]:
        """The cards."""
        return self.query_one(Cards)

    @property
    def project_in_view(self) -> str | None:
        """The project of the issue under the cursor."""
        return self.cards.row.project_id if self.cards.row else None

    # ── beginning ───────────────────────────────────────────────────────────────────────────────────────────────

    async def start(self) -> None:
        """Ask whose issues; a meeting that was broken off goes on unasked. Awaited, so that keys typed ahead are not
        lost."""
        await self.app.push_screen(MeetingSetup(), self.begin)

    def reload(self) -> None:
        """Read the cards, again and again."""
        meeting = self.meeting
        if meeting is not None:
            self.ask(lambda desk: (desk.today().today, _desk().held(desk, meeting)), self._show)

    def begin(self, meeting: Meeting | None) -> None:
        """Begin with what was chosen; leave where nothing was."""
        if meeting is None:
            self.dismiss(None)
            return
        self.meeting = meeting
        self._keep(meeting)
        self.reload()

    def _keep(self, meeting: Meeting) -> None:
        self.do(lambda desk: desk.pen.keep(DRAFT, meeting.kept()), lambda _nothing: None)

    # ── cards ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _show(self, found: tuple[str, Held]) -> None:
        self._today, self.held = found
        self._fresh.clear()  # what was last done is read again, and shown as it was until then
        self._filter()

    @on(Input.Changed, "#sieve")
    def _filter(self) -> None:
        """Only what fits what was typed; in a thread, the latest wins."""
        held, text = self.held, self.query_one(Sieve).value
        if held is not None:
            self.ask(lambda _: _desk().matching(held.cards, text), partial(self._place, text), "filter")

    def _meant(self) -> Card | None:
        """The card under the cursor, of those that fit all that was typed by now."""
        text, held = self.query_one(Sieve).value, self.held
        if held is not None and text != self._fitting:
            self._place(text, _desk().matching(held.cards, text))
        return self.cards.row

    def _place(self, text: str, cards: Sequence[Card]) -> None:
        self._fitting = text
        at = self.cards.row.id if self.cards.row and not self._moves_on() else None
        self.cards.show(cards, at=at)
        self._tell()

    def _moves_on(self) -> bool:
        """Whether the card under the cursor has just been decided: it goes to the end, the cursor to the next."""
        row = self.cards.row
        moved = row is not None and row.id == self._decided_now
        self._decided_now = None
        return moved

    def _tell(self) -> None:
        held = self.held
        if self.meeting is not None and held is not None:
            decided = sum(map(bool, held.decided.values()))
            words = meeting_words(self.meeting, self.cards.total, len(held.cards), decided)
            self.query_one("#head", Label).update(Content(f" {inert(words)}"))

    def _draw(self, card: Card, width: int) -> Sequence[Spans]:
        held = self.held
        asked, decided = (held.asked[card.id], held.decided.get(card.id)) if held else ("", None)
        return card_lines(card, width, (self.app.now_ms(), self._today), self._lately.get(card.id), asked, decided)

    @on(Cards.Moved)
    def _read_lately(self) -> None:
        """Read what was last done about the cards in view, where that is not known yet."""
        wanted = [card.id for card in self.cards.around if card.id not in self._fresh]
        if wanted:
            self.ask(lambda desk: _desk().lately(desk, wanted), self._add_lately, "lately")

    def _add_lately(self, found: dict[str, Lately]) -> None:
        self._lately |= found
        self._fresh |= found.keys()
        self.cards.draw_anew()

    # ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────

    def action_rows(self, rows: int) -> None:
        """Up and down."""
        self.cards.move_down(rows)

    def action_step(self, cards: int) -> None:
        """Left and right."""
        self.cards.move(cards)

    def action_pages(self, pages: int) -> None:
        """A page up or down."""
        self.cards.move_down(pages * self.cards.page)

    @on(Input.Submitted)
    @on(Cards.Opened)
    async def action_open(self) -> None:
        """Enter: the issue, to read."""
        row = self._meant()
        if row is not None:
            await self.app.go("issue", row.id)

    async def action_decide(self) -> None:
        """The acts on the issue under the cursor."""
        row, meeting = self._meant(), self.meeting
        if row is not None and meeting is not None:
            issue = (row.id, str(row.project_id))
            discussed = partial(self._discuss, meeting, issue)
            await self.app.push_screen(DecideScreen(meeting, issue, self._decided, discussed))

    def _discuss(self, meeting: Meeting, issue: tuple[str, str]) -> None:
        self.do(lambda desk: _desk().discuss(desk, meeting, issue), self._decided)

    def _decided(self, issue_id: str | None) -> None:
        if issue_id is not None:
            self._decided_now = issue_id
            self.reload()

    # ── ending ──────────────────────────────────────────────────────────────────────────────────────────────────

    def action_back(self) -> None:
        """First the filter is cleared; then the meeting ends, and its minute is shown."""
        sieve, meeting = self.query_one(Sieve), self.meeting
        if sieve.value:
            sieve.value = ""
        elif meeting is None:
            self.dismiss(None)
        elif not self._ending:
            self._ending = True
            self.do(lambda desk: _desk().close(desk, meeting), self._ended)

    def on_failed(self, message: Failed) -> None:
        """What could not be written is said; the meeting goes on."""
        message.stop()
        self._ending = False
        self.app.tell(message.error)

    def _ended(self, minute: Minute) -> None:
        meeting = self.meeting
        self.dismiss(None)
        if meeting is not None and minute.found:
            self.app.say(_("The minute is written."))
            self.app.go("minute", meeting, minute)


def _desk() -> Any:
    """What a meeting does at the desk; loaded in the thread that asks, with the registers."""
    return import_module("tui.data.readers.meeting")
