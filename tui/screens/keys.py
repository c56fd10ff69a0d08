"""The keys: every action with the keys that it has, changed by pressing others; written to the keymap file, and obeyed
at once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import PurePath
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Label

from store.home.paths import Home
from tui.data.messages import ErrorReported
from tui.data.rows import InMemorySource
from tui.i18n.translate import _, error_text
from tui.keys.actions import bindings_in, format_key
from tui.keys.keymap import Keymap, read_keymap
from tui.keys.keymap_edit import change_keys
from tui.presenters.keys import KeyRow, key_columns, key_page, key_rows
from tui.screens.bars import KeyBar
from tui.screens.base import BaseScreen, MessageLineMixin, Panel
from tui.screens.settings import FileWorkerMixin
from tui.widgets.background import PreviewSplit
from tui.widgets.cells import single_line
from tui.widgets.long_list import LongList
from tui.widgets.page import PageView


class KeysScreen(BaseScreen, FileWorkerMixin):
    """The list of actions; beside it, where there is room, the action under the cursor."""

    key_scope = "keys"
    CSS_PATH = "settings.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("keys")]

    def __init__(self) -> None:
        super().__init__()
        self._keymap = Keymap()

    def body(self) -> Iterable[Widget]:
        """List and page."""
        with PreviewSplit():
            yield LongList["KeyRow"](key_columns(), id="list")
            yield PageView(id="page")

    def on_mount(self) -> None:
        """Read at once: no ledger is needed."""
        self.run_file_job(partial(read_keymap, Home(self.app.home).keymap), self._show)

    @property
    def rows(self) -> LongList[KeyRow]:
        """The list of actions."""
        return self.query_one("#list", LongList)

    def _show(self, keymap: Keymap) -> None:
        self._keymap = keymap
        at = self.rows.row.id if self.rows.row else None
        self.rows.show(InMemorySource(key_rows(keymap)), at=at)

    @on(LongList.CursorMoved)
    @on(LongList.RowsLoaded)
    def _show_page(self) -> None:
        if (row := self.rows.row) is not None:
            problems = [problem.message() for problem in self._keymap.problems]
            self.query_one("#page", PageView).show(key_page(row, problems), subject=row.id)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Some keys are fixed; those of the table are not set again."""
        row = self.rows.row if self.is_mounted else None
        if action == "edit":
            return row is not None and not row.is_fixed
        if action == "usual":
            return row is not None and row.is_own
        return super().check_action(action, parameters)

    @on(LongList.RowOpened)
    def action_edit(self) -> None:
        """Press other keys for the action under the cursor."""
        row = self.rows.row
        if row is not None and row.is_fixed:
            self.app.show_message(_("These keys cannot be changed: they mean one thing everywhere."), warning=True)
        elif row is not None:
            self.app.push_screen(NewKeyPanel(row), self._obey)

    def action_usual(self) -> None:
        """Give the action under the cursor the keys of the table again."""
        if (row := self.rows.row) is not None:
            job = partial(change_keys, Home(self.app.home).keymap, row.id, None)
            self.run_file_job(job, self._obey)

    def _obey(self, keymap: Keymap | None) -> None:
        if keymap is None:
            return
        self.app.obey_keymap(keymap)
        self.app.show_message(_("Saved."))
        self._show(keymap)


class KeyCatcher(Widget, can_focus=True):
    """Takes every key that is pressed, whatever it would do elsewhere, and shows what was taken."""

    keys: reactive[tuple[str, ...]] = reactive(())

    class Pressed(Message):
        """A key was pressed."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def render(self) -> Content:
        """The keys that were pressed."""
        return Content("  ".join(map(format_key, self.keys)))

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Every key is for this widget: none of them does here what it does elsewhere."""
        return True

    async def _on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        key = event.character if event.is_printable and event.character else event.key
        self.post_message(self.Pressed(key))


class NewKeyPanel(Panel, MessageLineMixin, FileWorkerMixin):
    """Asks for the key of an action. The first pressed one is its key; enter then keeps what was pressed, and esc
    leaves everything as it was, so that neither can be given to an action here."""

    key_scope = "setting"
    CSS_PATH: ClassVar[list[str | PurePath]] = ["panels.tcss", "settings.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("setting")]

    def __init__(self, row: KeyRow) -> None:
        super().__init__()
        self._row = row

    def compose(self) -> ComposeResult:
        """What it is for, what was pressed, what is wrong with it, and the keys."""
        with Vertical(classes="panel"):
            yield Label(Content(single_line(_(self._row.action.help))), classes="panel-title")
            yield Label(_("Press the key, and perhaps a second one that works while Chinese is typed."), id="ask")
            yield KeyCatcher()
            yield Label(id="said")
            yield KeyBar(self.key_scope)

    def on_mount(self) -> None:
        """Ready for keys."""
        self.query_one(KeyCatcher).focus()

    @on(KeyCatcher.Pressed)
    def take(self, message: KeyCatcher.Pressed) -> None:
        """Another key; enter keeps them, esc none, backspace takes the last one back."""
        if message.key == "escape":
            self.action_back()
        elif message.key == "enter":
            self.action_keep()
        elif message.key == "backspace":
            self._show(self._pressed[:-1])
        elif message.key not in self._pressed:
            self._show((*self._pressed, message.key))

    @property
    def _pressed(self) -> tuple[str, ...]:
        return self.query_one(KeyCatcher).keys

    def _show(self, keys: tuple[str, ...]) -> None:
        self.query_one(KeyCatcher).keys = keys
        self.show_message("")

    def action_keep(self) -> None:
        """Write what was pressed; with nothing pressed everything stays."""
        if not self._pressed:
            self.dismiss(None)
            return
        job = partial(change_keys, Home(self.app.home).keymap, self._row.id, self._pressed)
        self.run_file_job(job, self._handle_written)

    def _handle_written(self, keymap: Keymap) -> None:
        self.dismiss(keymap)

    def on_error_reported(self, message: ErrorReported) -> None:
        """Say why the key cannot be had; another may be pressed."""
        message.stop()
        self._show(())
        self.show_message("\n".join(error_text(message.error)), bad=True)
