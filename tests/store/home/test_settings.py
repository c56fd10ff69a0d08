"""Settings: who wins, where a value came from, what is misspelt, and an edit that spares the rest of the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.exceptions import BadSetting, BadSettingsFile, MistypedSetting, UnknownSetting
from store.home.exceptions import BadTypedSetting
from store.home.paths import Home
from store.home.setting_table import ALL_SETTINGS
from store.home.settings import Settings, _toml_value, find_setting, load_settings, save_setting
from store.values.toml_files import parse_toml, replace_statement


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
def test_a_bad_value_in_the_file_is_named_with_its_line_and_ignored(home: Home, line: str, name: str) -> None:
    """A slip in the file keeps nobody from the ledger: it is named with its line, its setting has the default, and the
    other settings of the file are kept."""
    home.settings.write_text(f'# mine\nlog_level = "debug"\n{line}\ntheme = "dark"\n')
    settings = load_settings(home, None, {})
    assert [(problem.line, problem.values["name"]) for problem in settings.problems] == [(3, name)]
    assert settings.problems[0].localized(str).startswith("Line 3 of settings.toml")
    assert settings._asdict()[name] == find_setting(name).default
    assert (settings.origins[name], settings.log_level, settings.theme) == ("default", "debug", "dark")


def test_a_bad_option_or_variable_is_an_error(home: Home) -> None:
    """What somebody types for this one command is refused, with the variable's name, and never replaced in silence."""
    with pytest.raises(BadSetting) as caught:
        load_settings(home, None, {"GUANJIA_LIVE": "perhaps"})
    assert caught.value.values["origin"] == "GUANJIA_LIVE"
    with pytest.raises(BadSetting):
        load_settings(home, {"language": "fr"}, {})


def test_a_value_that_is_typed_to_be_kept_comes_from_no_file(home: Home) -> None:
    """Who types a wrong value is not sent to a file that has none of it; the file stays as it was."""
    home.settings.write_text("live = true\n")
    with pytest.raises(BadTypedSetting) as refused:
        save_setting(home, "live", "perhaps")
    assert "settings.toml" not in str(refused.value)
    assert home.settings.read_text() == "live = true\n"


BAD_LINES = [
    "central = ", "[central", "live = true true", 'language = “en”', 'theme = "open', "log_level: debug", "x", "= 3",
    "theme = \"\"\"", 'sync_interval_s = 30 \x01', 'log_level = "debug"', "log_level.deep = 1",
]  # fmt: skip


@pytest.mark.parametrize("line", BAD_LINES)
def test_a_bad_line_is_named_and_the_others_are_kept(home: Home, line: str) -> None:
    """Reading is never blocked by a line that is no setting, wherever it stands: the others count, and it is named."""
    good = 'log_level = "info"\n'
    for text, number in ((f"{good}{line}\n", 2), (f'{good}language = "en"\n{line}\n[later]\nx = 1\n', 3)):
        home.settings.write_text(text, "utf-8")
        settings = load_settings(home, None, {})
        assert [problem.line for problem in settings.problems] == [number]
        assert settings.log_level == "info"
        assert settings.language == ("en" if number == 3 else "zh")
        before = home.settings.read_bytes()
        save_setting(home, "start", "issues")
        assert load_settings(home, None, {}).start == "issues"
        save_setting(home, "start", None)
        assert home.settings.read_bytes() == before


def test_a_file_that_cannot_be_read_leaves_the_defaults_and_is_not_overwritten(home: Home) -> None:
    """A folder in the place of the file is told, every setting has its default, and a change is refused."""
    home.settings.mkdir()
    settings = load_settings(home, None, {})
    assert [problem.line for problem in settings.problems] == [None]
    assert set(settings.origins.values()) == {"default"}
    with pytest.raises(BadSettingsFile):
        save_setting(home, "language", "en")


NOTEPAD = 'log_level = "debug"\r\ntheme = "深色"  # 我的\r\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_a_file_saved_by_any_editor_is_read_and_edited_as_it_is(home: Home, encoding: str) -> None:
    """A byte order mark, UTF-16 or GB18030, as Notepad saves them, keep nobody from the ledger; an edit keeps encoding,
    mark, line ends and every other line."""
    home.settings.write_bytes(NOTEPAD.encode(encoding))
    settings = load_settings(home, None, {})
    assert (settings.log_level, settings.theme, settings.problems, settings.misspelt) == ("debug", "深色", (), ())
    save_setting(home, "log_level", "error")
    assert home.settings.read_bytes() == NOTEPAD.replace("debug", "error").encode(encoding)


def test_bytes_that_are_no_text_harm_their_line_alone(home: Home) -> None:
    """A line that no encoding explains is named and stays byte for byte; the others are read and may be edited."""
    home.settings.write_bytes(b'# \xff\xff\ntheme = "\xff\xfe\xff"\nlog_level = "debug"\n')
    settings = load_settings(home, None, {})
    assert ([problem.line for problem in settings.problems], settings.log_level) == ([2], "debug")
    save_setting(home, "log_level", None)
    assert home.settings.read_bytes() == b'# \xff\xff\ntheme = "\xff\xfe\xff"\n'


def test_saving_a_setting_mends_its_own_bad_line(home: Home) -> None:
    """Who sets what a bad line was meant to set is rid of that line."""
    home.settings.write_text('language = "en\nlive = false\n')
    save_setting(home, "language", "en")
    assert home.settings.read_text() == 'language = "en"\nlive = false\n'
    assert load_settings(home, None, {}).problems == ()


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


def test_a_value_over_several_lines_is_replaced_whole(home: Home) -> None:
    """Nothing of a long value is left behind."""
    home.settings.write_text('central = """\nhttps://x.example"""\nlive = false\n')
    save_setting(home, "central", "https://y.example")
    assert home.settings.read_text() == 'central = "https://y.example"\nlive = false\n'


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
    edited = replace_statement("# head\n[table]\nx = 1\n", "theme", f"theme = {_toml_value(text)}")
    assert parse_toml(edited) == ({"theme": text, "table": {"x": 1}}, ())
