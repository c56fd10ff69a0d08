"""The screen cache: the same screen, with nothing on it of what was shown before; and when it is painted."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
import weakref
from pathlib import Path
from typing import Any

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, Label

from tests.tui.driving import drive, make_app, press, screen_text, settled, type_text, until
from tests.tui.sample import issue_id
from tui.app.garbage import MIDDLE_THRESHOLD, OLD_THRESHOLD, YOUNG_THRESHOLD, collect_full, freeze_loaded_objects
from tui.i18n import translate
from tui.screens.issue import IssueScreen
from tui.screens.lookup import LookupScreen
from tui.widgets.fields import FormField, values_of
from tui.widgets.paint_batching import PaintBatchingApp


def test_an_issue_is_opened_again_on_the_screen_that_is_kept(home: Path) -> None:
    """Another issue is shown on the same screen, from its top, without a word of the first one."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "enter")
        first, told = pilot.app.screen, screen_text(pilot)
        await press(pilot, "escape", "down", "enter")
        assert isinstance(first, IssueScreen)
        assert pilot.app.screen is first
        assert screen_text(pilot) != told
        assert first.focused is not None
        fresh = IssueScreen(first.issue_id)
        again = screen_text(pilot)
        await pilot.app.push_screen(fresh)
        await settled(pilot)
        assert screen_text(pilot) == again

    drive(make_app(home, start="issues"), script, (120, 40))


def test_an_issue_over_another_one_is_a_screen_of_its_own(home: Path) -> None:
    """The cached screen that is open stays unchanged below; back leads to it."""

    async def script(pilot: Pilot[None]) -> None:
        app: Any = pilot.app
        await app.open_screen("issue", issue_id(4))
        await settled(pilot)
        first, told = app.screen, screen_text(pilot)
        await app.open_screen("issue", issue_id(5))
        await settled(pilot)
        assert app.screen is not first
        await press(pilot, "escape")
        assert app.screen is first
        assert screen_text(pilot) == told

    drive(make_app(home, start="issues"), script)


def test_the_lookup_begins_empty_each_time(home: Path) -> None:
    """What was typed and found last is gone when the lookup is opened again, and its input has the focus."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "slash")
        empty = screen_text(pilot)
        await type_text(pilot, "gd")
        first = pilot.app.screen
        assert isinstance(first, LookupScreen)
        await press(pilot, "escape", "slash")
        assert pilot.app.screen is first
        assert first.query_one(Input).value == ""
        assert screen_text(pilot) == empty
        await type_text(pilot, "x")
        assert first.query_one(Input).value == "x"

    drive(make_app(home), script)


def test_the_filter_shows_what_is_chosen_now(home: Path) -> None:
    """A filter that was left by escape is not what the panel shows the next time."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "f")
        panel = pilot.app.screen
        chosen = values_of(panel.query(FormField))
        await press(pilot, "right", "down", "right")
        assert values_of(panel.query(FormField)) != chosen
        await press(pilot, "escape", "f")
        assert pilot.app.screen is panel
        assert values_of(panel.query(FormField)) == chosen

    drive(make_app(home, start="issues"), script)


def test_another_language_makes_the_screens_anew(home: Path) -> None:
    """What was cached in Chinese is not shown in English."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "slash")
        first = pilot.app.screen
        await press(pilot, "escape")
        app: Any = pilot.app
        app.apply_language("en")
        await settled(pilot)
        await press(pilot, "slash")
        assert pilot.app.screen is not first
        assert not first.is_attached

    try:
        drive(make_app(home), script)
    finally:
        translate.set_language("zh")


def test_a_burst_of_language_and_lookup_speaks_one_language(home: Path) -> None:
    """The language changed and the cached lookup opened in one go: it is shown in that language, then and later."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "slash")
        await press(pilot, "escape")
        app: Any = pilot.app
        app.apply_language("en")
        await app.open_screen("lookup")
        await settled(pilot)
        assert app.screen.query_one(Input).placeholder.startswith("characters")

    try:
        drive(make_app(home), script)
    finally:
        translate.set_language("zh")


def test_closing_twice_closes_once(home: Path) -> None:
    """A second enter in the same burst does not close the panel at its next opening."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "f")
        panel: Any = pilot.app.screen
        panel.action_apply()
        panel.action_apply()
        await settled(pilot)
        assert pilot.app.screen is not panel
        await press(pilot, "f")
        assert pilot.app.screen is panel

    drive(make_app(home, start="issues"), script)


def test_a_late_answer_is_not_taken_for_what_is_asked_now(home: Path) -> None:
    """The result about an issue that arrives when the screen shows another one is dropped."""

    async def script(pilot: Pilot[None]) -> None:
        app: Any = pilot.app
        screen: Any = app.screen_for("issue", issue_id(4))
        await app.push_screen(screen)
        await settled(pilot)
        taken: list[str] = []
        begun, answer = threading.Event(), threading.Event()

        def slowly(_reader: Any) -> str:
            begun.set()
            answer.wait(20)
            return "late"

        screen.read_in_thread(slowly, taken.append)
        await until(pilot, begun.is_set)
        answer.set()
        time.sleep(0.2)  # the answer is on its way, but nothing on the screen goes on meanwhile
        screen.reuse_for(issue_id(5))
        await settled(pilot)
        assert taken == []
        assert screen._story.detail.row.id == issue_id(5)

    drive(make_app(home, start="issues"), script)


def test_the_frame_tells_what_changed_while_it_was_not_in_view(home: Path) -> None:
    """A round that began and ended while another screen was in front leaves no word on the one below."""

    async def script(pilot: Pilot[None]) -> None:
        app: Any = pilot.app
        app.syncing = True
        await settled(pilot)
        syncing = screen_text(pilot)
        await press(pilot, "enter")
        app.syncing = False
        await press(pilot, "escape")
        assert screen_text(pilot).splitlines()[0] != syncing.splitlines()[0]

    drive(make_app(home, start="issues"), script)


def test_screens_that_were_closed_are_forgotten(home: Path) -> None:
    """A screen that is not cached is garbage once it has closed: nothing of the app refers to it."""
    closed: list[weakref.ref[Screen[Any]]] = []

    async def script(pilot: Pilot[None]) -> None:
        for _again in range(3):
            await press(pilot, "question_mark")
            closed.append(weakref.ref(pilot.app.screen))
            await press(pilot, "escape")
        gc.collect()
        assert [one for one in closed[:-1] if one() is not None] == []  # the last one may be in hand still

    drive(make_app(home), script)


class Slow(PaintBatchingApp):
    """An app on which a label waits."""

    def compose(self) -> ComposeResult:
        """An app with a label that waits for data."""
        yield Label("...")


@pytest.mark.parametrize("answered", [True, False])
def test_nothing_is_painted_until_the_data_are_there_or_patience_ends(answered: bool) -> None:
    """While data is awaited nothing is drawn; then everything, at once where the data has come."""

    async def run() -> None:
        app = Slow()
        async with app.run_test() as pilot:
            label = app.query_one(Label)
            app.hold_painting(label)
            assert app._batch_count == 1
            app.hold_painting(app.screen)
            app.release_painting(label)  # it is not waited for any more
            assert app._batch_count == 1
            if answered:
                app.release_painting(app.screen)
            else:
                await until(pilot, lambda: app._batch_count == 0)
            assert app._batch_count == 0
            app.release_painting(app.screen)
            assert app._batch_count == 0

    asyncio.run(run())


def test_garbage_is_searched_for_quickly_or_when_nobody_waits() -> None:
    """What is loaded is looked through no more; a full search is made where there is something, and only there."""
    before, counted = gc.get_threshold(), []

    def note(phase: str, told: dict[str, int]) -> None:
        if phase == "start" and told["generation"] == 2:
            counted.append(told)

    gc.callbacks.append(note)
    try:
        freeze_loaded_objects()
        assert gc.get_threshold() == (YOUNG_THRESHOLD, MIDDLE_THRESHOLD, OLD_THRESHOLD)
        assert gc.get_freeze_count() > 0
        gc.collect()
        counted.clear()
        collect_full()
        assert counted == []
        kept = [[] for _ in range(YOUNG_THRESHOLD * MIDDLE_THRESHOLD)]  # type: ignore[var-annotated]
        collect_full()
        assert len(counted) == 1
        assert kept
    finally:
        gc.callbacks.remove(note)
        gc.set_threshold(*before)
        gc.freeze()
