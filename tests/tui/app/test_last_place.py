"""A cut (a closed window, a lost line, a kill) costs no way back: place, filter and cursor are those of before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from store.home.device_state import DeviceState
from store.home.last_place import MAX_AGE_MS, LastPlace, OpenScreen, forget_place_of, note_last_place, read_last_place
from store.writer.upgrade import open_store
from tests.tui.driving import drive, press, screen_text, settled, until
from tests.tui.sample import KEY, NOON_MS
from tui.app.app import GuanjiaApp
from tui.screens.issues import IssuesScreen
from tui.screens.projects import ProjectsScreen


def place_app(home: Path, now_ms: int = NOON_MS) -> GuanjiaApp:
    """The app as the program opens it."""
    app = GuanjiaApp(lambda: open_store(home / "ledger.db", KEY), home, theme="dark", now_ms=lambda: now_ms)
    app.keeps_place = True
    return app


def state_of(app: GuanjiaApp) -> DeviceState:
    """The device's own file."""
    assert app.reader is not None
    return app.reader.device_state


async def noted(pilot: Pilot[None]) -> LastPlace:
    """Note the place now instead of waiting for the interval."""
    app = pilot.app
    assert isinstance(app, GuanjiaApp)
    wanted = app.place_now()
    app.note_place()
    await until(pilot, lambda: read_last_place(state_of(app), NOON_MS) is not None)
    assert wanted is not None
    return wanted


def test_a_cut_leads_back_to_the_screen_the_filter_and_the_line(home: Path) -> None:
    """Somebody has filtered the projects, gone down and opened one; the terminal is gone. The next start shows that
    project, and below it the list as it was; 1 leads to the day."""
    seen: list[LastPlace] = []

    async def before(pilot: Pilot[None]) -> None:
        await press(pilot, "2")
        screen = pilot.app.screen
        assert isinstance(screen, ProjectsScreen)
        screen.apply_view({"order": "name", "reverse": "yes"})
        await settled(pilot)
        await press(pilot, "down", "down", "enter")
        seen.append(await noted(pilot))

    async def after(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: len(pilot.app.screen_stack) == 2)
        await settled(pilot)
        place = seen[0]
        assert place.opened[0].about[0] == place.at
        assert "已回到界面中断前的位置" in screen_text(pilot)
        await press(pilot, "escape")
        screen = pilot.app.screen
        assert isinstance(screen, ProjectsScreen)
        assert (screen.view_choices(), screen.line_at_cursor) == (place.choices, place.at)

    drive(place_app(home), before)
    drive(place_app(home), after)


def test_who_leaves_by_the_key_begins_with_the_day(home: Path) -> None:
    """The place is forgotten; it is not noted again while the screens close."""

    async def before(pilot: Pilot[None]) -> None:
        await press(pilot, "3")
        await noted(pilot)
        app = pilot.app
        assert isinstance(app, GuanjiaApp)
        await press(pilot, "q")
        app.note_place()
        assert read_last_place(state_of(app), NOON_MS) is None

    drive(place_app(home), before)


@pytest.mark.parametrize(
    ("age_ms", "is_back"), [(MAX_AGE_MS, True), (MAX_AGE_MS + 1, False), (-1, False)], ids=["today", "old", "future"]
)
def test_an_old_place_is_not_gone_back_to(age_ms: int, is_back: bool, home: Path) -> None:
    """After a night, or with a clock that was ahead, one begins with the day."""
    database = open_store(home / "ledger.db", KEY)
    note_last_place(DeviceState(database), LastPlace("issues", noted_at=NOON_MS - age_ms))
    database.close()

    async def after(pilot: Pilot[None]) -> None:
        await settled(pilot)
        assert isinstance(pilot.app.screen, IssuesScreen) == is_back

    drive(place_app(home), after)


def _nonsense(state: DeviceState) -> None:
    with state.write() as connection:
        connection.execute("INSERT INTO recent (list, entries) VALUES ('place', '{\"mode\": 7}')")


def _gone(state: DeviceState) -> None:
    opened = (OpenScreen("project", ("gone",)), OpenScreen("no_such_screen", ()))
    note_last_place(state, LastPlace("no_such_mode", opened, {"what": "ever"}, "gone", NOON_MS))


def _unknown(state: DeviceState) -> None:
    note_last_place(state, LastPlace("issues", (OpenScreen("history", ()),), {"what": "ever"}, "gone", NOON_MS))


@pytest.mark.parametrize("written", [_nonsense, _gone, _unknown])
def test_a_place_of_another_version_or_of_a_line_that_is_gone_harms_nothing(
    written: Callable[[DeviceState], None], home: Path
) -> None:
    """What cannot be read, or names what is not there, is left out; the screens work."""
    database = open_store(home / "ledger.db", KEY)
    written(DeviceState(database))
    database.close()

    async def after(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await press(pilot, "2")
        assert "北山新能源材料" in screen_text(pilot)

    drive(place_app(home), after)


def test_of_an_erased_person_no_filter_stays(home: Path) -> None:
    """A place whose filter names somebody is forgotten with them; another stays."""
    database = open_store(home / "ledger.db", KEY)
    state = DeviceState(database)
    note_last_place(state, LastPlace("projects", choices={"person": "甲一鸣"}, noted_at=NOON_MS))
    forget_place_of(state, lambda text: "乙卫东" in text)
    assert read_last_place(state, NOON_MS) is not None
    forget_place_of(state, lambda text: "甲一鸣" in text)
    assert read_last_place(state, NOON_MS) is None
    database.close()
