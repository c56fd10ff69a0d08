"""Saved views on the screens: saved with two keys and a name, shown with one, removed and taken back."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from store.queries.saved_views import saved_views
from store.writer.upgrade import open_store
from tests.tui.driving import drive, make_app, press, screen_lines, screen_text, type_text
from tests.tui.sample import KEY
from tui.screens.issues import IssuesScreen
from tui.screens.projects import ProjectsScreen


def names(home: Path) -> list[tuple[str, str]]:
    """The views that are kept."""
    database = open_store(home / "ledger.db", KEY)
    found = [(row.place, row.name) for row in saved_views(database.connection())]
    database.close()
    return found


def test_a_view_is_saved_by_a_name_and_shown_by_its_digit(home: Path) -> None:
    """Filter and order of issues come back as they were, whatever is chosen meanwhile, by the menu or by alt and
    the digit at once; another list has its own."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "3", "f", "tab", "right", "enter", "<", "9", ";", "s")
        await type_text(pilot, "红灯按期限")
        await press(pilot, "enter")
        screen = pilot.app.screen
        assert isinstance(screen, IssuesScreen)
        saved = screen.filter_values
        assert (saved.light, saved.order) == ("red", "due")
        await press(pilot, "f", "f4", "enter")
        assert screen.filter_values != saved
        await press(pilot, ";", "1")
        assert screen.filter_values == saved and "按期限" in screen_lines(pilot)[1]
        await press(pilot, "f", "f4", "enter", "alt+2")
        assert screen.filter_values != saved and "2" in screen_lines(pilot)[-2]
        await press(pilot, "alt+1")
        assert screen.filter_values == saved
        await press(pilot, "2", "f", "right", "enter", ";", "s")
        await type_text(pilot, "续建")
        await press(pilot, "enter", ";")
        assert "红灯按期限" not in screen_text(pilot) and "续建" in screen_text(pilot)
        await press(pilot, "x", "1")
        assert isinstance(pilot.app.screen, ProjectsScreen)
        await press(pilot, "u", "u")

    drive(make_app(home), script)
    assert names(home) == [("issues", "红灯按期限"), ("projects", "续建")]
