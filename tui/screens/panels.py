"""Small screens on top of another: a list to choose from, and a question to answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingsMap, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label

from tui.data.rows import Few
from tui.i18n.translate import N_, _
from tui.keys.actions import bindings
from tui.screens.bars import KeyLine
from tui.screens.base import Panel
from tui.widgets.cells import inert
from tui.widgets.columns import Column
from tui.widgets.long_list import LongList
from tui.widgets.page import Block, Paper


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a menu. ``key`` chooses it at once; ``note`` is shown beside it; one that is not ``possible`` is
    shown with its note and cannot be chosen."""

    id: str
    label: str
    key: str = ""
    note: str = ""
    possible: bool = True


def _columns() -> Sequence[Column[Choice]]:
    return (
        Column("", 6, lambda one: ((one.key, "accent" if one.possible else "muted"),)),
        Column("", 14, lambda one: ((one.label, "strong" if one.possible else "muted"),), grow=1),
        Column("", 10, lambda one: ((one.note, "muted"),), grow=3),
    )


class Menu(Panel):
    """Choose one of a few: by its key, by arrows and enter, or by typing a part of it where ``typing`` is on."""

    place = "menu"
    CSS_PATH = "panels.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("menu")]

    def __init__(self, title: str, choices: Sequence[Choice], *, typing: bool = False) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._typing = typing

    def compose(self) -> ComposeResult:
        """Title, perhaps a line to type in, and the list."""
        with Vertical(classes="panel"):
            yield Label(Content(inert(self._title)), classes="panel-title")
            if self._typing:
                yield Input(placeholder=_("type a part of it, or its initials"))
            yield LongList[Choice](_columns(), heading=False, empty=N_("Nothing of that name."), id="choices")
            yield KeyLine(self.place)

    def on_mount(self) -> None:
        """Ready to choose."""
        self.offer(self._choices)
        self.set_focus(self.query_one(Input) if self._typing else self.choices)

    def offer(self, choices: Sequence[Choice]) -> None:
        """List these; each can be chosen by its own key, unless one types to narrow the list."""
        self._choices = choices
        room = self.app.size.height - (12 if self._typing else 10)
        self.choices.styles.height = max(min(len(choices), room), 1)
        self.choices.show(Few(choices))
        for one in choices:
            if one.key and not self._typing:
                self._bindings.bind(one.key, f"pick('{one.id}')", show=False)

    @property
    def choices(self) -> LongList[Choice]:
        """The list."""
        return self.query_one("#choices", LongList)

    @on(Input.Changed)
    def narrow(self, event: Input.Changed) -> None:
        """Only those that the typed text, or its initials, is a part of."""
        from store.search.query import fits  # noqa: PLC0415 - the table of pinyin is for who types

        typed = event.value.strip().casefold()
        told = [(one, f"{one.label} {one.note} {one.id}".casefold()) for one in self._choices]
        fitting = [one for one, text in told if typed in text or fits(text, typed)]
        self.choices.show(Few(fitting))

    def on_key(self, event: events.Key) -> None:
        """Arrows reach the list from the line that is typed in."""
        if self._typing and event.key in ("up", "down"):
            self.choices.action_move(1 if event.key == "down" else -1)
            event.stop()

    @on(LongList.Opened)
    async def opened(self, message: LongList.Opened) -> None:
        """Enter in the list, or the mouse."""
        self.app.call_later(self.chosen, message.row)

    async def action_pick(self, choice: str) -> None:
        """A choice's own key."""
        for one in self._choices:
            if one.id == choice:
                await self.chosen(one)

    @on(Input.Submitted)
    def action_choose(self) -> None:
        """Enter."""
        if self.choices.row is not None:
            self.app.call_later(self.chosen, self.choices.row)

    async def chosen(self, one: Choice) -> None:
        """Close the menu and do it, or say why it cannot be done. Called by the app, which can await screens. Of two
        keys that came in one go the second chooses nothing."""
        if self.app.screen is not self:
            return
        if one.possible:
            self.dismiss(one.id)
            await self.take(one)
        else:
            self.app.say(f"{one.label}: {one.note}", warning=True)

    async def take(self, one: Choice) -> None:
        """What a choice does, when the menu has closed."""


class Confirm(Panel):
    """A question. Enter says yes; where something is lost, only ctrl+d does."""

    CSS_PATH = "panels.tcss"

    def __init__(self, blocks: Sequence[Block], agreed: Callable[[], Any], *, danger: bool = False) -> None:
        super().__init__()
        self.place = "danger" if danger else "confirm"
        self._blocks = blocks
        self._agreed = agreed
        self._bindings = BindingsMap.merge([self._bindings, BindingsMap(bindings(self.place))])

    def compose(self) -> ComposeResult:
        """What is asked, and the keys."""
        with Vertical(classes="panel -danger" if self.place == "danger" else "panel"):
            yield Paper(self._blocks, id="question")
            yield KeyLine(self.place)

    def action_agree(self) -> None:
        """Yes."""
        self.dismiss(True)
        self._agreed()

    def action_destroy(self) -> None:
        """Yes, although something is lost."""
        self.action_agree()
