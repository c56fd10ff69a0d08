"""A board of lanes with cards; arrows move between them. A narrow board shows one lane at a time, and the heading has
the number of cards of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from tui.i18n.translate import _
from tui.widgets.cells import Span, Spans, fit, fit_spans, single_line
from tui.widgets.line_widget import LineWidget

CARD_LINES = 2
_MULTI_LANE_WIDTH = 100
"""The least width of a board with several lanes."""
_MIN_LANE_WIDTH = 28
"""The least width of one lane among several."""


@dataclass(frozen=True, slots=True)
class BoardCard:
    """One card: the id of its line, and `CARD_LINES` lines of styled text."""

    id: str
    lines: tuple[Spans, ...]


@dataclass(frozen=True, slots=True)
class BoardLane:
    """A lane and its cards, from top to bottom."""

    title: str
    cards: tuple[BoardCard, ...]


class Board(LineWidget, can_focus=True):
    """Posts `CardOpened` on enter or a click on the cursor, `CardFocused` when the cursor is on another card."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(-1)", show=False),
        Binding("down,j", "step(1)", show=False),
        Binding("left", "side(-1)", show=False),
        Binding("right", "side(1)", show=False),
        Binding("pageup", "step(-5)", show=False),
        Binding("pagedown", "step(5)", show=False),
        Binding("home,g", "step(-100000)", show=False),
        Binding("end,G", "step(100000)", show=False),
        Binding("enter", "open_card", show=False),
    ]

    class CardFocused(Message):
        """Another card is under the cursor; ``card`` is its id."""

        def __init__(self, board: Board, card: str) -> None:
            super().__init__()
            self.board = board
            self.card = card

        @property
        def control(self) -> Board:
            """The board."""
            return self.board

    class CardOpened(CardFocused):
        """A card was opened."""

    def __init__(self, *, empty: str = "", id: str | None = None) -> None:
        super().__init__(id=id)
        self.empty = empty
        self._lanes: Sequence[BoardLane] = ()
        self._read = False
        self._lane = 0
        self._positions: list[int] = []

    # ── for the screen ──────────────────────────────────────────────────────────────────────────────

    def show(self, lanes: Sequence[BoardLane]) -> None:
        """Show these lanes. The cursor stays on its card, in whichever lane that is now, or else at its position."""
        before = self.card
        self._lanes, self._read = lanes, True
        places = [*self._positions, *([0] * len(lanes))][: len(lanes)]
        self._positions = [max(min(at, len(lane.cards) - 1), 0) for at, lane in zip(places, lanes, strict=True)]
        self._lane = max(min(self._lane, len(lanes) - 1), 0)
        if not self._focus_card(before) and before is None:
            self._lane = next((n for n, lane in enumerate(lanes) if lane.cards), 0)
        self._update_view()

    def _focus_card(self, card: str | None) -> bool:
        for number, lane in enumerate(self._lanes):
            for place, one in enumerate(lane.cards):
                if one.id == card:
                    self._lane, self._positions[number] = number, place
                    return True
        return False

    @property
    def card(self) -> str | None:
        """The id of the card under the cursor."""
        cards = self._lanes[self._lane].cards if self._lane < len(self._lanes) else ()
        return cards[self._positions[self._lane]].id if cards else None

    @property
    def lane(self) -> str:
        """The title of the lane under the cursor."""
        return self._lanes[self._lane].title if self._lane < len(self._lanes) else ""

    # ── moving ──────────────────────────────────────────────────────────────────────────────────────────────────

    def action_step(self, cards: int) -> None:
        """Up or down in the lane."""
        if self.card is not None:
            last = len(self._lanes[self._lane].cards) - 1
            self._positions[self._lane] = max(min(self._positions[self._lane] + cards, last), 0)
            self._update_view()

    def action_side(self, by: int) -> None:
        """To the next or the previous lane, empty or not."""
        if self._lanes:
            self._lane = max(min(self._lane + by, len(self._lanes) - 1), 0)
            self._update_view()

    def action_open_card(self) -> None:
        """Say that the card under the cursor was opened."""
        if self.card is not None:
            self.post_message(self.CardOpened(self, self.card))

    def _update_view(self) -> None:
        first, count, _width = self._layout()
        tallest = max((len(lane.cards) for lane in self._lanes[first : first + count]), default=0)
        top = self._positions[self._lane] * CARD_LINES if self._positions else 0
        y = max(min(self.scroll_offset.y, top), top + CARD_LINES - self._page, 0)
        self.set_length(tallest * CARD_LINES + 1, y)
        self.refresh()
        if self.card is not None:
            self.post_message(self.CardFocused(self, self.card))

    @property
    def _page(self) -> int:
        return max(self.size.height - 1, CARD_LINES)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scrolled by the mouse: the cursor comes along, as in every list; to the lane beside where its own ends."""
        super().watch_scroll_y(old_value, new_value)
        before, (first, count, _width) = self.card, self._layout()
        above = -(-round(new_value) // CARD_LINES)
        below = max((round(new_value) + self._page) // CARD_LINES - 1, above)
        lanes = sorted(range(first, min(first + count, len(self._lanes))), key=lambda lane: abs(lane - self._lane))
        for lane in lanes:
            if len(self._lanes[lane].cards) > above:
                place = max(min(self._positions[lane], below, len(self._lanes[lane].cards) - 1), above)
                self._lane, self._positions[lane] = lane, place
                break
        if self.card is not None and self.card != before:
            self.post_message(self.CardFocused(self, self.card))

    def on_resize(self, _event: events.Resize) -> None:
        """Lay out anew."""
        self._update_view()

    def on_click(self, event: events.Click) -> None:
        """The mouse: the first click moves the cursor, one on the cursor opens; on the heading, the lane."""
        if self.scroll_bar_pressed:
            return
        first, count, width = self._layout()
        lane = min(first + event.x // (width + 1), first + count - 1)
        if event.y == 0 or lane >= len(self._lanes):
            self._lane = min(lane, max(len(self._lanes) - 1, 0))
            self._update_view()
            return
        place = (self.scroll_offset.y + event.y - 1) // CARD_LINES
        if place >= len(self._lanes[lane].cards):
            return
        if (lane, place) == (self._lane, self._positions[self._lane]):
            self.action_open_card()
            return
        self._lane, self._positions[lane] = lane, place
        self._update_view()

    # ── drawing ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _layout(self) -> tuple[int, int, int]:
        """The first lane in view, how many are, and how wide each is."""
        width, total = max(self.line_width, 1), max(len(self._lanes), 1)
        count = min(width // _MIN_LANE_WIDTH, total) if width >= _MULTI_LANE_WIDTH else 1
        first = max(min(self._lane - count // 2, total - count), 0)
        return first, count, (width - count + 1) // count

    def draw_line(self, y: int) -> Strip:
        """The heading, or the same line of each lane's card."""
        if y == 0:
            return self._draw_heading()
        if not any(lane.cards for lane in self._lanes):
            text = " " + _(self.empty) if self._read and y == 1 and self.empty else ""
            return self.line_strip([(fit(text, self.line_width), "muted")], self.rich_style)
        place, line = divmod(self.scroll_offset.y + y - 1, CARD_LINES)
        first, count, width = self._layout()
        strips = [self._draw(number, place, line, width) for number in range(first, first + count)]
        gap = Strip.blank(1, self.rich_style)
        joined = [part for strip in strips for part in (strip, gap)][:-1]
        return Strip.join(joined).adjust_cell_length(self.line_width, self.rich_style)

    def _draw(self, number: int, place: int, line: int, width: int) -> Strip:
        cards = self._lanes[number].cards
        if place >= len(cards):
            return Strip.blank(width, self.rich_style)
        here = (number, place) == (self._lane, self._positions[self._lane])
        base: Style = self.rich_style + self.named_style("cursor" if here else "")
        spans = fit_spans(cards[place].lines[line], width - 1)
        return self.part_strip([(" ", "mark"), *self.under_cursor(spans)] if here else [(" ", ""), *spans], base, width)

    def _draw_heading(self) -> Strip:
        first, count, width = self._layout()
        shown: list[Span] = []
        if count > 1:
            for number in range(first, first + count):
                style = "accent" if number == self._lane else ""
                gap = " " * (number > first)
                shown.append((gap + fit(f" {self._title(number)}", width), style))
        else:
            for number in range(len(self._lanes)):
                name = self._title(number)
                shown.append(
                    (f" [{name}]" if number == self._lane else f"  {name} ", "accent" if number == self._lane else "")
                )
            shown = self._in_view(shown)
        return self.line_strip(fit_spans(shown, self.line_width), self.rich_style + self.named_style("heading"))

    def _in_view(self, titles: list[Span]) -> list[Span]:
        """The titles from the first one on with which that of the present lane is in view."""
        for first in range(self._lane + 1):
            if sum(cell_len(text) for text, _style in titles[first : self._lane + 1]) <= self.line_width:
                return titles[first:]
        return titles[self._lane :]

    def _title(self, number: int) -> str:
        lane = self._lanes[number]
        return f"{single_line(lane.title)} {len(lane.cards)}"
