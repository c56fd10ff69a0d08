"""Settings: who wins, where a value came from, what is misspelt, and an edit that spares the rest of the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.exceptions import BadSetting, BadSettingsFile, MistypedSetting, UnknownSetting
from store.home.paths import Home
from store.home.settings import ALL_SETTINGS, Settings, _parse, _replace_line, find_setting, load_settings, save_setting


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home just made."""
    home = Home(tmp_path / "home")
    home.create()
    return home


def test_the_table_and_the_type_name_the_same_settings() -> None:
    """Every row of the table is a field of `CentralSettings`, in order, and its default passes its own check."""
    assert tuple(setting.name for setting in ALL_SETTINGS) == Settings._fields[: len(ALL_SETTINGS)]
    assert all(setting.default in setting.choices for setting in ALL_SETTINGS if setting.choices)


def test_precedence_and_origin(home: Home) -> None:
    """Option beats environment beats file beats default, and each value says where it came from."""
    home.settings.write_text('central = "https://file.example"\nlanguage = "en"\nsync_interval_s = 30\n')
    environ = {"GUANJIA_CENTRAL": "https://env.example", "GUANJIA_LANGUAGE": "zh"}
    settings = load_settings(home, {"central": "https://option.example", "live": None}, environ)
    assert (settings.central, settings.origins["central"]) == ("https://option.example", "option")
    assert (settings.language, settings.origins["language"]) == ("zh", "GUANJIA_LANGUAGE")
    assert (settings.sync_interval_s, settings.origins["sync_interval_s"]) == (30, "settings.toml")
    assert (settings.live, settings.origins["live"]) == (True, "default")


def test_a_home_without_a_file_has_the_defaults(home: Home) -> None:
    """With nothing said anywhere, every setting has its default; an empty variable says nothing."""
    settings = load_settings(home, None, {"GUANJIA_CENTRAL": ""})
    assert set(settings.origins.values()) == {"default"}
    assert list(settings[: len(ALL_SETTINGS)]) == [setting.default for setting in ALL_SETTINGS]


def test_misspelt_names_are_reported_with_what_was_meant(home: Home) -> None:
    """A slip in the file or the environment is named with the nearest setting, and stops nothing."""
    home.settings.write_text('centarl = "https://x.example"\nqwertz = 1\n')
    settings = load_settings(home, None, {"GUANJIA_LANGAUGE": "en", "GUANJIA_HOME": "x", "GUANJIA_OTHER_TOOL": "x"})
    assert [tuple(slip) for slip in settings.misspelt] == [
        ("centarl", "settings.toml", "central"),
        ("qwertz", "settings.toml", None),
        ("GUANJIA_LANGAUGE", "environment", "GUANJIA_LANGUAGE"),
    ]
    with pytest.raises(MistypedSetting, match="sync_interval_s"):
        find_setting("sync-intervall-s")
    with pytest.raises(UnknownSetting):
        load_settings(home, {"qwertz": "1"}, {})


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('language = "fr"', "language"),
        ("sync_interval_s = 1", "sync_interval_s"),
        ("sync_interval_s = 99999999999999999999", "sync_interval_s"),
        ('sync_interval_s = "often"', "sync_interval_s"),
        ('live = "perhaps"', "live"),
        ("central = 5", "central"),
        ('central = ["https://x.example"]', "central"),
        ('central = "a\\u0007b"', "central"),
    ],
)
def test_a_value_that_cannot_be_used_says_where_it_is(home: Home, line: str, name: str) -> None:
    """A wrong value raises, naming the setting and the file it came from."""
    home.settings.write_text(line)
    with pytest.raises(BadSetting) as caught:
        load_settings(home, None, {})
    assert caught.value.values["name"] == name
    assert caught.value.values["origin"] == "settings.toml"


@pytest.mark.parametrize("content", [b"central = ", b"\xff\xfe", b"[central"])
def test_a_broken_file_is_an_error_and_stays_as_it_is(home: Home, content: bytes) -> None:
    """A file that is not TOML is refused, by reading and by writing, and not touched."""
    home.settings.write_bytes(content)
    with pytest.raises(BadSettingsFile):
        load_settings(home, None, {})
    with pytest.raises(BadSettingsFile):
        save_setting(home, "language", "en")
    assert home.settings.read_bytes() == content


@pytest.mark.parametrize(("text", "value"), [("yes", True), ("ON", True), ("0", False), ("false", False)])
def test_switches_take_the_usual_words(home: Home, text: str, value: bool) -> None:
    """A switch may be set by any usual word for yes and no."""
    assert load_settings(home, None, {"GUANJIA_LIVE": text}).live is value


def test_files_are_relative_to_who_names_them(home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A CA file named in the home's file lies in the home; one named in the environment, where the command runs."""
    monkeypatch.chdir(tmp_path)
    home.settings.write_text('ca_file = "ca.pem"\n')
    assert load_settings(home, None, {}).ca_file == str(home.path / "ca.pem")
    assert load_settings(home, None, {"GUANJIA_CA_FILE": "ca.pem"}).ca_file == str(tmp_path / "ca.pem")


def test_an_edit_keeps_comments_and_other_lines(home: Home) -> None:
    """Changing, adding and removing a setting leaves every other line, comments and unknown tables included."""
    home.settings.write_text('# mine\ncentral = "https://old.example"  # old\nlive = false\n\n[later]\nlive = 1')
    save_setting(home, "central", 'https://new.example/"q"\\')
    save_setting(home, "language", "en")
    save_setting(home, "live", None)
    assert home.settings.read_text() == (
        '# mine\ncentral = "https://new.example/\\"q\\"\\\\"\n\nlanguage = "en"\n[later]\nlive = 1'
    )
    assert load_settings(home, None, {}).central == 'https://new.example/"q"\\'


def test_a_file_that_cannot_be_edited_by_line_is_left_alone(home: Home) -> None:
    """Where editing one line would harm another value, nothing is written."""
    text = 'central = """\nhttps://x.example"""\n'
    home.settings.write_text(text)
    with pytest.raises(BadSettingsFile):
        save_setting(home, "central", "https://y.example")
    assert home.settings.read_text() == text


def test_test_settings_are_not_read_from_or_written_to_files(home: Home) -> None:
    """The clock offset for tests comes from the environment alone."""
    home.settings.write_text("test_clock_offset_ms = 5\n")
    assert load_settings(home, None, {}).test_clock_offset_ms == 0
    assert load_settings(home, None, {"GUANJIA_TEST_CLOCK_OFFSET_MS": "-7"}).test_clock_offset_ms == -7
    with pytest.raises(BadSetting):
        save_setting(home, "test_clock_offset_ms", 5)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1))
def test_any_printable_text_round_trips_through_the_file(text: str) -> None:
    """What is written as a setting is read back the same."""
    edited = _replace_line("# head\n[table]\nx = 1\n", "theme", text)
    assert _parse(edited, Path("settings.toml")) == {"theme": text, "table": {"x": 1}}
