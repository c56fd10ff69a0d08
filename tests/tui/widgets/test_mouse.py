"""The mouse: whatever a key does, a click on what shows it does as well."""

from __future__ import annotations

from pathlib import Path

from rich.cells import cell_len
from textual.pilot import Pilot
from textual.widgets import TextArea

from tests.tui.driving import drive, make_app, newest_first, press, screen_lines, screen_text, settled
from tui.screens.visit_form import VisitForm
from tui.widgets.fields import ChoiceField


async def click(pilot: Pilot[None], text: str, times: int = 1, *, after: str = "") -> None:
    """Click on the first place where the screen shows ``text``, behind ``after`` where that is given."""
    lines = screen_lines(pilot)
    row = next(n for n, line in enumerate(lines) if text in line and after in line)
    line = lines[row]
    column = cell_len(line[: line.index(text, line.index(after))])
    for _again in range(times):
        await pilot.click(offset=(column + 1, row))
        await settled(pilot)


def test_a_place_and_a_key_of_the_last_line_can_be_clicked(home: Path) -> None:
    """A click on the top line opens a screen, one on the last line does the named action."""

    async def script(pilot: Pilot[None]) -> None:
        await click(pilot, "问题", after="3")
        assert "供电线路未接通" in screen_text(pilot)
        await click(pilot, "筛选", after="f")
        assert type(pilot.app.screen).__name__ == "IssueFilterPanel"

    drive(make_app(home), script)


def test_a_line_is_chosen_by_one_click_and_opened_by_a_second(home: Path) -> None:
    """The first click moves the cursor, the second opens; escape comes back to the same line."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "3")
        await click(pilot, "并网验收时间未定", 2)
        assert type(pilot.app.screen).__name__ == "IssueScreen"
        assert "并网验收时间未定" in screen_text(pilot)

    drive(make_app(home), script)


def test_a_menu_and_a_form_are_filled_in_by_clicks(home: Path) -> None:
    """An act is chosen from its menu; in a form a click focuses a field, and chooses a label of a choice."""

    async def script(pilot: Pilot[None]) -> None:
        await newest_first(pilot)
        await press(pilot, "end", "a")
        await click(pilot, "进展", 2)
        assert type(pilot.app.screen).__name__ == "ActForm"
        await press(pilot, "escape", "v")
        form = pilot.app.screen
        assert isinstance(form, VisitForm)
        await click(pilot, "电话", after="方式")
        assert form.query_one("#field-how", ChoiceField).value == "phone"
        await pilot.click("#field-text TextArea")
        assert isinstance(form.focused, TextArea)

    drive(make_app(home), script)
