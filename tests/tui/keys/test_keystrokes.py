"""How many keys a task takes beside its text, counted through the real app from where the program opens.

The other tasks are counted beside what they do: logging a visit with a new issue (``test_visit_form.py``), settling
(``test_issue_screen.py``), approving (``test_approvals.py``), deciding in a meeting (``test_meeting_mode.py``).
"""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from tests.tui.conflicts import lose_two, still_lost
from tests.tui.driving import drive, make_app, press, screen_text, settled, type_text
from tui.screens.issue import IssueScreen

INITIALS = "gdxl"


def test_an_issue_is_found_by_its_initials_with_two_keys_more(home: Path) -> None:
    """``/``, the initials, enter: the issue is open and can be read."""
    keys = ("slash", "enter")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, keys[0])
        await type_text(pilot, INITIALS)
        await press(pilot, keys[1])
        assert isinstance(pilot.app.screen, IssueScreen)
        assert "外部供电线路未接通" in screen_text(pilot)

    drive(make_app(home, start="today"), script)
    assert len(keys) <= 2


def test_a_lost_version_is_brought_back_with_three_keys(home: Path) -> None:
    """``l``, ``r``, enter: the version that was superseded last is restored, from the screen the program opens in."""
    lose_two(home)
    keys = ("l", "r", "enter")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, *keys)
        await settled(pilot)

    drive(make_app(home, start="today"), script)
    assert len(keys) <= 3
    assert len(still_lost(home)) == 1
