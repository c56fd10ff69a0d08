"""Meeting mode: the open issues of the chosen departments as cards, decided one after the other.

Typing filters at once; ``.`` and a letter decide. Every decision is a step of its issue as soon as it is saved. The
meeting itself is saved as a draft, so that one that was interrupted goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Label

from store import queries
from tui.data import readers
from tui.data.meeting_draft import MEETING_DRAFT_KEY, MeetingDraft
from tui.data.meeting_writes import close_meeting
from tui.data.messages import ErrorReported
from tui.i18n.translate import N_, _
from tui.keys.actions import bindings_in
from tui.presenters.meeting import CARD_HEIGHT, card_edge, card_lines, meeting_text
from tui.screens.base import BaseScreen
from tui.screens.meeting_acts import MeetingActsMenu
from tui.screens.meeting_setup import MeetingSetup
from tui.widgets.cards import CardGrid
from tui.widgets.cells import Spans, fit, single_line
from tui.widgets.filter_input import FilterInput

if TYPE_CHECKING:
    from store.queries.meetings import LatestStep, MeetingIssue
    from tui.data.readers.meeting import MeetingAgenda, MeetingMinutes

COMMAND_CHARACTERS = ".。．/、／"
"""Deciding, and the lookup: somebody asks for a phone while the meeting sits."""
_NOTHING_OPEN, _NO_MATCH = (
    N_("No open issue here. esc ends the meeting."),
    N_("No issue fits what is typed. esc clears it."),
)


class MeetingScreen(BaseScreen):
    """The filter input, and the cards. ``meeting`` is resumed; without one, `ask_for_setup` asks for it."""

    key_scope = "meeting_mode"
    CSS_PATH = "meeting_mode.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_in("meeting_mode"),
        Binding("up", "rows(-1)", show=False),
        Binding("down", "rows(1)", show=False),
        Binding("left", "step(-1)", show=False),
        Binding("right", "step(1)", show=False),
        Binding("pageup", "pages(-1)", show=False),
        Binding("pagedown", "pages(1)", show=False),
        Binding("home", "step(-1000000)", show=False),
        Binding("end", "step(1000000)", show=False),
    ]

    def __init__(self, meeting: MeetingDraft | None = None) -> None:
        super().__init__()
        self.meeting = meeting
        self.agenda: MeetingAgenda | None = None
        self._last_steps: dict[str, LatestStep] = {}
        self._loaded_step_ids: set[str] = set()
        self._today = ""
        self._ending = False
        self._filter_text = ""
        self._just_decided_id: str | None = None

    def body(self) -> Iterable[Widget]:
        """Who sits over whom, the line to type in, the cards."""
        yield Label(id="head", markup=False)
        hint = _("type to filter: title, project, owner; initials will do")
        yield FilterInput(reserved_keys=COMMAND_CHARACTERS, placeholder=hint, id="sieve")
        yield CardGrid["MeetingIssue"](self._draw, card_edge, height=CARD_HEIGHT, empty=_NOTHING_OPEN, id="cards")

    def on_mount(self) -> None:
        """Focus the filter; save the draft of a resumed meeting."""
        self.set_focus(self.query_one(FilterInput))
        if self.meeting is not None:
            self._save_draft(self.meeting)

    @property
    def cards(self) -> CardGrid[MeetingIssue]:
        """The cards."""
        return self.query_one(CardGrid)

    @property
    def project_in_view(self) -> str | None:
        """The project of the issue under the cursor."""
        return self.cards.row.project_id if self.cards.row else None

    # ── beginning ───────────────────────────────────────────────────────────────────────────────────────────────

    async def ask_for_setup(self) -> None:
        """Ask for departments, level and chair; an interrupted meeting is resumed without asking. Awaited, so that keys
        typed ahead are not lost."""
        await self.app.push_screen(MeetingSetup(), self.start_meeting)

    def reload(self) -> None:
        """Read the cards, again and again."""
        meeting = self.meeting
        if meeting is not None:
            self.read_in_thread(
                lambda reader: (
                    reader.thresholds().today,
                    reader.run(readers.meeting.meeting_agenda, reader.thresholds(), meeting),
                ),
                self._show,
            )

    def start_meeting(self, meeting: MeetingDraft | None) -> None:
        """Begin with what was chosen; leave where nothing was."""
        if meeting is None:
            self.dismiss(None)
            return
        self.meeting = meeting
        self._save_draft(meeting)
        self.reload()

    def _save_draft(self, meeting: MeetingDraft) -> None:
        self.write_in_thread(
            lambda reader: reader.writer.ledger.save_draft(MEETING_DRAFT_KEY, meeting.to_draft()), lambda _nothing: None
        )

    # ── cards ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _show(self, today_and_agenda: tuple[str, MeetingAgenda]) -> None:
        self._today, self.agenda = today_and_agenda
        self._loaded_step_ids.clear()  # what was last done is read again, and shown as it was until then
        self._filter()

    @on(Input.Changed, "#sieve")
    def _filter(self) -> None:
        """Only what fits what was typed; in a thread, the latest wins."""
        held, text = self.agenda, self.query_one(FilterInput).value
        if held is not None:
            self.read_in_thread(
                lambda _: readers.meeting.filter_cards(held.cards, text), partial(self._show_matches, text), "filter"
            )

    def _current_card(self) -> MeetingIssue | None:
        """The card under the cursor, of those that fit all that was typed by now."""
        text, held = self.query_one(FilterInput).value, self.agenda
        if held is not None and text != self._filter_text:
            self._show_matches(text, readers.meeting.filter_cards(held.cards, text))
        return self.cards.row

    def _show_matches(self, text: str, cards: Sequence[MeetingIssue]) -> None:
        self._filter_text = text
        self.cards.empty = _NO_MATCH if text else _NOTHING_OPEN
        at = self.cards.row.id if self.cards.row and not self._take_just_decided() else None
        self.cards.show(cards, at=at)
        self._update_head()

    def _take_just_decided(self) -> bool:
        """Whether the card under the cursor has just been decided: it goes to the end, the cursor to the next."""
        row = self.cards.row
        moved = row is not None and row.id == self._just_decided_id
        self._just_decided_id = None
        return moved

    def _update_head(self) -> None:
        held = self.agenda
        if self.meeting is not None and held is not None:
            decided = sum(map(bool, held.decisions.values()))
            words = meeting_text(self.meeting, self.cards.total, len(held.cards), decided)
            self.query_one("#head", Label).update(Content(" " + fit(single_line(words), max(self.size.width - 2, 0))))

    def _draw(self, card: MeetingIssue, width: int) -> Sequence[Spans]:
        held = self.agenda
        asked, decided = (held.questions[card.id], held.decisions.get(card.id)) if held else ("", None)
        return card_lines(card, width, (self.app.now_ms(), self._today), self._last_steps.get(card.id), asked, decided)

    @on(CardGrid.ViewChanged)
    def _read_last_steps(self) -> None:
        """Read what was last done about the cards in view, where that is not known yet."""
        wanted = [card.id for card in self.cards.nearby_rows if card.id not in self._loaded_step_ids]
        if wanted:
            self.read_in_thread(
                lambda reader: reader.run(queries.meetings.latest_steps, wanted), self._add_last_steps, "lately"
            )

    def _add_last_steps(self, steps: dict[str, LatestStep]) -> None:
        self._last_steps |= steps
        self._loaded_step_ids |= steps.keys()
        self.cards.redraw()

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
    @on(CardGrid.CardClicked)
    async def action_open(self) -> None:
        """Enter: the issue, to read."""
        row = self._current_card()
        if row is not None:
            await self.app.open_screen("issue", row.id)

    async def action_decide(self) -> None:
        """The acts on the issue under the cursor."""
        row, meeting = self._current_card(), self.meeting
        if row is not None and meeting is not None:
            await self.app.push_screen(MeetingActsMenu(meeting, (row.id, str(row.project_id)), self._decided))

    def _decided(self, issue_id: str | None) -> None:
        if issue_id is not None:
            self._just_decided_id = issue_id
            self.reload()

    # ── ending ──────────────────────────────────────────────────────────────────────────────────────────────────

    def action_back(self) -> None:
        """First the filter is cleared; then the meeting ends, and its minute is shown."""
        filter_input, meeting = self.query_one(FilterInput), self.meeting
        if filter_input.value:
            filter_input.value = ""
        elif meeting is None:
            self.dismiss(None)
        elif not self._ending:
            self._ending = True
            self.write_in_thread(
                lambda reader: close_meeting(reader.writer, reader.thresholds(), meeting), self._handle_closed
            )

    def on_error_reported(self, message: ErrorReported) -> None:
        """Show the error; the meeting goes on."""
        message.stop()
        self._ending = False
        self.app.show_error(message.error)

    def _handle_closed(self, minutes: MeetingMinutes) -> None:
        meeting = self.meeting
        self.dismiss(None)
        if meeting is not None and minutes.issues:
            self.app.show_message(_("The minute is written."))
            self.app.open_screen("minutes", meeting, minutes)
