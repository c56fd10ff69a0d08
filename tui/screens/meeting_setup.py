"""Before a meeting: whose issues it sits over, at which level, who is in the chair."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label

from store.search.query import fits
from tui.data.meeting_draft import Meeting, new_meeting
from tui.data.messages import LedgerChanged
from tui.data.rows import Few
from tui.i18n.translate import N_, _, word
from tui.keys.actions import bindings
from tui.screens.bars import KeyLine
from tui.screens.base import Panel
from tui.widgets.autocomplete import NameField, Suggestion
from tui.widgets.cells import Spans
from tui.widgets.columns import Column
from tui.widgets.fields import ChoiceField
from tui.widgets.filter_input import Sieve
from tui.widgets.long_list import LongList

if TYPE_CHECKING:
    from store.queries.reports import Load
    from tui.data.reader import Desk

LEVELS = ("1", "2", "3")
NONE_OPEN = N_("No department has open issues. esc leads back.")


class Seat:
    """A department as a row: ``id`` is empty for issues of no department yet; ``load`` is None until it is counted."""

    def __init__(self, department: str | None, name: str | None, load: Load | None = None) -> None:
        self.id = department or ""
        self.name = name or _("No department yet")
        self.load = load


class MeetingSetup(Panel):
    """Type to find departments, space picks one, enter begins. Gives the meeting, None where it was left."""

    place = "meeting_setup"
    CSS_PATH = "panels.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("meeting_setup")]

    def __init__(self) -> None:
        super().__init__()
        self._seats: Sequence[Seat] = ()
        self._picked: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """A line to type in, the departments with their lights, level and chair."""
        with Vertical(classes="panel"):
            yield Label(Content(_("A meeting over whose issues?")), classes="panel-title")
            yield Sieve(held_back=" ", placeholder=_("type a part of it, or its initials"))
            yield LongList[Seat](self._columns(), empty=NONE_OPEN, heading=False, id="seats")
            yield ChoiceField("level", N_("Level"), LEVELS, lambda level: word("level", level))
            yield NameField("chair", N_("Chair"), "person")
            yield KeyLine(self.place)

    def _columns(self) -> Sequence[Column[Seat]]:
        return (
            Column("", 3, lambda one: (("[x]" if one.id in self._picked else "[ ]", "accent"),)),
            Column("", 16, lambda one: one.name, grow=1),
            Column("", 24, _counts),
        )

    def on_mount(self) -> None:
        """Ready to type."""
        self.set_focus(self.query_one(Sieve))
        self.ask(_before, self._show)

    def on_ledger_changed(self, _message: LedgerChanged) -> None:
        """The ledger has opened, or changed."""
        if not self._picked:
            self.ask(_before, self._show)

    @property
    def rows(self) -> LongList[Seat]:
        """The departments."""
        return self.query_one("#seats", LongList)

    def _show(self, read: tuple[dict[str, Any] | None, list[tuple[str | None, str | None]]]) -> None:
        draft, found = read
        if draft is not None:
            self.app.say(_("The meeting that was broken off goes on."))
            self.dismiss(Meeting.taken_up(draft))
            return
        self._list([Seat(department, name) for department, name in found])
        self.ask(lambda desk: import_module("tui.data.readers.meeting").counted(desk), self._count, "count")

    def _count(self, found: list[Load]) -> None:
        """Those that have something open, with how much."""
        self._list([Seat(load.department_id, load.department, load) for load in found])

    def _list(self, seats: Sequence[Seat]) -> None:
        self._seats = seats
        self.rows.styles.height = max(min(len(seats), self.app.size.height - 16), 1)
        self.rows.update(Few(self._fitting))

    @on(Input.Changed, "Sieve")
    def _narrow(self) -> None:
        """Only the departments that are meant by what was typed."""
        self.rows.empty = N_("No department is called so.") if self._seats else NONE_OPEN
        self.rows.show(Few(self._fitting))

    @property
    def _fitting(self) -> list[Seat]:
        typed = self.query_one(Sieve).value
        return [seat for seat in self._seats if fits(seat.name, typed)]

    @property
    def _seat(self) -> Seat | None:
        """The department that is meant now: the one under the cursor, unless the list has still to be narrowed."""
        fitting = self._fitting
        row = self.rows.row
        return row if row in fitting else next(iter(fitting), None)

    def on_key(self, event: events.Key) -> None:
        """Arrows move in the list while one types."""
        if self.query_one(Sieve).has_focus and event.key in ("up", "down"):
            self.rows.action_move(1 if event.key == "down" else -1)
            event.stop()

    @on(NameField.Wanted)
    def suggest(self, message: NameField.Wanted) -> None:
        """Who may be in the chair, as one types."""
        one, text = message.field, message.text

        def take(found: list[Suggestion]) -> None:
            one.answer(text, found)

        self.ask(lambda desk: desk.suggest(one.kind, text, None), take, "suggest")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Space picks where departments are chosen, and is a blank elsewhere; enter may belong to a name."""
        if action == "pick":
            return self.query_one(Sieve).has_focus or self.rows.has_focus
        return super().check_action(action, parameters)

    def action_pick(self) -> None:
        """Pick the department under the cursor, or no longer; what was typed to find it is done with."""
        seat = self._seat
        if seat is None:
            return
        if self._picked.pop(seat.id, None) is None:
            self._picked[seat.id] = seat.name
        sieve = self.query_one(Sieve)
        if sieve.value:
            sieve.value = ""
        else:
            self.rows.renew()
            self.rows.action_move(1)

    def action_next_field(self) -> None:
        """On to level and chair, and around."""
        self.focus_next("Sieve, Options, Input")

    @on(Input.Submitted)
    @on(LongList.Opened)
    def action_begin(self) -> None:
        """Begin, over what was picked, or else over the department under the cursor."""
        seat = self._seat
        picked = list(self._picked.items()) or ([(seat.id, seat.name)] if seat else [])
        if not picked:
            return
        chair = self.query_one("#field-chair", NameField)
        level = self.query_one("#field-level", ChoiceField).value
        self.dismiss(new_meeting(picked, int(level), chair.value, chair.chosen_id or "", self.app.now_ms()))


def _before(desk: Desk) -> tuple[dict[str, Any] | None, list[tuple[str | None, str | None]]]:
    found: tuple[dict[str, Any] | None, list[tuple[str | None, str | None]]]
    found = import_module("tui.data.readers.meeting").before(desk)
    return found


def _counts(seat: Seat) -> Spans:
    """How many issues it has open, and which lights they show."""
    load = seat.load
    if load is None:
        return ()
    lights = (("red", load.red), ("yellow", load.yellow), ("blue", load.blue))
    told: list[tuple[str, str]] = [(f"{load.open:>5} ", "strong")]
    for light, count in lights:
        if count:
            told += [(word("light_mark", light), light), (f"{count} ", "")]
    return tuple(told)
