"""Small screens on top of another: a menu, a notice, and a question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingsMap, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label

from tui.data.rows import InMemorySource
from tui.i18n.translate import N_, _
from tui.keys.actions import bindings_in
from tui.screens.bars import KeyBar
from tui.screens.base import Panel
from tui.widgets.cells import single_line
from tui.widgets.columns import ListColumn
from tui.widgets.long_list import LongList
from tui.widgets.page import PageBlock, PageView


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One line of a menu. ``key`` chooses it at once; ``note`` is shown beside it; one that is not ``possible`` is
    shown with its note and cannot be chosen."""

    id: str
    label: str
    key: str = ""
    note: str = ""
    possible: bool = True


def _columns() -> Sequence[ListColumn[MenuItem]]:
    return (
        ListColumn("", 6, lambda each: ((each.key, "accent" if each.possible else "muted"),)),
        ListColumn("", 14, lambda each: ((each.label, "strong" if each.possible else "muted"),), grow_share=1),
        ListColumn("", 10, lambda each: ((each.note, "muted"),), grow_share=3),
    )


class Menu(Panel):
    """Choose one of a few: by its key, by arrows and enter, or by typing a part of it where ``typing`` is on."""

    key_scope = "menu"
    CSS_PATH = "panels.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("menu")]

    def __init__(self, title: str, choices: Sequence[MenuItem], *, typing: bool = False) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._typing = typing

    def compose(self) -> ComposeResult:
        """Title, perhaps a line to type in, and the list."""
        with Vertical(classes="panel"):
            yield Label(Content(single_line(self._title)), classes="panel-title")
            if self._typing:
                yield Input(placeholder=_("type a part of it, or its initials"))
            yield LongList[MenuItem](self.columns(), heading=False, empty=N_("Nothing of that name."), id="choices")
            yield KeyBar(self.key_scope)

    def columns(self) -> Sequence[ListColumn[MenuItem]]:
        """Key, label and note."""
        return _columns()

    def on_mount(self) -> None:
        """Ready to choose."""
        self.set_items(self._choices)
        self.set_focus(self.query_one(Input) if self._typing else self.choices)

    def set_items(self, choices: Sequence[MenuItem]) -> None:
        """List these items; each can be chosen by its own key, unless typing filters the list."""
        self._choices = choices
        room = self.app.size.height - (12 if self._typing else 10)
        self.choices.styles.height = max(min(len(choices), room), 1)
        self.choices.show(InMemorySource(choices))
        for one in choices:
            if one.key and not self._typing:
                self._bindings.bind(one.key, f"pick({one.id!r})", show=False)  # quoted: an id may be a file's heading

    @property
    def choices(self) -> LongList[MenuItem]:
        """The list."""
        return self.query_one("#choices", LongList)

    @on(Input.Changed)
    def narrow(self, event: Input.Changed) -> None:
        """Only what fits the typed text."""
        self.narrow_to(event.value)

    def narrow_to(self, text: str) -> None:
        """Only those that the text, or its initials, is a part of."""
        from store.search.query import name_matches  # noqa: PLC0415 - the table of pinyin is for who types

        typed = text.strip().casefold()
        parts = [(one, f"{one.label} {one.note} {one.id}".casefold()) for one in self._choices]
        matching = [one for one, text in parts if typed in text or name_matches(text, typed)]
        self.choices.show(InMemorySource(matching))

    def on_key(self, event: events.Key) -> None:
        """Arrows reach the list from the line that is typed in."""
        if self._typing and event.key in ("up", "down"):
            self.choices.action_move(1 if event.key == "down" else -1)
            event.stop()

    @on(LongList.RowOpened)
    async def handle_row_opened(self, message: LongList.RowOpened) -> None:
        """Enter in the list, or the mouse."""
        self.app.call_later(self.choose_item, message.row)

    async def action_pick(self, choice: str) -> None:
        """A choice's own key."""
        for one in self._choices:
            if one.id == choice:
                await self.choose_item(one)

    @on(Input.Submitted)
    def action_choose(self) -> None:
        """Enter."""
        if self.choices.row is not None:
            self.app.call_later(self.choose_item, self.choices.row)

    async def choose_item(self, item: MenuItem) -> None:
        """Close the menu and run the item, or say why it is not possible. Called by the app, which can await screens.
        The second of two keys typed in one go chooses nothing."""
        if self.app.screen is not self:
            return
        if item.possible:
            self.dismiss(item.id)
            await self.run_item(item)
        else:
            self.app.show_message(_("{what}: {value}").format(what=item.label, value=item.note), warning=True)

    async def run_item(self, item: MenuItem) -> None:
        """What a choice does, when the menu has closed."""


class Notice(Panel):
    """Something to read; closing it does nothing."""

    key_scope = "notice"
    CSS_PATH = "panels.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("notice")]

    def __init__(self, blocks: Sequence[PageBlock]) -> None:
        super().__init__()
        self._blocks = blocks

    def compose(self) -> ComposeResult:
        """The page, and the keys."""
        with Vertical(classes="panel"):
            yield PageView(self._blocks, id="question")
            yield KeyBar(self.key_scope)

    def action_close_notice(self) -> None:
        """Read."""
        self.dismiss(None)


class Confirm(Panel):
    """A question. Enter agrees; where something is lost, only ctrl+d does."""

    CSS_PATH = "panels.tcss"

    def __init__(self, blocks: Sequence[PageBlock], agreed: Callable[[], object], *, danger: bool = False) -> None:
        super().__init__()
        self.key_scope = "danger" if danger else "confirm"
        self._blocks = blocks
        self._agreed = agreed
        self._bindings = BindingsMap.merge([self._bindings, BindingsMap(bindings_in(self.key_scope))])

    def compose(self) -> ComposeResult:
        """The question, and the keys."""
        with Vertical(classes="panel -danger" if self.key_scope == "danger" else "panel"):
            yield PageView(self._blocks, id="question")
            yield KeyBar(self.key_scope)

    def action_agree(self) -> None:
        """Yes."""
        self.dismiss(True)
        self._agreed()

    def action_destroy(self) -> None:
        """Yes, although something is lost."""
        self.action_agree()
