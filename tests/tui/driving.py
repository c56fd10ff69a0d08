"""Driving the real app in a test: keys in, what is on the screen out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.events import Key
from textual.pilot import Pilot

from store.writer.upgrade import open_store
from tests.tui.sample import KEY, NOON_MS
from tui.app.app import GuanjiaApp

_NAMES = {" ": "space", "\n": "enter", "/": "slash"}
Script = Callable[[Pilot[None]], Awaitable[None]]
PATIENCE_S = 20.0


def make_app(home: Path, *, theme: str = "dark", sync: tuple[str, ...] = (), start: str = "projects") -> GuanjiaApp:
    """The app on a home of the sample, its clock standing at the sample's noon; ``start`` is where it opens."""
    path = home / "ledger.db"
    return GuanjiaApp(
        lambda: open_store(path, KEY), home, theme=theme, now_ms=lambda: NOON_MS, sync=sync, start_mode=start
    )


def drive(app: GuanjiaApp, script: Script, size: tuple[int, int] = (80, 24)) -> None:
    """Run the app without a terminal, through ``script``; it begins when the ledger is on the screen."""

    async def run() -> None:
        async with app.run_test(size=size, notifications=True) as pilot:
            await settled(pilot)
            await script(pilot)

    asyncio.run(run())  # waits for all threads: nobody reads any more when the store is closed
    if app.reader is not None:
        app.reader.database.close()


async def settled(pilot: Pilot[None]) -> None:
    """Wait until the ledger is open, or known not to open, and every question to it has been answered."""
    app = pilot.app
    assert isinstance(app, GuanjiaApp)
    await until(pilot, lambda: app.reader is not None or app.open_error is not None)
    for _again in range(3):  # an answer may lead to a further question: a list, then the preview of its first line
        await until(
            pilot, lambda: all(worker.is_finished or worker.group in ("follow", "warm") for worker in app.workers)
        )
        await pilot.pause()


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    """Wait until ``condition`` holds; fail if it never does."""
    for _attempt in range(int(PATIENCE_S / 0.02)):
        if condition():
            return
        await pilot.pause(0.02)
    raise AssertionError(f"never came true: {condition}\n" + screen_text(pilot))


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys; after each one wait until what it causes has happened. Keys that come faster than the app answers are
    ``test_typing_ahead.py``'s."""
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


async def type_text(pilot: Pilot[None], text: str) -> None:
    """Type characters, Chinese ones too, as a terminal sends them."""
    for character in text:
        pilot.app.post_message(Key(_NAMES.get(character, character), character))
    await settled(pilot)


def screen_lines(pilot: Pilot[None]) -> list[str]:
    """What is on the screen, line by line."""
    strips = pilot.app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in strips]


def screen_text(pilot: Pilot[None]) -> str:
    """What is on the screen."""
    return "\n".join(screen_lines(pilot))
