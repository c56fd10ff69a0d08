"""The lock screen, which asks for the PIN and shows nothing else, and the form that sets or removes it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import PurePath
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label

from store.exceptions import GuanjiaError
from store.home.credentials import open_credentials
from store.home.exceptions import PinDelayed, WrongPin
from store.home.paths import Home
from store.home.pin_lock import MAX_LENGTH, PinLock
from store.home.settings import load_settings
from tui.data.form_values import FormValues
from tui.data.subprocess import CommandResult
from tui.exceptions import to_guanjia_error
from tui.i18n.translate import N_, _, error_text
from tui.keys.actions import bindings_in
from tui.screens.bars import KeyBar
from tui.screens.base import MessageLineMixin, Panel
from tui.screens.setup import SetupForm
from tui.widgets.fields import ChoiceField, FormField, TextField


class LockScreen(Panel, MessageLineMixin):
    """Asks for the PIN. Opaque: nothing of what is below it can be seen, and no message."""

    key_scope = "lock"
    CSS_PATH: ClassVar[list[str | PurePath]] = ["panels.tcss", "lock.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("lock")]

    def compose(self) -> ComposeResult:
        """What to do, the PIN, what was wrong with it, and the keys."""
        with Vertical(classes="panel"):
            yield Label(Content(_("Locked. Type the PIN.")), classes="panel-title")
            yield Input(password=True, max_length=MAX_LENGTH)
            yield Label(id="said")
            yield KeyBar(self.key_scope)

    def on_mount(self) -> None:
        """The next key is the first of the PIN."""
        self.set_focus(self.query_one(Input))

    def on_screen_suspend(self, _event: events.ScreenSuspend) -> None:
        """Whatever opens meanwhile waits below."""
        self.app.call_later(self.app.raise_lock)

    async def action_unlock(self) -> None:
        """Try the PIN; keys that were typed ahead wait for that, and are for the screen below then."""
        typed = self.query_one(Input)
        pin, typed.value = typed.value, ""
        unlocking = self.app.run_worker(partial(_unlock, Home(self.app.home), pin), thread=True)
        error = await unlocking.wait()
        if error is not None:
            told = error_text(error)
            forgotten = [told.what, told.remedy] if isinstance(error, PinDelayed) else [told.what]
            self.show_message("\n".join(forgotten if isinstance(error, WrongPin) else told), bad=True)
            return
        self.app.end_lock()
        await self.dismiss()
        self.app.open_unlocked()

    async def action_leave(self) -> None:
        """Leave the program; drafts are kept."""
        await self.app.action_quit()


def _unlock(home: Home, pin: str) -> GuanjiaError | None:
    """Why the PIN does not unlock the home, if it does not."""
    try:
        open_credentials(home, load_settings(home).credentials).unlock(pin)
    except Exception as error:
        return to_guanjia_error(error, home.path)
    return None


class PinField(TextField):
    """A PIN, shown as dots."""

    def control(self) -> Input:
        """An input line that shows nothing."""
        return Input(password=True, max_length=MAX_LENGTH)


class PinForm(SetupForm):
    """Sets, changes or removes the PIN; nothing that is typed in it is kept."""

    progress_text = N_("Wrapping the key")

    @property
    def heading(self) -> str:
        """The form's title."""
        return _("The PIN of this ledger")

    @property
    def _pin(self) -> PinLock:
        return PinLock(Home(self.app.home))

    def make_fields(self) -> Sequence[FormField]:
        """The present one where there is one, the new one twice, and what goes on without it."""
        present = (PinField("present", N_("Present PIN")),) if self._pin.is_set else ()
        return (
            *present,
            PinField("pin", N_("New PIN")),
            PinField("again", N_("Again")),
            ChoiceField("rounds", N_("While locked"), ("unattended", "strict"), _rounds_text),
        )

    def about(self) -> Sequence[str]:
        """What it does, what it does not, and what to do first."""
        forgotten = _(
            "Whoever forgets it needs the copy of the key (“guanjia backup FILE --key-file KEYFILE”), or loses what "
            "was not sent yet. Make that copy first."
        )
        return (
            _("The screens ask for it when they open, and after as many idle minutes as the district has set."),
            forgotten,
            _("Left empty, a PIN that is set is removed."),
        )

    def validation_error(self) -> tuple[str, str] | None:
        """Two PINs that differ."""
        pin, again = (self.query_one(f"#field-{name}", FormField).value for name in ("pin", "again"))
        return None if pin == again else ("again", _("The two PINs differ."))

    def run_command(self, values: FormValues) -> CommandResult:
        """Set or remove it; called in a thread."""
        home = Home(self.app.home)
        credentials = open_credentials(home, load_settings(home).credentials)
        if credentials.pin.is_set:
            credentials.unlock(str(values["present"]))
        if values["pin"] or not credentials.pin.is_set:
            credentials.set_pin(str(values["pin"]), keeps_unattended=values["rounds"] == "unattended")
        else:
            credentials.remove_pin(credentials.key())
        return CommandResult(0, {"pin": credentials.pin.is_set})

    async def after_success(self, result: CommandResult) -> None:
        """Say what holds now, and close."""
        is_set = isinstance(result.value, dict) and result.value.get("pin")
        self.app.show_message(_("The PIN is set.") if is_set else _("There is no PIN any more."))
        self.dismiss()

    def _remember_typed(self) -> None:
        """Nothing: a PIN is kept nowhere."""


def _rounds_text(choice: str) -> str:
    return _("sync and backups go on") if choice == "unattended" else _("nothing goes on")
