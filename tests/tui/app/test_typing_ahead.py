"""Typing ahead loses nothing: a command applies to all that was typed before it, however fast it came."""

from __future__ import annotations

from pathlib import Path

from textual.events import Key
from textual.pilot import Pilot

from store.queries import visits
from tests.tui.driving import drive, make_app, press, settled, type_text, until
from tests.tui.role_samples import store_of
from tui.screens.form import Form
from tui.screens.help import HelpScreen
from tui.screens.projects import ProjectsScreen

SEEN = "设备已进场，供电仍未接通，施工单位要求三日内答复。" * 4


def test_a_text_and_the_key_that_saves_it_in_one_burst(home: Path) -> None:
    """A hundred characters and ctrl+s behind them without a pause: the whole text is saved."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        for character in SEEN:
            pilot.app.post_message(Key(character, character))
        pilot.app.post_message(Key("ctrl+s", None))
        await settled(pilot)
        await until(pilot, lambda: not isinstance(pilot.app.screen, Form))

    drive(make_app(home), script)
    assert visits.visits(store_of(home).connection(), limit=1)[0].text == SEEN


def test_two_enters_in_one_burst_choose_once(home: Path) -> None:
    """A second enter right behind the one that chooses in a menu closes nothing else and does nothing twice."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "ctrl+k")
        await type_text(pilot, "next_theme")
        for _again in range(2):
            pilot.app.post_message(Key("enter", "\r"))
        await settled(pilot)
        await until(pilot, lambda: isinstance(pilot.app.screen, ProjectsScreen))

    drive(make_app(home), script)


def test_a_form_that_is_saved_below_another_screen_closes_when_it_is_in_front(home: Path) -> None:
    """The help opened while a form is being saved stays open; when it is left, the form has closed."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        await type_text(pilot, SEEN)
        await pilot.press("ctrl+s", "f12")
        await settled(pilot)
        assert isinstance(pilot.app.screen, (HelpScreen, ProjectsScreen))
        await press(pilot, "escape")
        await until(pilot, lambda: len(pilot.app.screen_stack) == 1)

    app = make_app(home)
    drive(app, script)
    assert visits.visits(store_of(home).connection(), limit=1)[0].text == SEEN
