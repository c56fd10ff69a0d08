"""Whoever types ahead loses nothing: a command means all that was typed before it, however fast it came."""

from __future__ import annotations

from pathlib import Path

from textual.events import Key
from textual.pilot import Pilot

from store.queries import visits
from tests.tui.driving import drive, make_app, press, settled, until
from tests.tui.offices import store_of
from tui.screens.form import Form

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
