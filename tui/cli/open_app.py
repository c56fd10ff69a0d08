"""``guanjia`` without a command: opens the screens. No other module of the command line loads Textual."""

from __future__ import annotations

import gc
import io
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from store.home.paths import Home, resolve_home
from store.home.settings import load_settings, save_setting
from store.ledger.hlc import system_clock_ms
from tui.app.app import GuanjiaApp
from tui.app.garbage import freeze_loaded_objects
from tui.app.navigation import MODE_SCREENS
from tui.cli.errors import OK, BadUsage
from tui.cli.options import is_console_without_chinese
from tui.i18n.translate import _, current_language, ngettext
from tui.keys.keymap import read_keymap

if TYPE_CHECKING:
    from store.db.database import Database
    from tui.data.sync_status import SyncStatus

COMMAND = (sys.executable, "-m", "tui.cli.main")
"""The command line of this program, which the screens run as a child process."""
SWITCH_INTERVAL_S = 0.0005
"""The interpreter's thread switch interval while the screens are open. A reading thread releases the interpreter at
each row; while the screen draws, it would get it back only after the default 5 ms."""


def has_terminal() -> bool:
    """Whether the screens can be shown: they are drawn on stderr and read keys from stdin, unless a server that shows
    them elsewhere, such as textual-serve, has named its own driver."""
    return bool(os.environ.get("TEXTUAL_DRIVER")) or all(
        stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)
    )


def prepare_terminal_streams() -> None:
    """Draw in UTF-8, whatever the locale is called (zh_CN.GB18030, C): keys are read in it, and no Chinese terminal of
    today uses another."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def save_where_home_is(home: Path, name: str, value: str) -> None:
    """Save a setting in a home; before there is one, there is nothing to keep it in."""
    if home.is_dir():
        save_setting(Home(home), name, value)


def say_unsent(status: SyncStatus | None) -> None:
    """Say in the terminal that is left what has not been sent and where it is."""
    if status is not None and status.central and status.unsent:
        text = ngettext(
            "{n} line has not been sent yet. It is kept here; “guanjia sync”, or the next round, sends it.",
            "{n} lines have not been sent yet. They are kept here; “guanjia sync”, or the next round, sends them.",
            status.unsent,
        )
        print(text.format(n=status.unsent), file=sys.stderr)


def open_screens(home_option: str | os.PathLike[str] | None) -> int:
    """Show the screens until the person leaves; gives the exit code. The store is opened behind the first paint."""
    if not has_terminal():
        raise BadUsage(detail=_("The screens need a terminal."), command="guanjia")
    home = resolve_home(os.fspath(home_option) if home_option else None)
    settings = load_settings(home)

    def open_at(path: Path) -> Database:
        if not gc.isenabled():  # the first paint is done
            freeze_loaded_objects()
        from tui.cli.session import open_session  # in a thread, behind the first paint

        return open_session(path, asks=False).database

    def wall() -> int:
        return system_clock_ms() + settings.test_clock_offset_ms

    app = GuanjiaApp(
        partial(open_at, home.path),
        home.path,
        sync=(*COMMAND, "sync", "--json"),
        theme=None if settings.theme == "auto" else settings.theme,
        now_ms=wall,
        save_setting=lambda name, value: save_where_home_is(app.home, name, value),
        start_mode=settings.start if settings.start in MODE_SCREENS else MODE_SCREENS[0],
        keymap=read_keymap(home.keymap),
    )
    app.program_command, app.open_at, app.auto_sync = COMMAND, open_at, settings.auto_sync
    app.keeps_place = True
    app.preload_callbacks.append(freeze_loaded_objects)
    if is_console_without_chinese() and current_language() == "en":
        app.opening_notice = _(
            "This console has no Chinese characters: names appear as blocks, and guanjia speaks English here. For "
            "Chinese use a terminal of the desktop or SSH, or install fbterm or kmscon and run “fbterm guanjia”. If "
            "you can read this: 中文, run “guanjia --lang zh”."
        )
    return run_app(app, mouse=settings.mouse)


def run_app(app: GuanjiaApp, *, mouse: bool = True) -> int:
    """Run the app until the person leaves; gives the exit code. ``mouse``: the app takes it, or the terminal selects
    text with it. Raises the error that ended the app, where one did."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    prepare_terminal_streams()
    app.log_thread_errors()
    try:
        app.run(mouse=mouse)
    finally:
        for end in app.exit_callbacks:
            end()
    if app.fatal_error is not None:
        raise app.fatal_error
    say_unsent(app.sync_status)
    return app.return_code or OK
