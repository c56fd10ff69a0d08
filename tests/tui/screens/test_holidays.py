"""The bureau enters the holidays of a year on the screen (issue 12)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from textual.pilot import Pilot

from store.domain.holidays import read_holiday_years
from store.values.workdays import HolidayCalendar
from tests.tui.driving import drive, make_app, press, screen_lines, screen_text, settled, type_text, until
from tests.tui.role_samples import hold, store_of
from tui.presenters.holidays import days_text
from tui.screens.holidays import HolidayForm, HolidaysScreen, year_rows

YEAR = 2062
OFF = frozenset(date(YEAR, month, day) for month, day in ((1, 1), (1, 2), (1, 3), (2, 8)))


def test_years_say_whence_their_days_are() -> None:
    """Years that the program knows, one that was entered, one that nobody has entered; days are shown as they are
    typed."""
    rows = year_rows({YEAR: HolidayCalendar(OFF)}, 2026)
    assert [(row.year, row.source) for row in rows][:2] == [(YEAR, "entered"), (2027, "unknown")]
    assert {row.source for row in rows[2:]} == {"known"}
    assert days_text(rows[0].calendar.off) == "1.1-1.3；2.8"


def test_the_bureau_types_a_year_and_takes_it_back(home: Path) -> None:
    """n, the year, the days off, those worked instead, ^S; what is no day of the year is said in the form; e corrects
    the year, and u takes the correction back."""
    hold(home, "bureau")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "4")
        row = next(at for at, line in enumerate(screen_lines(pilot)) if line.startswith(" 节假日"))
        await press(pilot, *["down"] * (row - 3), "enter")
        assert isinstance(pilot.app.screen, HolidaysScreen)
        assert "尚未录入" in screen_text(pilot)
        await press(pilot, "n")
        for typed in (str(YEAR), "1.1-1.3；2.30", "2.12"):
            await type_text(pilot, typed)
            await press(pilot, "tab")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: "“2.30”不是“2062”年的日子" in screen_text(pilot))
        await press(pilot, "shift+tab", "shift+tab", "end", "backspace", "backspace")
        await type_text(pilot, "8")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: not isinstance(pilot.app.screen, HolidayForm))
        await settled(pilot)
        await until(pilot, lambda: "1.1-1.3；2.8" in screen_text(pilot) or "营商局录入" in screen_text(pilot))
        await press(pilot, "home")
        await press(pilot, "e", "end", *["backspace"] * 4, "ctrl+s")
        await until(pilot, lambda: not isinstance(pilot.app.screen, HolidayForm))
        await press(pilot, "u", "u")
        await settled(pilot)

    drive(make_app(home), script)
    entered = read_holiday_years(store_of(home).connection())
    assert entered == {YEAR: HolidayCalendar(OFF, frozenset({date(YEAR, 2, 12)}))}


def test_a_file_says_all_by_itself_and_only_the_bureau_enters(home: Path, tmp_path: Path) -> None:
    """With a file neither year nor days are asked for, and days typed beside it are not left out in silence; a
    butler has neither key."""
    table = tmp_path / "2062.csv"
    table.write_text("日期,安排\n2062-01-01至2062-01-03,放假\n2062年2月8日,放假\n", "utf-8")

    async def script(pilot: Pilot[None]) -> None:
        await pilot.app.open_screen("holidays")  # type: ignore[attr-defined]
        await settled(pilot)
        await press(pilot, "n")
        if not isinstance(pilot.app.screen, HolidayForm):
            return
        await press(pilot, "tab", "tab")
        await type_text(pilot, "2.11")
        await press(pilot, "tab")
        await type_text(pilot, str(table))
        await press(pilot, "ctrl+s")
        assert "只能选一种" in screen_text(pilot)
        await press(pilot, "shift+tab", "end", *["backspace"] * 4, "ctrl+s")
        await until(pilot, lambda: not isinstance(pilot.app.screen, HolidayForm))

    hold(home, "butler")
    drive(make_app(home), script)
    assert read_holiday_years(store_of(home).connection()) == {}
    hold(home, "bureau")
    drive(make_app(home), script)
    assert read_holiday_years(store_of(home).connection()) == {YEAR: HolidayCalendar(OFF)}
