"""The settings: the value in force and its origin, changed in place, validated as the command does, applied at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from store.home.paths import Home
from store.home.setting_table import ALL_SETTINGS
from store.home.settings import load_settings
from tests.tui.driving import drive, make_app, press, screen_text, type_text
from tui.app.app import GuanjiaApp
from tui.i18n import translate
from tui.presenters.settings import setting_page, setting_rows
from tui.screens.settings import SettingPanel, SettingsScreen


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the home's file decides."""
    for setting in ALL_SETTINGS:
        monkeypatch.delenv(setting.variable, raising=False)


async def at(pilot: Pilot[None], name: str) -> SettingsScreen:
    """Open the settings with the cursor on one of them."""
    if not isinstance(pilot.app.screen, SettingsScreen):
        await press(pilot, "comma")
    screen = pilot.app.screen
    assert isinstance(screen, SettingsScreen)
    names = [row.id for row in screen.rows._window.rows]
    await press(pilot, "home", *["down"] * names.index(name))
    return screen


def test_every_setting_is_listed_with_its_value_and_origin(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that a person may change, where each value came from, and the home's files; those for tests are not there."""
    (home / "settings.toml").write_text('sync_interval_s = 30\nlangage = "en"\n')
    monkeypatch.setenv("GUANJIA_LOG_LEVEL", "debug")

    async def script(pilot: Pilot[None]) -> None:
        screen = await at(pilot, "log_level")
        rows = {row.id: row for row in screen.rows._window.rows}
        assert {one.name for one in ALL_SETTINGS if not one.env_only} < rows.keys()
        assert "test_clock_offset_ms" not in rows
        assert (rows["sync_interval_s"].value, rows["sync_interval_s"].origin) == (30, "settings.toml")
        assert rows["log_level"].is_overridden
        assert "GUANJIA_LOG_LEVEL" in screen_text(pilot)
        assert "langage" in screen_text(pilot)
        await at(pilot, "ledger.db")
        assert str(home / "ledger.db")[:20] in screen_text(pilot)
        assert not screen.check_action("edit", ())

    drive(make_app(home), script, size=(160, 45))


def test_a_value_that_cannot_be_is_said_in_place_and_typing_stays(home: Path) -> None:
    """What ``guanjia settings set`` would refuse is refused with its sentences; corrected, it is in the file."""

    async def script(pilot: Pilot[None]) -> None:
        await at(pilot, "sync_interval_s")
        await press(pilot, "e")
        await type_text(pilot, "x")
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, SettingPanel)
        assert "60x" in screen_text(pilot)
        assert "5 … 86400" in screen_text(pilot)
        assert not (home / "settings.toml").exists()
        await press(pilot, "backspace", "backspace", "5", "enter")
        assert isinstance(pilot.app.screen, SettingsScreen)

    drive(make_app(home), script)
    assert load_settings(Home(home)).sync_interval_s == 65


def test_an_address_that_is_none_is_not_kept(home: Path) -> None:
    """Every round from then on would fail; what is typed here is checked as it is when a central is joined."""

    async def script(pilot: Pilot[None]) -> None:
        await at(pilot, "central")
        await press(pilot, "e")
        assert "https://central.example.gov.cn" in screen_text(pilot)
        await type_text(pilot, "abc")
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, SettingPanel)
        await press(pilot, *["backspace"] * 3)
        await type_text(pilot, "https://x.example")
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, SettingsScreen)

    drive(make_app(home), script)
    assert load_settings(Home(home)).central == "https://x.example"


def test_language_and_theme_take_effect_at_once(home: Path) -> None:
    """Choosing English speaks it before the next key, choosing a theme wears it, and both are in the file."""

    async def script(pilot: Pilot[None]) -> None:
        await at(pilot, "language")
        await press(pilot, "enter", "right", "enter")
        assert "Setting " in screen_text(pilot)
        await at(pilot, "theme")
        await press(pilot, "enter", "2", "enter")
        await at(pilot, "theme")
        await press(pilot, "enter", "3", "enter")
        assert pilot.app.theme == "light"

    drive(make_app(home), script)
    assert translate.current_language() == "en"
    found = load_settings(Home(home))
    assert (found.language, found.theme, found.origins["theme"]) == ("en", "light", "settings.toml")


def test_a_setting_goes_back_to_its_default(home: Path) -> None:
    """One key takes a setting out of the file, and is offered only where the file has it."""
    (home / "settings.toml").write_text("live = false  # 办公室网络\nsync_interval_s = 30\n")

    async def script(pilot: Pilot[None]) -> None:
        screen = await at(pilot, "theme")
        assert not screen.check_action("usual", ())
        await at(pilot, "sync_interval_s")
        await press(pilot, "d")
        assert screen.rows.row is not None and screen.rows.row.value == 60

    drive(make_app(home), script)
    assert (home / "settings.toml").read_text() == "live = false  # 办公室网络\n"


def test_a_bad_line_of_the_file_is_told_and_the_rest_counts(home: Path) -> None:
    """Screens open whatever stands in the settings file; the screen of the settings names the line."""
    (home / "settings.toml").write_text('\ufefflanguage = \nstart = "today"\n', "utf-8")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "comma")
        assert "settings.toml 第 1 行" in " ".join(screen_text(pilot).split())
        assert isinstance(pilot.app.screen, SettingsScreen)

    drive(make_app(home), script)


def test_the_key_is_a_comma_while_one_types(home: Path) -> None:
    """In the lookup a comma is typed; its twin opens the settings there, and no form is left by it."""

    async def script(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, GuanjiaApp)
        await press(pilot, "v", "ctrl+g")
        assert not isinstance(app.screen, SettingsScreen)
        await press(pilot, "escape", "slash")
        await type_text(pilot, ",")
        assert not isinstance(app.screen, SettingsScreen)
        await press(pilot, "ctrl+g")
        assert isinstance(app.screen, SettingsScreen)
        await press(pilot, "escape", "escape", "fullwidth_comma")
        assert isinstance(app.screen, SettingsScreen)

    drive(make_app(home), script)


def test_the_program_opens_in_the_place_that_is_set(home: Path) -> None:
    """The setting names a mode screen; the default is one of its choices."""
    start = next(one for one in ALL_SETTINGS if one.name == "start")
    assert start.default in start.choices
    app = make_app(home)
    assert set(app.MODES) <= set(start.choices)


def test_settings_are_called_by_words() -> None:
    """Each setting and each file has a name in Chinese words; its name in the file stands on its page."""
    rows, _ignored = setting_rows(Home(Path("/nowhere")))
    names = [translate.value_label("setting", row.id) for row in rows]
    assert not any(name.isascii() for name in names), names
    assert "sync_interval_s" in str(setting_page(next(row for row in rows if row.id == "sync_interval_s"), ())[3])
