"""What lost to whom: seen word by word, brought back in three keys, put away in one."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.conflicts import NOTE, SEEN, body_of, lose, lose_two, still_lost
from tests.tui.driving import drive, make_app, press, screen_lines, screen_text, settled, until
from tests.tui.sample import line_id
from tui.i18n import translate
from tui.screens.conflicts import ConflictsScreen
from tui.screens.history import HistoryScreen
from tui.screens.today import TodayScreen

PROJECT, VISIT = line_id("project", 1), line_id("visit", 0)


def shown(pilot: Pilot[None]) -> ConflictsScreen:
    """The screen."""
    assert isinstance(pilot.app.screen, ConflictsScreen)
    return pilot.app.screen


def test_three_keys_bring_back_what_lost(home: Path) -> None:
    """From the day: l, r, enter. The line says it again, nothing else of it changes, and it is off the list."""
    lose(home, "project", PROJECT, {"note": NOTE[0]}, {"note": NOTE[1], "stage": "completed"})

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "l", "r", "enter")
        await until(pilot, lambda: shown(pilot).rows.total == 0)

    drive(make_app(home, start="today"), script)
    assert (body_of(home, PROJECT)["note"], body_of(home, PROJECT)["stage"]) == (NOTE[0], "completed")
    assert still_lost(home) == []


def test_escape_brings_nothing_back(home: Path) -> None:
    """The question can be refused, and leads back to the list, from there to the day."""
    lose_two(home)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "l", "r", "escape")
        assert shown(pilot).rows.total == 2
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, TodayScreen)

    drive(make_app(home, start="today"), script)
    assert body_of(home, VISIT)["text"] == SEEN[1]


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize("size", [(80, 24), (160, 45)], ids=["80x24", "160x45"])
def test_what_was_lost_is_marked_by_glyphs(home: Path, size: tuple[int, int]) -> None:
    """Words only in the superseded version and words only in the current one are between glyphs, so that they are
    distinct without colours; common words are plain, and equal fields are left out."""
    lose_two(home)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "l", "enter")
        told = screen_text(pilot)
        assert "反应釜[-已到货-]。" in told
        assert "反应釜{+正在安装+}。" in told
        assert "项目现场" not in told
        assert "壬福生" in told
        await press(pilot, "escape", "down", "enter")
        assert "[-正在报批-]" in screen_text(pilot)

    drive(make_app(home, start="today"), script, size)


def test_several_are_put_away_at_once(home: Path) -> None:
    """Space selects, d puts away without a question: no line changes, the versions stay in history."""
    lose_two(home)
    before = (body_of(home, PROJECT), body_of(home, VISIT))

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "l", "space", "space", "d")
        await until(pilot, lambda: shown(pilot).rows.total == 0)

    drive(make_app(home, start="today"), script)
    assert still_lost(home) == []
    assert (body_of(home, PROJECT), body_of(home, VISIT)) == before


def test_several_are_brought_back_at_once(home: Path) -> None:
    """One question names all that are selected; enter brings all of them back."""
    lose_two(home)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "l", "space", "space", "f6")
        assert "走访  反应釜已到货" in screen_text(pilot)
        assert "项目  北山新能源" in screen_text(pilot)
        await press(pilot, "enter")
        await until(pilot, lambda: shown(pilot).rows.total == 0)

    drive(make_app(home, start="today"), script)
    assert (body_of(home, PROJECT)["note"], body_of(home, VISIT)["text"]) == (NOTE[0], SEEN[0])


def test_only_the_line_under_the_cursor_is_meant(home: Path) -> None:
    """With nothing selected, an act is about one line; the other stays."""
    lose_two(home)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "l", "down", "ctrl+x")
        await until(pilot, lambda: shown(pilot).rows.total == 1)

    drive(make_app(home, start="today"), script)
    assert [one.line for one in still_lost(home)] == [VISIT]


def test_without_anything_lost_nothing_is_offered(home: Path) -> None:
    """An empty list says so, its acts do nothing, and escape leads back."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "l", "r", "d", "h", "enter", "space")
        assert shown(pilot).rows.total == 0
        assert len("".join(screen_lines(pilot)[2].split())) > 10
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, TodayScreen)

    drive(make_app(home, start="today"), script)


def test_the_history_of_the_line_is_one_key_away(home: Path) -> None:
    """h opens all versions of the line that the version is of."""
    lose_two(home)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "l", "down", "h")
        assert isinstance(pilot.app.screen, HistoryScreen)
        assert pilot.app.screen.line_id == PROJECT

    drive(make_app(home, start="today"), script)


def test_what_loses_while_one_reads_joins_the_list(home: Path) -> None:
    """A version that loses elsewhere appears by itself; the cursor stays on its line and what is selected stays."""
    lose(home, "project", PROJECT, {"note": NOTE[0]}, {"note": NOTE[1]})

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "l", "space")
        lose(home, "visit", VISIT, {"text": SEEN[0]}, {"text": SEEN[1]}, at=5)
        await until(pilot, lambda: shown(pilot).rows.total == 2)
        row = shown(pilot).rows.row
        assert row is not None
        assert row.line == PROJECT
        assert [one.line for one in shown(pilot).rows.target_rows] == [PROJECT]

    drive(make_app(home, start="today"), script)


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize("wanted", ["conflicts", "rejected"])
def test_the_palette_leads_there_from_anywhere(home: Path, wanted: str) -> None:
    """Wherever one is, the palette has the versions that lost and the refused lines."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "3", "colon", *wanted, "enter")
        await settled(pilot)
        assert pilot.app.screen.key_scope == wanted  # type: ignore[attr-defined]

    drive(make_app(home), script)


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize("language", translate.LANGUAGES)
@pytest.mark.parametrize("size", [(80, 24), (40, 12)], ids=["80x24", "40x12"])
def test_every_line_fits_the_screen(home: Path, language: str, size: tuple[int, int]) -> None:
    """In both languages and at any width, no line is wider than the terminal, and the title can be read."""
    lose_two(home)
    translate.set_language(language)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "l", "enter")
        assert "反应釜" in screen_text(pilot)
        assert len(screen_lines(pilot)) == size[1]

    drive(make_app(home, start="today"), script, size)
