"""Messages have a place of their own, and errors go when they are mended."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets._toast import Toast

from store.exceptions import NothingToUndo
from tests.tui.driving import drive, make_app, press, screen_text, settled, type_text
from tui.app.app import GuanjiaApp
from tui.widgets.fields import FormField
from tui.widgets.long_list import LongList


def assert_covers_nothing(pilot: Pilot[None]) -> None:
    """No message lies over a field or a list."""
    screen = pilot.app.screen
    visible = {
        widget: region.intersection(clip) for widget, (region, clip) in screen._compositor.visible_widgets.items()
    }
    toasts = [region for widget, region in visible.items() if isinstance(widget, Toast)]
    others = [region for widget, region in visible.items() if isinstance(widget, FormField | LongList)]
    assert toasts and others
    assert not any(toast.overlaps(region) for toast in toasts for region in others)


@pytest.mark.parametrize("size", [(80, 24), (40, 12)], ids=["80x24", "40x12"])
def test_a_message_covers_neither_a_field_nor_a_line(home: Path, size: tuple[int, int]) -> None:
    """In a list and in a form, for a short message and for an error of several lines; the cursor stays in view."""

    async def script(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, GuanjiaApp)
        await press(pilot, "end")
        cursor = app.screen.query_one(LongList)
        app.show_error(NothingToUndo())
        await settled(pilot)
        assert_covers_nothing(pilot)
        assert cursor.row is not None and cursor.row.name[:4] in screen_text(pilot)
        await press(pilot, "v")
        assert_covers_nothing(pilot)
        app.show_message("已保存。")
        await settled(pilot)
        assert_covers_nothing(pilot)
        assert len(app._notifications) == 1

    drive(make_app(home), script, size)


def test_the_error_of_a_form_goes_when_it_is_mended(home: Path) -> None:
    """What is missing is said until it is typed."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v", "ctrl+s")
        assert "请填写" in screen_text(pilot)
        await type_text(pilot, "看")
        assert "请填写" not in screen_text(pilot)

    drive(make_app(home), script)
