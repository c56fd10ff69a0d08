"""The lock screen: it hides everything, keeps what is typed, and its PIN is set in a form."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from store.home.credentials import Credentials, FileVault, open_credentials
from store.home.paths import Home
from store.home.pin_lock import UNLOCKED, ArgonCost, PinLock
from store.writer.upgrade import open_store
from tests.tui.driving import drive, key_event, make_app, press, screen_text, settled, type_text, until
from tests.tui.sample import KEY
from tui.app.app import GuanjiaApp
from tui.data.subprocess import run_command
from tui.i18n import translate
from tui.screens.issue_form import IssueForm
from tui.screens.lock import LockScreen, PinForm
from tui.screens.setup import SetupForm
from tui.widgets.fields import FormField

PIN = "135790"
READ_KEY = """
import json, os, sys
print(json.dumps([sys.stdin.readline().strip() if os.environ.get("GUANJIA_UNLOCK_FD") else "", sys.stdin.read()]))
"""


def home_with_pin(home: Path) -> Home:
    """The sample's home, with a PIN from now on."""
    kept = Home(home)
    vault = FileVault(kept.credentials)
    vault.set("key", KEY.hex())
    Credentials(kept, vault, pin=PinLock(kept, cost=ArgonCost(1, 128, 1))).set_pin(PIN, keeps_unattended=False)
    UNLOCKED.drop(kept)
    return kept


@pytest.fixture
def locked(home: Path) -> Iterator[Home]:
    """The sample's home with a PIN."""
    kept = home_with_pin(home)
    yield kept
    UNLOCKED.drop(kept)


def app_of(home: Home) -> GuanjiaApp:
    """The app as the command line makes it: its key is that of the home."""
    app = make_app(home.path)
    app._open_store = lambda: open_store(home.database, open_credentials(home, "auto", environ={}).key())
    return app


def handed_key(home: Home) -> object:
    """The key that a child process of the screens gets, by the one way that every system has: standard input. What is
    typed for the command comes behind it."""
    value = run_command((sys.executable, "-c", READ_KEY), home.path, typed="code").value
    assert isinstance(value, list) and value[1] == "code"
    return value[0]


async def type_ahead(pilot: Pilot[None], *keys: str) -> None:
    """Keys that come faster than the app answers."""
    for key in keys:
        pilot.app.post_message(key_event(key))
    await settled(pilot)


async def open_with_pin(pilot: Pilot[None], app: GuanjiaApp) -> None:
    """The app opens locked; a wrong PIN is told, the right one opens the ledger."""
    assert isinstance(app.screen, LockScreen)
    await type_ahead(pilot, *"999999", "enter")
    assert "PIN 码不对" in screen_text(pilot)
    assert app.reader is None
    await type_ahead(pilot, *PIN, "enter")
    await until(pilot, lambda: app.reader is not None)
    await settled(pilot)
    assert "3 条未上报" in screen_text(pilot)


def test_it_hides_everything_and_keeps_what_is_typed(locked: Home) -> None:
    """With a PIN the screens open locked. Locked by a key or by idleness, neither contents nor messages nor what opens
    meanwhile can be seen or reached; keys typed ahead of the PIN's enter reach the form, which is as it was."""

    async def script(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, GuanjiaApp)
        await open_with_pin(pilot, app)
        assert handed_key(locked) == KEY.hex()
        await press(pilot, "i")
        await type_text(pilot, "秘密的事")
        assert "秘密" in screen_text(pilot)
        await press(pilot, "ctrl+backslash")
        app.show_message("秘密的消息")
        await app.open_screen("help", app.screen)
        await settled(pilot)
        await type_ahead(pilot, "q", "2", "escape")
        assert isinstance(app.screen, LockScreen)
        assert not any(word in screen_text(pilot) for word in ("秘密", "北山", "乙卫东", "未上报"))
        assert app.screen.query_one(Input).value == "q2"
        assert handed_key(locked) == ""
        await type_ahead(pilot, "backspace", "backspace", *PIN, "enter", "escape", "x")
        await until(pilot, lambda: not app.is_locked)
        await settled(pilot)
        form = app.screen
        assert isinstance(form, IssueForm)
        assert str(form.query_one("#field-title", FormField).value) == "秘密的事x"
        app.lock_if_idle(599)
        await settled(pilot)
        assert app.screen is form
        app.lock_if_idle(600)
        await settled(pilot)
        assert isinstance(app.screen, LockScreen)
        translate.set_language("en")
        await type_ahead(pilot, *"１３５７９０", "enter")
        await until(pilot, lambda: not app.is_locked)
        await settled(pilot)
        assert app.screen is form

    drive(app_of(locked), script)


def test_what_keeps_the_pin_from_being_tried_is_told_on_the_lock(locked: Home) -> None:
    """Something stands where the wrong PINs are counted: the lock says it in words, stays, and goes on."""
    tries = locked.path / "pin.tries"
    tries.unlink(missing_ok=True)
    tries.mkdir()

    async def script(pilot: Pilot[None]) -> None:
        await type_ahead(pilot, *PIN, "enter")
        shown = screen_text(pilot)
        assert isinstance(pilot.app.screen, LockScreen)
        assert "Traceback" not in shown and "PIN 码不对" not in shown
        assert pilot.app.screen.query_one("#said").has_class("-bad")
        tries.rmdir()
        await type_ahead(pilot, *PIN, "enter")
        await until(pilot, lambda: not isinstance(pilot.app.screen, LockScreen))

    drive(app_of(locked), script)


def test_the_form_sets_and_removes_the_pin(home: Path) -> None:
    """Two PINs that differ and a weak one are refused in the form; one that is set can be tried at once by the lock
    key, and is removed by leaving it empty. Nothing typed there is kept."""
    kept = Home(home)
    FileVault(kept.credentials).set("key", KEY.hex())

    async def fill(pilot: Pilot[None], **values: str) -> None:
        for name, value in values.items():
            pilot.app.screen.query_one(f"#field-{name}", FormField).put(value)
        await press(pilot, "ctrl+s")

    async def script(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, GuanjiaApp)
        await press(pilot, "L")
        assert not app.is_locked
        await press(pilot, "comma", "p")
        assert isinstance(app.screen, PinForm)
        await fill(pilot, pin=PIN, again="x")
        assert "不一致" in screen_text(pilot)
        await fill(pilot, pin="123", again="123")
        assert "6 至 64" in screen_text(pilot)
        await fill(pilot, pin=PIN, again=PIN)
        await until(pilot, lambda: not isinstance(app.screen, SetupForm))
        assert PinLock(kept).is_set
        assert PIN not in json.dumps(app.pending_drafts)
        await press(pilot, "L")
        await type_ahead(pilot, *PIN, "enter")
        await until(pilot, lambda: not app.is_locked)
        await settled(pilot)
        await press(pilot, "p")
        await fill(pilot, present=PIN)
        await until(pilot, lambda: not isinstance(app.screen, SetupForm))
        assert not PinLock(kept).is_set

    drive(make_app(home), script)
    assert open_credentials(kept, "auto", environ={}).key() == KEY
