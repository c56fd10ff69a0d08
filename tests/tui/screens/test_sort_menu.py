"""Sorting a list by a column: two keys, shown in the heading, the same once more turns it round."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.driving import drive, make_app, press, screen_lines
from tests.tui.registers_sample import fill_registers
from tui.screens.issues import IssuesScreen


def test_issues_are_sorted_by_a_column_and_the_other_way_round(home: Path) -> None:
    """By due date: what has none stays last; the heading and the line above say how; the filter panel has it too."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "3", "<", "9")
        screen = pilot.app.screen
        assert isinstance(screen, IssuesScreen)
        due = [row.due for row in screen.rows.source.window(None, 0, 50).rows]
        assert due == [*sorted(day for day in due if day), *[day for day in due if not day]]
        assert "按期限" in screen_lines(pilot)[1] and "期限^" in screen_lines(pilot)[2]
        await press(pilot, "<", "9")
        turned = [row.due for row in screen.rows.source.window(None, 0, 50).rows]
        assert turned[:3] == sorted((day for day in due if day), reverse=True)[:3] and turned[-1] is None
        assert "期限v" in screen_lines(pilot)[2]
        await press(pilot, "f", "enter")
        assert "按期限（倒序）" in screen_lines(pilot)[1]

    drive(make_app(home), script)


@pytest.mark.parametrize(("keys", "heading"), [(("2", "<", "6"), "项目管家^"), (("4", "enter", "<", "2"), "^")])
def test_projects_and_registers_too(home: Path, keys: tuple[str, ...], heading: str) -> None:
    """The list of projects by its butlers, a register by its first column."""
    fill_registers(home)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, *keys)
        assert heading in screen_lines(pilot)[2]

    drive(make_app(home), script)
