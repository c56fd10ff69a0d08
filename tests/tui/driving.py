"""Driving the real app in a test: keys in, what is on the screen out."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual._context import visible_screen_stack
from textual.events import Key
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget

from store.writer.upgrade import open_store
from tests.tui.idle import IdleEventLoop, run_in_idle_loop
from tests.tui.sample import KEY, NOON_MS
from tui.app.app import GuanjiaApp
from tui.screens.filters import IssueFilterValues
from tui.screens.issues import IssuesScreen

_NAMES = {" ": "space", "\n": "enter", "/": "slash"}
Script = Callable[[Pilot[None]], Awaitable[None]]
PATIENCE_S = 120.0
FRAME_S, LAYOUT_FRAMES = 1 / 60, 60
"""A frame, and how many of them may pass before everything is laid out."""
_draw = Screen._compositor_refresh


def make_app(home: Path, *, theme: str = "dark", sync: tuple[str, ...] = (), start: str = "projects") -> GuanjiaApp:
    """The app on a home of the sample, its clock standing at the sample's noon; ``start`` is where it opens. It loads
    each screen when it is first opened, as most tests open few."""
    path = home / "ledger.db"
    app = GuanjiaApp(
        lambda: open_store(path, KEY), home, theme=theme, now_ms=lambda: NOON_MS, sync=sync, start_mode=start
    )
    app.preloads = False
    return app


def drive(app: GuanjiaApp, script: Script, size: tuple[int, int] = (80, 24), *, notifications: bool = True) -> None:
    """Run the app without a terminal, through ``script``; it begins when the ledger is on the screen. The screen is
    drawn when the app has come to rest: what is drawn in between nobody sees."""

    async def run() -> None:
        async with app.run_test(size=size, notifications=notifications) as pilot:
            await settled(pilot)
            await script(pilot)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Screen, "_compositor_refresh", _draw_later)
        run_in_idle_loop(run())  # waits for all threads: nobody reads any more when the store is closed
    if app.reader is not None:
        app.reader.database.close()


def _draw_later(screen: Screen[object]) -> None:
    """Leave what is to be drawn of the screen in front for `settled`, in the compositor's account of it."""
    if screen is screen.app.screen:
        screen._dirty_widgets.clear()
    else:
        _draw(screen)


async def settled(pilot: Pilot[None]) -> None:
    """Wait until the ledger is open, or known not to open, and what has been done has caused all that it causes: no
    question is unanswered, no message unread, nothing still to be painted."""
    app, loop = pilot.app, asyncio.get_running_loop()
    assert isinstance(app, GuanjiaApp)
    assert isinstance(loop, IdleEventLoop)

    def is_left() -> bool:
        return app._exit

    def is_quiet() -> bool:
        if not app.animator._complete_event.is_set():
            return False
        is_known = app.reader is not None or app.open_error is not None
        return is_known and all(worker.is_finished or worker.group in ("follow", "warm") for worker in app.workers)

    async def rest() -> None:
        """Wait, paint what waits for the next frame, and wait again: painting may lead to a question."""
        await loop.until_idle(is_quiet, is_left)
        if not app._exit:
            app.screen._on_timer_update()
            if app.screen._compositor._dirty_regions:
                _draw(app.screen)
            await loop.until_idle(is_quiet, is_left)

    try:
        async with asyncio.timeout(PATIENCE_S):
            await rest()
            for _frame in range(LAYOUT_FRAMES):
                if app._exit or not _awaits_layout(app):
                    break
                await asyncio.sleep(FRAME_S)
                await rest()
    except TimeoutError:
        raise AssertionError("never came to rest:\n" + screen_text(pilot)) from None


def _awaits_layout(app: GuanjiaApp) -> bool:
    """Whether a part of the screen has changed its size and is not laid out again yet, or is not painted yet. What has
    no place on the screen waits for its painting until it has one."""
    parts = [part for part in (app.screen, *app.screen.walk_children()) if isinstance(part, Widget)]
    return any(part._layout_required or (part._repaint_required and part.region.area) for part in parts)


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    """Wait until ``condition`` holds; fail if it never does."""
    for _attempt in range(int(PATIENCE_S / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"never came true: {condition}\n" + screen_text(pilot))


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys; after each one wait until what it causes has happened. Keys that come faster than the app answers are
    ``test_typing_ahead.py``'s."""
    for key in keys:
        pilot.app.post_message(key_event(key))
        await settled(pilot)


def key_event(key: str) -> Key:
    """The key of that name, with the character that a terminal sends along with it."""
    name = _character_to_key(key) if len(key) == 1 and not key.isalnum() else key
    try:
        return Key(name, unicodedata.lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(name, name))))
    except KeyError:
        return Key(name, name if len(name) == 1 else None)


async def type_text(pilot: Pilot[None], text: str) -> None:
    """Type characters, Chinese ones too, as a terminal sends them."""
    for character in text:
        pilot.app.post_message(Key(_NAMES.get(character, character), character))
    await settled(pilot)


def screen_lines(pilot: Pilot[None]) -> list[str]:
    """What is on the screen, line by line. A panel draws what lies below it only where that is named, as the app names
    it for each paint; else a panel that was changed after its last paint would stand on nothing."""
    visible_screen_stack.set(pilot.app._background_screens)
    strips = pilot.app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in strips]


def screen_text(pilot: Pilot[None]) -> str:
    """What is on the screen."""
    return "\n".join(screen_lines(pilot))


async def newest_first(pilot: Pilot[None]) -> None:
    """Open the issue ledger in the order in which its issues were recorded, the newest first."""
    await press(pilot, "3")
    screen = pilot.app.screen
    assert isinstance(screen, IssuesScreen)
    screen.apply(IssueFilterValues(order="newest"))
    await settled(pilot)
