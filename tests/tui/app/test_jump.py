"""Jump labels: a character goes to any control in view, on screens, in forms and in panels."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import TextArea

from tests.tui.driving import drive, make_app, press, type_text
from tui.screens.jump import jump_targets


def test_a_digit_goes_to_the_control_with_that_label(home: Path) -> None:
    """In a form the label of the text focuses it, and what is typed next arrives there."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        form = pilot.app.screen
        place = next(n for n, one in enumerate(jump_targets(form), 1) if isinstance(one, TextArea))
        await press(pilot, "ctrl+o", "1", "ctrl+o")
        await type_text(pilot, "０１２３４５６７８９"[place])
        assert pilot.app.screen is form
        assert isinstance(form.focused, TextArea)
        await type_text(pilot, "封顶")
        assert form.query_one(TextArea).text == "封顶"

    drive(make_app(home), script)


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize("keys", [("3", "f"), ("3",), ("4",), ("2", "enter")], ids=str)
def test_every_screen_has_a_label_for_each_control(home: Path, keys: tuple[str, ...]) -> None:
    """As many labels as there are controls in view; any other key takes them away and changes nothing."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, *keys)
        below, focused = pilot.app.screen, pilot.app.screen.focused
        wanted = len(list(jump_targets(below)))
        await press(pilot, "ctrl+o")
        assert len(pilot.app.screen.query(".jump-label")) == wanted > 0
        await press(pilot, "escape")
        assert pilot.app.screen is below
        assert below.focused is focused

    drive(make_app(home), script)
