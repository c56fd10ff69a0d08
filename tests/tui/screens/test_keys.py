"""The screen of keys: what is pressed is the key from now on, and nobody loses a key by a slip."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from store.home.paths import write_private
from store.values.toml_files import parse_toml, replace_statement
from tests.tui.driving import drive, make_app, press, screen_text, settled, until
from tui.keys.actions import apply_keymap
from tui.keys.keymap import FIXED_ACTIONS, read_keymap
from tui.keys.keymap_edit import KeymapNotChanged, KeyRefused, change_keys
from tui.screens.keys import KeysScreen
from tui.screens.lookup import LookupScreen


@pytest.fixture(autouse=True)
def _own_keys() -> Iterator[None]:
    yield
    apply_keymap({})


async def open_keys(pilot: Pilot[None], action: str) -> None:
    """The screen of keys, with the cursor on an action."""
    await press(pilot, "comma", "b")
    screen = pilot.app.screen
    assert isinstance(screen, KeysScreen)
    await until(pilot, lambda: screen.rows.total > 0)
    screen.rows.show(screen.rows.source, at=action)
    await settled(pilot)


def test_a_pressed_key_is_obeyed_at_once_and_after_the_next_start(home: Path) -> None:
    """The lookup gets Alt+K and ~; both work on the screens right away, / no more; the file says so; d gives / back."""

    async def script(pilot: Pilot[None]) -> None:
        await open_keys(pilot, "lookup")
        await press(pilot, "enter", "alt+k", "~", "enter")
        await until(pilot, lambda: "已保存" in screen_text(pilot))
        assert read_keymap(home / "keys.toml").keys == {"lookup": ("alt+k", "~")}
        await press(pilot, "escape", "escape", "slash")
        assert not isinstance(pilot.app.screen, LookupScreen)
        await press(pilot, "alt+k")
        assert isinstance(pilot.app.screen, LookupScreen)
        await press(pilot, "escape")
        await open_keys(pilot, "lookup")
        await press(pilot, "d")
        await until(pilot, lambda: read_keymap(home / "keys.toml").keys == {})
        await press(pilot, "escape", "escape", "slash")
        assert isinstance(pilot.app.screen, LookupScreen)

    drive(make_app(home), script)


def test_a_key_that_means_something_else_is_refused_in_the_panel(home: Path) -> None:
    """F5 is the round's: the panel says so and stays for another key; esc leaves everything as it was. A fixed key is
    not asked about."""

    async def script(pilot: Pilot[None]) -> None:
        await open_keys(pilot, "lookup")
        await press(pilot, "enter", "f5", "enter")
        await until(pilot, lambda: "f5" in screen_text(pilot) and "按键没有改动" in screen_text(pilot))
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, KeysScreen)
        assert not (home / "keys.toml").exists()
        await open_fixed(pilot)
        assert "这些键不能改" in screen_text(pilot)
        assert isinstance(pilot.app.screen, KeysScreen)

    async def open_fixed(pilot: Pilot[None]) -> None:
        screen = pilot.app.screen
        assert isinstance(screen, KeysScreen)
        screen.rows.show(screen.rows.source, at="save")
        await settled(pilot)
        await press(pilot, "enter")

    drive(make_app(home), script)


def test_what_else_stands_in_the_file_stays(tmp_path: Path) -> None:
    """Comments, other entries and other tables stay as they are; an entry is replaced, and taken out again."""
    file = tmp_path / "keys.toml"
    write_private(file, '# 我的\n[keys]\nquit = ["alt+q"]\nlookup = ["alt+k"]\n\n[other]\nx = 1\n'.encode())
    assert change_keys(file, "lookup", ("alt+x", "~")).keys == {"quit": ("alt+q",), "lookup": ("alt+x", "~")}
    assert file.read_text("utf-8") == '# 我的\n[keys]\nquit = ["alt+q"]\nlookup = ["alt+x", "~"]\n\n[other]\nx = 1\n'
    assert change_keys(file, "lookup", None).keys == {"quit": ("alt+q",)}
    assert file.read_text("utf-8") == '# 我的\n[keys]\nquit = ["alt+q"]\n\n[other]\nx = 1\n'


def test_an_entry_under_a_former_name_is_changed_too(tmp_path: Path) -> None:
    """A file of an earlier version names the screen of conflicts otherwise: as usual takes that entry out."""
    file = tmp_path / "keys.toml"
    write_private(file, b'[keys]\nlosers = ["alt+c"]\n')
    assert change_keys(file, "conflicts", None).keys == {}
    assert file.read_text("utf-8") == "[keys]\n"


@pytest.mark.parametrize(
    ("action", "keys"), [("lookup", ("f5",)), ("save", ("alt+k",)), ("lookup", ("ctrl+m",)), ("lookup", ("j",))]
)
def test_what_would_be_ignored_is_not_written(action: str, keys: tuple[str, ...], tmp_path: Path) -> None:
    """A taken, a fixed, a dead and a list's own key are refused, and there is no file afterwards."""
    assert "save" in FIXED_ACTIONS
    with pytest.raises(KeyRefused):
        change_keys(tmp_path / "keys.toml", action, keys)
    assert not (tmp_path / "keys.toml").exists()


def test_a_file_that_cannot_be_changed_in_place_is_left_alone(tmp_path: Path) -> None:
    """The table written on one line, as TOML allows: the change is refused, and the file is as it was."""
    file = tmp_path / "keys.toml"
    write_private(file, b'keys = { quit = ["alt+q"] }\n')
    with pytest.raises(KeymapNotChanged):
        change_keys(file, "lookup", ("alt+k",))
    assert file.read_bytes() == b'keys = { quit = ["alt+q"] }\n'


_ENTRY = st.tuples(st.sampled_from("abc"), st.integers(0, 9))
_PARTS = st.lists(
    st.one_of(st.just("# a = 1"), st.just(""), _ENTRY.map(lambda one: f"{one[0]} = {one[1]}")), max_size=5
)


@given(top=_PARTS, inside=_PARTS, after=_PARTS, name=st.sampled_from("abcd"), value=st.integers(0, 9))
def test_one_statement_of_a_table_changes_and_nothing_else(
    top: list[str], inside: list[str], after: list[str], name: str, value: int
) -> None:
    """Whatever stands around it, the table's entry has the new value, and every other value is what it was."""
    text = "\n".join([*top, "[keys]", *inside, "[other]", *after, ""])
    before = parse_toml(text).values
    changed = parse_toml(replace_statement(text, name, f"{name} = {value}", "keys")).values
    expected = {**before, "keys": {**dict(before["keys"]), name: value}}  # type: ignore[call-overload]
    assert changed == expected
