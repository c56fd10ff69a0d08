"""One key copies the line under the cursor or a phone of the page, to the terminal's clipboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.driving import drive, make_app, press, screen_text
from tui.app.clipboard import copy_through_tmux
from tui.presenters.copying import copy_choices


def test_a_line_is_copied_by_one_key_and_a_phone_by_two(home: Path) -> None:
    """In a list the key copies the line at once; on a project's page it asks which of the phones, enter the first."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "y")
        assert "北山新能源材料" in pilot.app.clipboard
        await press(pilot, "enter", "f2")
        assert "复制什么？" in screen_text(pilot)
        await press(pilot, "enter")
        assert pilot.app.clipboard.isdigit()
        assert len(pilot.app.clipboard) == 11

    drive(make_app(home), script, (120, 40))


@pytest.mark.parametrize(
    ("page", "phones"),
    [
        (["项目管家  甲  13912345678"], ["13912345678"]),
        (["电话 +86 139 1234 5678、0418-1234567转12"], ["+86 139 1234 5678", "0418-1234567转12"]),
        (["总投资 12345678901234 元", "编号 210903199001011234", "2026-12-31"], []),
        (["甲 13912345678", "乙 13912345678"], ["13912345678"]),
    ],
)
def test_the_phones_of_a_page_are_told_from_other_numbers(page: list[str], phones: list[str]) -> None:
    """Mobile and office phones as people write them; no amounts, codes or days."""
    choices = [choice.text for choice in copy_choices("行", page)]
    assert choices == ([*phones, "行", "\n".join(page)] if phones else ["行"])


def test_without_tmux_nothing_is_started() -> None:
    """Outside of tmux the terminal's own clipboard is enough."""
    assert not copy_through_tmux("13912345678", {})
