"""The settings: each with its value, where that came from and what it does, edited in place; and the home's files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Label

from store.exceptions import GuanjiaError
from store.home.paths import Home
from store.home.settings import load_settings, save_setting
from tui.data.messages import Answer, Failed
from tui.data.rows import Few
from tui.exceptions import foreseen
from tui.i18n.translate import _, sentences
from tui.keys.actions import bindings
from tui.presenters.settings import (
    SettingRow,
    choices_of,
    expected_words,
    setting_columns,
    setting_page,
    setting_rows,
    value_word,
)
from tui.screens.bars import KeyLine
from tui.screens.base import Panel, Place, Saying
from tui.widgets.background import Beside
from tui.widgets.cells import inert
from tui.widgets.fields import Options
from tui.widgets.long_list import LongList
from tui.widgets.page import Paper, Passage


class _Apart(Widget):
    """Works on files in a thread, without a ledger: settings must open when nothing else does."""

    def apart(self, job: Callable[[], Any], take: Callable[[Any], None]) -> None:
        """Do ``job`` in a thread, then ``take`` what it gives; an error is told as any other."""
        home = self.app.home  # type: ignore[attr-defined]

        def run() -> None:
            try:
                found = job()
            except Exception as error:
                self.post_message(Failed(foreseen(error, home)))
            else:
                self.post_message(Answer(partial(take, found)))

        self.run_worker(run, thread=True, group="files")


class SettingsScreen(Place, _Apart):
    """The list; beside it, where there is room, the setting under the cursor."""

    place = "settings"
    CSS_PATH = "settings.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("settings")]

    def __init__(self) -> None:
        super().__init__()
        self._misspelt: Any = ()

    def body(self) -> Iterable[Widget]:
        """List and page."""
        with Beside():
            yield LongList["SettingRow"](setting_columns(), id="list")
            yield Paper(id="page")

    def on_mount(self) -> None:
        """Read at once: no ledger is needed."""
        self.reload()

    @property
    def rows(self) -> LongList[SettingRow]:
        """The list of settings and files."""
        return self.query_one("#list", LongList)

    def reload(self) -> None:
        """Read the settings again; the cursor stays."""
        self.apart(partial(setting_rows, Home(self.app.home)), self._show)

    def _show(self, found: tuple[list[SettingRow], Any]) -> None:
        rows, self._misspelt = found
        self.rows.show(Few(rows), at=self.rows.row.id if self.rows.row else None)

    def on_failed(self, message: Failed) -> None:
        """A file that cannot be read is told on the page, as long as it cannot."""
        message.stop()
        said = sentences(message.error)
        self.query_one("#page", Paper).show([Passage(text, "bad") for text in said])
        self.add_class("-reading")

    @on(LongList.Moved)
    @on(LongList.Counted)
    def _show_page(self) -> None:
        if (row := self.rows.row) is not None:
            self.query_one("#page", Paper).show(setting_page(row, self._misspelt), about=row.id)
        self.refresh_bindings()

    # ── acts ────────────────────────────────────────────────────────────────────────────────────────────────────

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Files are not edited here; a default is not set again."""
        row = self.rows.row if self.is_mounted else None
        if action == "edit" and row is not None:
            return row.setting is not None
        if action == "usual":
            return row is not None and row.origin == "settings.toml"
        return super().check_action(action, parameters)

    @on(LongList.Opened)
    def opened(self) -> None:
        """Enter: edit a setting; read of a file."""
        row = self.rows.row
        if row is not None and row.setting is None:
            self.add_class("-reading")
            self.set_focus(self.query_one("#page", Paper))
        else:
            self.action_edit()

    def action_edit(self) -> None:
        """Change the setting under the cursor."""
        if (row := self.rows.row) is not None and row.setting is not None:
            self.app.push_screen(SettingPanel(row), self._changed)

    def action_usual(self) -> None:
        """Take the setting out of the file."""
        if (row := self.rows.row) is not None:
            self.apart(partial(_save, Home(self.app.home), row.id, None), lambda value: self._changed((row.id, value)))

    def _changed(self, changed: tuple[str, Any] | None) -> None:
        if changed is None:
            return
        name, value = changed
        if name == "theme":
            self.app.dress(None if value == "auto" else str(value))
        if name == "language":
            self.app.speak(str(value))
        self.app.say(_("Saved."))
        self.reload()

    def action_back(self) -> None:
        """From a file's page to the list, else back."""
        if self.has_class("-reading"):
            self.remove_class("-reading")
            self.set_focus(self.rows)
        else:
            self.dismiss()


def _save(home: Home, name: str, value: str | None) -> Any:
    """Write one setting as ``guanjia settings set`` does; gives the value now in force. An address is judged by its
    beginning here, and wholly when it is used: the screens know nothing of networks."""
    home.create()
    save_setting(home, name, value)
    return load_settings(home)._asdict()[name]


class SettingPanel(Panel, Saying, _Apart):
    """One setting: a choice or a line to type in. What cannot be is said here, and what was typed stays."""

    place = "setting"
    CSS_PATH: ClassVar[Any] = ["panels.tcss", "settings.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("setting")]

    def __init__(self, row: SettingRow) -> None:
        super().__init__()
        self._row = row

    def compose(self) -> ComposeResult:
        """What it is, the value, what is wrong with it, and the keys."""
        setting = self._row.setting
        with Vertical(classes="panel"):
            yield Label(Content(inert(_(self._row.what))), classes="panel-title")
            if self._choices:
                yield Options([value_word(setting, one) for one in self._choices])
            else:
                value = "" if self._row.value is None else str(self._row.value)
                yield Input(value, placeholder=expected_words(setting) if setting else "", select_on_focus=False)
            yield Label(id="said")
            yield KeyLine(self.place)

    @property
    def _choices(self) -> list[str]:
        return list(choices_of(self._row.setting)) if self._row.setting else []

    def on_mount(self) -> None:
        """The present value, ready to be changed."""
        if self._choices:
            options = self.query_one(Options)
            value = str(self._row.value).lower() if isinstance(self._row.value, bool) else str(self._row.value)
            options.chosen = self._choices.index(value) if value in self._choices else 0
        self.query("Input, Options").first(Widget).focus()

    @on(Input.Submitted)
    def action_keep(self) -> None:
        """Save; a line left empty takes the default."""
        if self._choices:
            value: str | None = self._choices[self.query_one(Options).chosen]
        else:
            value = self.query_one(Input).value.strip() or None
        name = self._row.id
        self.apart(partial(_save, Home(self.app.home), name, value), lambda now: self._kept(name, now))

    def _kept(self, name: str, now: Any) -> None:
        self.dismiss((name, now))

    def on_failed(self, message: Failed) -> None:
        """Say what is wrong with it."""
        message.stop()
        self._tell(message.error)

    def _tell(self, error: GuanjiaError) -> None:
        self.said("\n".join(sentences(error)), bad=True)
