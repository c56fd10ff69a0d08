"""Several departments on one issue, on the screens: the form's field for others, the opinion, who is still owed."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.driving import drive, make_app, press, screen_text, type_text, until
from tests.tui.sample import issue_id
from tests.tui.screens.test_issue import stands
from tui.screens.acts import LETTERS
from tui.screens.issue import IssueScreen

OTHER_UNIT = "生态环境分局"


@pytest.mark.proves("R25", "R49")
def test_others_are_named_in_the_form_and_speak_with_one_letter(home: Path) -> None:
    """The assignment's form has a field for the other departments; the page names who is still owed; the opinion's
    form knows the only one that is owed, and the page then shows what it said."""

    app = make_app(home)

    async def script(pilot: Pilot[None]) -> None:
        await app.open_screen("issue", issue_id(1))
        await press(pilot, "a", LETTERS["assign"], "tab", "tab", "tab")
        await type_text(pilot, OTHER_UNIT)
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, IssueScreen))
        await until(pilot, lambda: f"{OTHER_UNIT}：尚缺协办意见" in screen_text(pilot))
        assert f"尚缺意见：{OTHER_UNIT}" in screen_text(pilot)
        await press(pilot, "3")
        assert "缺 1 " in screen_text(pilot)
        await press(pilot, "2")
        await press(pilot, "a", LETTERS["opinion"])
        await type_text(pilot, "环评已批")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, IssueScreen))
        await until(pilot, lambda: f"{OTHER_UNIT}：环评已批" in screen_text(pilot))
        await press(pilot, "escape")

    drive(app, script, size=(160, 45))
    after = stands(home, 1)
    assert [(each.department, each.opinion, each.owed) for each in after.row.co_handlers] == [
        (OTHER_UNIT, "环评已批", False)
    ]
    assert [step.act for step in after.steps[-2:]] == ["assigned", "opinion"]
    assert after.row.out_of_turn == ()
