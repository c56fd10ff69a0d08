"""The terminal app: paints at once, opens the store in a thread, and reads again what other processes commit.

The app owns what all screens share: the reader, the sync status, the theme and the language. Screens are imported when
they are first shown. The app never talks to the daemon: both talk to the store. Next: ``tui/keys/actions.py`` (the
action table), ``tui/data/reader.py`` (access to the store), ``tui/screens/base.py``.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events, work
from textual.binding import BindingType
from textual.screen import Screen
from textual.widget import AwaitMount, Widget

from store.exceptions import GuanjiaError
from store.home.exceptions import LedgerLocked
from store.home.viewing import ViewingFolder
from store.ledger.hlc import system_clock_ms
from tui.app.garbage import IDLE_S, collect_full
from tui.app.locking import IDLE_CHECK_S
from tui.app.navigation import MODE_SCREENS, DraftScreen, ScreenWithSetup, make_screen
from tui.app.reminding import RemindingApp
from tui.app.rounds import AGE_INTERVAL_S
from tui.app.terminal_app import half_width
from tui.app.undo_confirmation import WRITE_GROUP
from tui.data.messages import (
    ErrorReported,
    ExceptionRaised,
    LedgerChanged,
    RoundProgressed,
    StoreOpened,
    StoreOpenFailed,
    StyleLoaderReady,
    SyncStatusRead,
    TerminalClosed,
    ToastRequested,
)
from tui.data.viewer import open_with_viewer
from tui.exceptions import to_guanjia_error
from tui.i18n.translate import _, error_text
from tui.keys.actions import ACTIONS, APP_SCOPE, FORM_SCOPE, apply_keymap, bindings_in, to_textual_keys

if TYPE_CHECKING:
    from store.db.database import Database
    from store.domain.permissions import Verb
    from tui.data.bureau_seat import SeatSnapshot
    from tui.data.reader import Reader
    from tui.keys.keymap import Keymap

_NAVIGATION_ACTIONS = frozenset(action.id for action in ACTIONS if action.leaves_screen)
_ACTIONS_WITHOUT_STORE = frozenset({"settings", "palette", "next_language"})
"""Navigation actions that need no ledger: offered when none is open, too."""
_REQUIRED_PERMISSIONS: dict[str, tuple[str, Verb]] = {
    "log_visit": ("visit", "create"),
    "record_issue": ("issue", "create"),
    "meeting_mode": ("meeting", "create"),
}
"""What actions of everywhere write: a role that may not is not offered them."""
ERROR_TIMEOUT_S = 3600
"""Errors stay on the screen for so long, unless they are sent away."""
PRELOAD_DELAY_S = 0.3
"""For so long after the ledger is open nothing is loaded but for the first list."""
KEY_FLUSH_TIMEOUT_S = 0.5
"""For so long a command waits for the characters that were typed before it, and leaving a form for its draft."""
FOLLOW_RETRY_S = 5.0
"""So long after it failed, following the ledger is tried again."""
BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (110, "-wide")]
"""From which width on, in cells, a screen has which class: previews appear where there is room."""


class GuanjiaApp(RemindingApp):
    """The butler's ledger on a terminal.

    ``open_store`` returns the opened store and is called in a thread; ``sync`` is the command line of one round;
    ``now_ms`` this machine's clock in ms since 1970; ``save_setting`` saves a setting; ``start_mode`` is the screen
    that it opens in; ``keymap`` the person's own keys. Before there is a ledger, ``program_command`` is this program's
    command line, ``open_at`` opens another home and ``pending_drafts`` holds what was typed. ``preloads`` is whether
    the frequent screens are loaded before they are opened; ``preload_callbacks`` are called once they are,
    ``exit_callbacks`` when the app has ended. ``open_file`` opens a file with the system's viewer: the decrypted copies
    in ``viewing``. ``seat_snapshot`` is what the central last told of accounts and devices."""

    TITLE = "guanjia"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    DEFAULT_MODE = "today"
    MODES: ClassVar[dict[str, str | Callable[[], Screen[object]]]] = {
        name: partial(make_screen, name) for name in MODE_SCREENS
    }
    HORIZONTAL_BREAKPOINTS = BREAKPOINTS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in(APP_SCOPE)]

    def __init__(
        self,
        open_store: Callable[[], Database],
        home: Path,
        *,
        sync: Sequence[str] = (),
        theme: str | None = None,
        now_ms: Callable[[], int] = system_clock_ms,
        save_setting: Callable[[str, str], None] | None = None,
        start_mode: str = DEFAULT_MODE,
        keymap: Keymap | None = None,
    ) -> None:
        self.DEFAULT_MODE = start_mode  # type: ignore[misc]  # Textual reads it here and nowhere later
        super().__init__(theme, save_setting, home)
        self._open_store = open_store
        self.sync = sync
        self.now_ms = now_ms
        self.reader: Reader | None = None
        self.open_error: GuanjiaError | None = None
        self._stop_event = threading.Event()
        self._error_shown = False
        self._keymap_file = keymap
        if keymap is not None:
            self.obey_keymap(keymap)
        self.program_command: Sequence[str] = ()
        self.open_at: Callable[[Path], Database] | None = None
        self.pending_drafts: dict[str, dict[str, object]] = {}
        self.preloads = True
        self.preload_callbacks: list[Callable[[], None]] = []
        self.exit_callbacks: list[Callable[[], None]] = []
        self.seat_snapshot: SeatSnapshot | None = None
        self.open_file: Callable[[Path], bool] = open_with_viewer
        self.viewing = ViewingFolder(home)
        self._last_key_at = 0.0

    def obey_keymap(self, keymap: Keymap) -> None:
        """Obey these keys from now on."""
        apply_keymap(keymap.keys)
        self.set_keymap({name: to_textual_keys(keys) for name, keys in keymap.keys.items()})

    # ── opening ─────────────────────────────────────────────────────────────────────────────────────────────────

    def on_ready(self) -> None:
        """After the first paint: open the store, and report the problems of the keymap file."""
        self.open_reader()
        self._leave_on_signals()
        self.show_opening_notice()
        self.set_interval(IDLE_S, self._collect_garbage)
        self.set_interval(AGE_INTERVAL_S, self.watch_sync_status)
        self.note_activity()
        self.set_interval(IDLE_CHECK_S, self.lock_when_idle)
        self.follow_reminders()
        problems = self._keymap_file.problems if self._keymap_file else ()
        if problems:
            message = "\n".join(problem.message() for problem in problems)
            self.notify(message, title=_("keys.toml"), severity="warning", timeout=30, markup=False)

    def _leave_on_signals(self) -> None:
        """Where the terminal goes away (a closed window, a lost SSH line) or the machine shuts down, leave as if by
        the key: forms keep their drafts first."""
        loop = asyncio.get_running_loop()
        for name in ("SIGHUP", "SIGTERM"):
            if hasattr(signal, name):  # not on Windows; nor in a thread, as tests and textual-serve may have it
                with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                    loop.add_signal_handler(getattr(signal, name), self.call_later, self.leave)

    @work(thread=True, exclusive=True, group="open")
    def open_reader(self) -> None:
        """Open the store in a thread, and post the outcome."""
        try:
            from tui.data.reader import Reader  # noqa: PLC0415 - the store is loaded after the first paint

            reader = Reader(self._open_store(), self._home, now_ms=self.now_ms)
            self.post_message(SyncStatusRead(reader.sync_status()))
            self.viewing.remove_leftovers()
        except Exception as error:
            self.post_message(StoreOpenFailed(to_guanjia_error(error, self._home)))
            return
        self.post_message(StoreOpened(reader))

    async def switch_home(self, home: Path | None = None) -> None:
        """Open the ledger that was made meanwhile, here or in another ``home``, without a new start."""
        if home is not None and self.open_at is not None:
            self._home, self._open_store = home, partial(self.open_at, home)
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        self.open_error = None
        if home is not None or self.reader is None:  # a home that is open already is followed already
            self.open_reader()

    def on_store_opened(self, message: StoreOpened) -> None:
        """Let the screens read, and watch for changes."""
        self.reader, self.open_error = message.reader, None
        for screen in self.all_screens():
            screen.post_message(LedgerChanged())
        self.follow_changes(message.reader)
        if self.keeps_place:
            self.look_for_place(message.reader)
        if self.preloads:
            self.preload()
        self.sync_after_opening()

    @work(thread=True, exclusive=True, group="warm")
    def preload(self) -> None:
        """Load what is opened most, once the first list is on the screen."""
        if not self._stop_event.wait(PRELOAD_DELAY_S):
            from tui.app.preload import preload_steps  # noqa: PLC0415 - not before the first paint

            for load_styles in preload_steps(self._stop_event):
                self.post_message(StyleLoaderReady(load_styles))
            for callback in self.preload_callbacks:
                callback()

    def _collect_garbage(self) -> None:
        if time.monotonic() - self._last_key_at > IDLE_S:
            collect_full()

    def on_style_loader_ready(self, message: StyleLoaderReady) -> None:
        """Read one style sheet before it is needed."""
        message.load_styles(self.stylesheet)

    def on_store_open_failed(self, message: StoreOpenFailed) -> None:
        """Show the welcome screen with the error, instead of an empty screen; of a PIN ask for it."""
        self.open_error = message.error
        if message.error.code == LedgerLocked.code:
            self.call_later(self.lock)
        else:
            self.push_screen(make_screen("welcome"))

    def open_unlocked(self) -> None:
        """After the PIN: open the ledger, where that was what it was asked for."""
        if self.reader is None:
            self.open_error = None
            self.open_reader()

    # ── following ───────────────────────────────────────────────────────────────────────────────────────────────

    @work(thread=True, exclusive=True, group="follow")
    def follow_changes(self, reader: Reader) -> None:
        """Watch the ledger until the app ends; each commit of anybody is one message. An error (a home whose disk is
        gone) is shown once, and watching is tried again."""
        told = ""
        while not self._stop_event.wait(FOLLOW_RETRY_S if told else 0):
            try:
                for status, progress in reader.changes(self._stop_event, PRELOAD_DELAY_S):
                    self.post_message(RoundProgressed(progress))
                    if status is not None:
                        self.post_message(SyncStatusRead(status))
                        self.post_message(LedgerChanged())
            except Exception as error:
                if told != (told := repr(error)):
                    self.post_message(ExceptionRaised(error))
                reader.forget_connection()

    def on_round_progressed(self, message: RoundProgressed) -> None:
        """Show the progress of a round of any process."""
        self.round = message.progress

    def on_sync_status_read(self, message: SyncStatusRead) -> None:
        """Show the sync status on every screen; the actions offered follow the roles."""
        before, self.sync_status = self.sync_status, message.status
        self.sync_after_saving(before, message.status)
        if before is None or before.roles != message.status.roles:
            self.screen.refresh_bindings()

    def watch_sync_status(self) -> None:
        """The sync status or a round has changed: redraw the bars of the visible screens; others do so when they are
        shown."""
        for screen in self.visible_screens():
            for bar in screen.query("TopBar, KeyBar"):
                bar.refresh()

    watch_syncing = watch_round = watch_sync_status

    def has_role(self, role: str) -> bool:
        """Whether this person holds a role; true for every role where none is known."""
        held = self.sync_status.roles if self.sync_status else ()
        return not held or role in held

    def on_ledger_changed(self, _message: LedgerChanged) -> None:
        """Tell every screen; those that are not visible read again when they are shown."""
        for screen in self.all_screens():
            screen.post_message(LedgerChanged())

    def on_error_reported(self, message: ErrorReported) -> None:
        """Show an error in three sentences."""
        self.show_error(message.error)

    def on_toast_requested(self, message: ToastRequested) -> None:
        """Show a message from a thread."""
        self.show_message(message.text)

    def on_exception_raised(self, message: ExceptionRaised) -> None:
        """Show an exception, translated to an error."""
        self.show_error(to_guanjia_error(message.error, self._home))

    def show_error(self, error: GuanjiaError) -> None:
        """Show an error until it is dismissed by escape or a click, so that it is not missed."""
        sentences = error_text(error)
        self._error_shown = True
        self.remove_messages(keep_errors=False)
        message = "\n".join((sentences.data, sentences.remedy, _("Esc sends this away.")))
        self.notify(message, title=sentences.what, severity="error", timeout=ERROR_TIMEOUT_S, markup=False)

    # ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def on_event(self, event: events.Event) -> None:
        """Carry out a key's action before the next key is handled, so that keys typed ahead (``/`` and a name) reach
        the screen that the first key opens. Textual would send them all to the old one."""
        if isinstance(event, events.InputEvent):
            self.note_activity()
            self.raise_lock()
        if isinstance(event, events.Key) and not event.is_forwarded:
            self._last_key_at = time.monotonic()
            event = event if self.is_typed(event) else half_width(event)
            self.forget_undo_question(event.key)
        if not (isinstance(event, events.Key) and not event.is_forwarded and await self._run_key_command(event)):
            await super().on_event(event)

    def _dismiss_error(self, event: events.Key) -> bool:
        """Whether the key was escape while an error is shown: the error is dismissed, and nothing else happens."""
        if event.key != "escape" or not self._error_shown:
            return False
        self._error_shown = False
        self.clear_notifications()
        return True

    async def _run_key_command(self, event: events.Key) -> bool:
        """Whether the key was a command: not consumed by the focused field, and bound."""
        if self._dismiss_error(event):
            return True
        focused = self.focused
        if focused is not None and focused.check_consume_key(event.key, event.character):
            return False
        await self._flush_typed_keys(focused)
        return await self._check_bindings(event.key, priority=True) or await self._check_bindings(event.key)

    async def _flush_typed_keys(self, focused: Widget | None) -> None:
        """Let the focused widget handle the keys typed before a command: text and ctrl+s typed in one go save all of
        the text. Waits for at most `KEY_FLUSH_TIMEOUT_S`."""
        done = asyncio.Event()
        if focused is not None and focused.call_later(done.set):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), KEY_FLUSH_TIMEOUT_S)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In a form only actions that do not leave it; before the ledger is open none that needs it."""
        scope = getattr(self.screen, "key_scope", "") if self.screen_stack else ""
        if scope == FORM_SCOPE and action in _NAVIGATION_ACTIONS:
            return False
        if self.open_error is not None and action in (_NAVIGATION_ACTIONS | {"sync_now"}) - _ACTIONS_WITHOUT_STORE:
            return False
        if (
            action in _REQUIRED_PERMISSIONS
            and self.sync_status is not None
            and not self.sync_status.may_write(*_REQUIRED_PERMISSIONS[action])
        ):
            return False
        if action == scope and action in ("lookup", "settings", "address_book"):
            return False
        if action == "meeting_mode" and any(getattr(one, "key_scope", "") == action for one in self.screen_stack):
            return False
        return super().check_action(action, parameters)

    # ── places ──────────────────────────────────────────────────────────────────────────────────────────────────

    def open_screen(self, name: str, *arguments: object) -> AwaitMount:
        """Show a screen on top of the present one. Awaited by actions, so that the keys typed next reach it."""
        return self.push_screen(self.screen_for(name, *arguments))

    def screen_for(self, name: str, *arguments: object) -> Screen[object]:
        """A screen to be shown, new or cached (``tui/app/screen_cache.py``)."""
        return self.screen_cache.get(name, *arguments)

    async def action_show_today(self) -> None:
        """What needs the person now."""
        await self._go_to("today")

    async def action_show_projects(self) -> None:
        """The projects."""
        await self._go_to("projects")

    async def action_show_issues(self) -> None:
        """The issue ledger."""
        await self._go_to("issues")

    async def action_show_sync(self) -> None:
        """What is unsent, refused and agreed."""
        await self._go_to("sync")

    async def action_show_registers(self) -> None:
        """Every other register."""
        await self._go_to("registers")

    async def action_show_summary(self) -> None:
        """Figures and charts of a period."""
        await self._go_to("summary")

    async def _go_to(self, place: str) -> None:
        """Show a place; from a page that was opened in it, by closing what lies upon it. A meeting goes on."""
        if self.current_mode != place:
            await self.switch_mode(place)
            return
        while len(self.screen_stack) > 1 and getattr(self.screen, "key_scope", "") not in (FORM_SCOPE, "meeting_mode"):
            await self.pop_screen()

    async def action_lookup(self) -> None:
        """Look something up."""
        await self.open_screen("lookup")

    async def action_meeting_mode(self) -> None:
        """Hold a meeting, or go on with the one that was broken off."""
        meeting = make_screen("meeting_mode")
        await self.push_screen(meeting)
        if isinstance(meeting, ScreenWithSetup):
            await meeting.ask_for_setup()

    async def action_address_book(self) -> None:
        """People and units."""
        await self.open_screen("address_book")

    async def action_settings(self) -> None:
        """The settings."""
        await self.open_screen("settings")

    async def action_help(self) -> None:
        """What can be done on this screen."""
        await self.open_screen("help", self.screen)

    async def action_palette(self) -> None:
        """Everything that can be done here."""
        await self.open_screen("palette", self.screen)

    async def action_jump(self) -> None:
        """A label on every control; the key typed next goes to it."""
        await self.open_screen("jump", self.screen)

    async def action_log_visit(self) -> None:
        """Log a visit, to the project in view where there is one."""
        await self.open_screen("visit_form", None, getattr(self.screen, "project_in_view", None))

    async def action_record_issue(self) -> None:
        """Record an issue, of the project in view where there is one."""
        await self.open_screen("issue_form", None, getattr(self.screen, "project_in_view", None))

    # ── leaving ─────────────────────────────────────────────────────────────────────────────────────────────────

    def on_unmount(self) -> None:
        """However the app ends, the thread that follows the ledger ends with it, and no decrypted copy stays."""
        self._stop_event.set()
        self.viewing.empty()

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        """A picture of the screen as SVG, Chinese in its right width."""
        from tui.app.svg import fix_wide_text  # noqa: PLC0415 - only a screenshot waits for it

        return fix_wide_text(super().export_screenshot(title=title or " ", simplify=simplify))

    def action_help_quit(self) -> None:
        """ctrl+c copies and never ends the program; show the key that does."""
        self.show_message(_("To leave, press {key}.").format(key="^Q"))

    async def action_quit(self) -> None:
        """Quit, by the key. Forms save their drafts; a form whose draft cannot be saved is not left."""
        if await self.leave():
            self.forget_place()

    async def leave(self) -> bool:
        """Leave, with the place noted to come back to (`tui.app.last_place`); gives whether the screens close."""
        forms = [screen for screen in self.all_screens() if isinstance(screen, DraftScreen)]
        for form in forms:
            form.keep_draft()
        if writing := [worker for worker in self.workers if worker.group == WRITE_GROUP]:
            await self.workers.wait_for_complete(writing)
        for form in forms:
            await form.wait_for_draft_save()
        if any(form.has_unsaved_draft for form in forms):
            self.show_message(
                _("A form holds text that cannot be kept now: save it, or throw it away with ^D."), warning=True
            )
            return False
        self._stop_event.set()
        self.exit()
        return True

    async def on_terminal_closed(self, _message: TerminalClosed) -> None:
        """Leave as if by the key, and also where a draft cannot be kept: nobody is there to be asked."""
        await self.leave()
        self.exit()
