"""The settings: each with its value, its origin and what it does, edited in place; and the home's files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import PurePath
from typing import ClassVar, TypeVar

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
from tui.data.messages import ErrorReported, ResultReady, ToastRequested
from tui.data.rows import InMemorySource
from tui.exceptions import to_guanjia_error
from tui.i18n.translate import _, error_text
from tui.keys.actions import bindings_in
from tui.presenters.settings import (
    SettingRow,
    choices_of,
    expected_value_text,
    setting_columns,
    setting_page,
    setting_rows,
    setting_value_text,
)
from tui.screens.bars import KeyBar
from tui.screens.base import BaseScreen, MessageLineMixin, Panel
from tui.widgets.background import PreviewSplit
from tui.widgets.cells import single_line
from tui.widgets.fields import OptionPicker
from tui.widgets.long_list import LongList
from tui.widgets.page import PageView, Passage

T = TypeVar("T")


class FileWorkerMixin(Widget):
    """Works on files in a thread, without a ledger: settings must open when nothing else does."""

    def run_file_job(
        self, job: Callable[[], T], take: Callable[[T], None], tell: Callable[[T], str] | None = None
    ) -> None:
        """Run ``job`` in a thread, then ``take`` its result; an error is shown as any other. With ``tell`` the job does
        not end with this widget: where it has closed meanwhile, the app shows what ``tell`` says of the result."""
        app = self.app
        home = app.home  # type: ignore[attr-defined]

        def run() -> None:
            try:
                found = job()
            except Exception as error:
                failed = ErrorReported(to_guanjia_error(error, home))
                if not self.post_message(failed) and tell is not None:
                    app.post_message(failed)
                return
            if not self.post_message(ResultReady(partial(take, found))) and tell is not None:
                app.post_message(ToastRequested(tell(found)))

        (self if tell is None else app).run_worker(run, thread=True, group="files")


class SettingsScreen(BaseScreen, FileWorkerMixin):
    """The list; beside it, where there is room, the setting under the cursor."""

    key_scope = "settings"
    CSS_PATH = "settings.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("settings")]

    def __init__(self) -> None:
        super().__init__()
        self._ignored: Sequence[str] = ()

    def body(self) -> Iterable[Widget]:
        """List and page."""
        with PreviewSplit():
            yield LongList["SettingRow"](setting_columns(), id="list")
            yield PageView(id="page")

    def on_mount(self) -> None:
        """Read at once: no ledger is needed."""
        self.reload()

    @property
    def rows(self) -> LongList[SettingRow]:
        """The list of settings and files."""
        return self.query_one("#list", LongList)

    def reload(self) -> None:
        """Read the settings again; the cursor stays."""
        self.run_file_job(partial(setting_rows, Home(self.app.home)), self._show)

    def _show(self, rows_and_ignored: tuple[list[SettingRow], Sequence[str]]) -> None:
        rows, ignored = rows_and_ignored
        if ignored and ignored != self._ignored:  # a narrow screen shows no page beside the list
            self.app.show_message("\n".join(ignored), warning=True)
        self._ignored = ignored
        self.rows.show(InMemorySource(rows), at=self.rows.row.id if self.rows.row else None)

    def on_error_reported(self, message: ErrorReported) -> None:
        """Show on the page that a file cannot be read, for as long as it cannot."""
        message.stop()
        sentences = error_text(message.error)
        self.query_one("#page", PageView).show([Passage(text, "bad") for text in sentences])
        self.add_class("-reading")

    @on(LongList.CursorMoved)
    @on(LongList.RowsLoaded)
    def _show_page(self) -> None:
        if (row := self.rows.row) is not None:
            self.query_one("#page", PageView).show(setting_page(row, self._ignored), subject=row.id)
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

    @on(LongList.RowOpened)
    def opened(self) -> None:
        """Enter: edit a setting; read of a file."""
        row = self.rows.row
        if row is not None and row.id == "keys.toml":
            self.app.open_screen("keys")
        elif row is not None and row.setting is None:
            self.add_class("-reading")
            self.set_focus(self.query_one("#page", PageView))
        else:
            self.action_edit()

    def action_edit(self) -> None:
        """Change the setting under the cursor."""
        if (row := self.rows.row) is not None and row.setting is not None:
            self.app.push_screen(SettingPanel(row), self._handle_changed)

    async def action_set_pin(self) -> None:
        """The form of the PIN."""
        await self.app.open_screen("pin_form")

    async def action_own_keys(self) -> None:
        """The keys of all screens."""
        await self.app.open_screen("keys")

    def action_usual(self) -> None:
        """Take the setting out of the file."""
        if (row := self.rows.row) is not None:
            self.run_file_job(
                partial(_save, Home(self.app.home), row.id, None), lambda value: self._handle_changed((row.id, value))
            )

    def _handle_changed(self, changed: tuple[str, object] | None) -> None:
        if changed is None:
            return
        name, value = changed
        if name == "theme":
            self.app.apply_theme(None if value == "auto" else str(value))
        if name == "language":
            self.app.apply_language(str(value))
        self.app.show_message(_("Saved."))
        self.reload()

    def action_back(self) -> None:
        """From a file's page to the list, else back."""
        if self.has_class("-reading"):
            self.remove_class("-reading")
            self.set_focus(self.rows)
        else:
            self.dismiss()


def _save(home: Home, name: str, value: str | None) -> object:
    """Write one setting as ``guanjia settings set`` does; returns the value now in force. Of an address only the
    beginning is validated here, and the whole when it is used: the screens know nothing of networks."""
    home.create()
    save_setting(home, name, value)
    return load_settings(home)._asdict()[name]


class SettingPanel(Panel, MessageLineMixin, FileWorkerMixin):
    """One setting: a choice or an input. An error is shown here, and what was typed stays."""

    key_scope = "setting"
    CSS_PATH: ClassVar[list[str | PurePath]] = ["panels.tcss", "settings.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("setting")]

    def __init__(self, row: SettingRow) -> None:
        super().__init__()
        self._row = row

    def compose(self) -> ComposeResult:
        """What it is, the value, what is wrong with it, and the keys."""
        setting = self._row.setting
        with Vertical(classes="panel"):
            yield Label(Content(single_line(_(self._row.description))), classes="panel-title")
            if self._choices:
                yield OptionPicker([setting_value_text(setting, one) for one in self._choices])
            else:
                value = "" if self._row.value is None else str(self._row.value)
                yield Input(value, placeholder=expected_value_text(setting) if setting else "", select_on_focus=False)
            yield Label(id="said")
            yield KeyBar(self.key_scope)

    @property
    def _choices(self) -> list[str]:
        return list(choices_of(self._row.setting)) if self._row.setting else []

    def on_mount(self) -> None:
        """The present value, ready to be changed."""
        if self._choices:
            options = self.query_one(OptionPicker)
            value = str(self._row.value).lower() if isinstance(self._row.value, bool) else str(self._row.value)
            options.selected_index = self._choices.index(value) if value in self._choices else 0
        self.query("Input, OptionPicker").first(Widget).focus()

    @on(Input.Submitted)
    def action_keep(self) -> None:
        """Save; a line left empty takes the default."""
        if self._choices:
            value: str | None = self._choices[self.query_one(OptionPicker).selected_index]
        else:
            value = self.query_one(Input).value.strip() or None
        name = self._row.id
        self.run_file_job(partial(_save, Home(self.app.home), name, value), lambda now: self._handle_saved(name, now))

    def _handle_saved(self, name: str, now: object) -> None:
        self.dismiss((name, now))

    def on_error_reported(self, message: ErrorReported) -> None:
        """Show what is wrong with the value."""
        message.stop()
        self._show_error(message.error)

    def _show_error(self, error: GuanjiaError) -> None:
        self.show_message("\n".join(error_text(error)), bad=True)
