"""What the app does about its terminal and about errors that nothing foresaw: the boundary of the screens.

Keys typed with an input method's wide letters are keys, escape behind which a letter came quickly is escape where text
is typed, bytes that cannot be read are told once. An unforeseen error becomes a sentence and an entry of the home's
log, and the screens stay open. Next: ``tui/app/terminal_driver.py`` (input), ``tui/exceptions.py`` (the log).
"""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from textual import constants, work
from textual.driver import Driver
from textual.events import Key
from textual.keys import _character_to_key
from textual.worker import WorkerFailed

from store.exceptions import GuanjiaError
from tui.app.appearance import AppearanceApp
from tui.data.messages import AltKeyPressed, ErrorReported, UnreadableInput
from tui.exceptions import to_guanjia_error
from tui.i18n.translate import _
from tui.widgets.cells import shorten
from tui.widgets.error_boundary import ErrorBoundary

MAX_FAILURES, FAILURE_WINDOW_S = 10, 5.0
"""More unforeseen errors within this time than this end the app: a screen that fails at each painting is no use."""
_WIDE_TO_HALF = 0xFEE0
"""Full-width forms (U+FF01 to U+FF5E) stand so far behind ASCII."""


def half_width(key: Key) -> Key:
    """The key that a full-width letter, digit or mark stands for; any other key as it is."""
    character = key.character or ""
    if len(character) == 1 and "\uff01" <= character <= "\uff5e":
        plain = chr(ord(character) - _WIDE_TO_HALF)
        return Key(_character_to_key(plain), plain)
    return key


class TerminalApp(ErrorBoundary, AppearanceApp):
    """An app that trusts neither its terminal nor itself. ``home`` is the folder whose log gets errors;
    ``fatal_error`` is what ended the app, for whoever ran it; ``opening_notice`` is shown when it opens."""

    def __init__(self, theme: str | None, save_setting: Callable[[str, str], None] | None, home: Path) -> None:
        super().__init__(theme, save_setting)
        self._home = home
        self.fatal_error: GuanjiaError | None = None
        self.opening_notice = ""
        self._told_unreadable = False
        self._failures: deque[float] = deque(maxlen=MAX_FAILURES)

    @property
    def home(self) -> Path:
        """The folder of the home that is open, or is to be."""
        return self._home

    def get_driver_class(self) -> type[Driver]:
        """Textual's hook for a driver of one's own. A driver that the environment names, and Windows', stay."""
        if constants.DRIVER is not None or sys.platform == "win32":
            return super().get_driver_class()
        from tui.app.terminal_driver import TerminalDriver  # noqa: PLC0415 - needs a system with termios

        return TerminalDriver

    # ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────

    def is_typed(self, key: Key) -> bool:
        """Whether a key goes into the focused field as text."""
        return self.focused is not None and self.focused.check_consume_key(key.key, key.character)

    async def on_alt_key_pressed(self, message: AltKeyPressed) -> None:
        """Where text is typed, alt and a key is escape and that key, which came too quickly to be told apart; elsewhere
        it is a key of the keymap, or nothing."""
        key = message.key
        if self.is_typed(Key("a", "a")):
            await self.on_event(Key("escape", "\x1b"))
            await self.on_event(key)
        else:
            name = f"shift+{key.key.lower()}" if len(key.key) == 1 and key.key.isupper() else key.key
            await self.on_event(Key(f"alt+{name}", None))

    def show_opening_notice(self) -> None:
        """Show what is to be known of this terminal from the beginning, for a minute."""
        if self.opening_notice:
            self.notify(self.opening_notice, severity="warning", timeout=60, markup=False)

    def on_unreadable_input(self, _message: UnreadableInput) -> None:
        """Say once how the terminal must be set."""
        if not self._told_unreadable:
            self._told_unreadable = True
            self.notify(
                _(
                    "The terminal sent characters that are not UTF-8. They were skipped: see whether a text is whole, "
                    "set the terminal’s character encoding to UTF-8, and type or paste it again."
                ),
                severity="warning",
                timeout=60,
                markup=False,
            )

    def copy_text(self, text: str) -> None:
        """Copy to the clipboard of the terminal that the person sits at, also over SSH (OSC 52), and say so."""
        self.copy_to_clipboard(text)
        self.show_message(_("Copied: {text}").format(text=shorten(text.partition("\n")[0])))
        self._copy_through_tmux(text)

    @work(thread=True, group="clipboard")
    def _copy_through_tmux(self, text: str) -> None:
        from tui.app.clipboard import copy_through_tmux  # noqa: PLC0415 - only who copies waits for it

        copy_through_tmux(text)

    # ── errors ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _handle_exception(self, error: Exception) -> None:
        """What nothing foresaw: log it, say it, and go on. Textual would print a traceback and end the program. In a
        test it is kept for Textual, which raises it there at the end."""
        if self.is_headless and self._exception is None:
            self._exception = error
            self._exception_event.set()
        told = to_guanjia_error(error.error if isinstance(error, WorkerFailed) else error, self.home)
        if self.is_running and not self._is_failing():
            self.post_message(ErrorReported(told))
            return
        self.fatal_error = self.fatal_error or told
        self._return_code = 1
        self._close_messages_no_wait()

    def _is_failing(self) -> bool:
        """Whether errors come so fast that going on is no use."""
        now = time.monotonic()
        is_full = len(self._failures) == MAX_FAILURES and now - self._failures[0] < FAILURE_WINDOW_S
        self._failures.append(now)
        return is_full

    def log_thread_errors(self) -> None:
        """Let errors of threads go to the home's log instead of the terminal, on which the screens are drawn."""

        def log(failure: threading.ExceptHookArgs) -> None:
            is_terminal_gone = isinstance(failure.exc_value, OSError) and failure.exc_value.filename is None
            if isinstance(failure.exc_value, Exception) and not is_terminal_gone:
                to_guanjia_error(failure.exc_value, self.home)

        threading.excepthook = log
