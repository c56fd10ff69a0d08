"""The keymap file: what a person wants is obeyed where it can be, and never leaves a key with two meanings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from store.writer.upgrade import open_store
from tests.tui.driving import drive, press, screen_text
from tests.tui.sample import KEY, NOON_MS
from tui.app.app import GuanjiaApp
from tui.i18n.translate import current_language, set_language
from tui.keys.actions import ACTIONS, UNUSABLE_KEYS, apply_keymap
from tui.keys.key_docs import BEGIN, END, README, keymap_template, keys_markdown
from tui.keys.keymap import FIXED_ACTIONS, Keymap, key_conflicts, read_keymap, validate_keymap

NAMES = st.sampled_from([action.id for action in ACTIONS]) | st.text(max_size=8)
KEYS = st.sampled_from(["/", "x", "ctrl+l", "f5", "f7", "n", "enter", "ctrl+m", ",", "ctrl+d", "1", "、", "", "a b"])
WISHES = st.dictionaries(NAMES, st.lists(KEYS | st.integers(), max_size=3) | KEYS | st.none(), max_size=8)


@pytest.fixture(autouse=True)
def _own_keys() -> Iterator[None]:
    yield
    apply_keymap({})


def test_the_table_itself_has_no_conflict() -> None:
    """Out of the box no key does two things on one screen."""
    assert list(key_conflicts({})) == []


@given(WISHES)
def test_whatever_is_wished_no_key_gets_two_meanings(wishes: dict[str, object]) -> None:
    """Any entries give a keymap without conflicts, unusable keys or changed fixed keys; each problem is a sentence."""
    found = validate_keymap(wishes)
    assert list(key_conflicts(found.keys)) == []
    assert not FIXED_ACTIONS & found.keys.keys()
    assert not UNUSABLE_KEYS & {key for keys in found.keys.values() for key in keys}
    assert all(problem.message() for problem in found.problems)
    assert len(found.keys) + len(found.problems) >= len(wishes) or found.problems


def test_a_slip_is_told_with_what_was_probably_meant(tmp_path: Path) -> None:
    """A misspelt action, a fixed one, a dead key and a clash each get their own sentence; the rest is obeyed."""
    file = tmp_path / "keys.toml"
    file.write_text('[keys]\nlookp=["x"]\nsave=["x"]\nhelp="ctrl+m"\nlookup=["f5"]\nquit=["alt+q"]\n', encoding="utf-8")
    found = read_keymap(file)
    assert found.keys == {"quit": ("alt+q",)}
    assert [dict(problem.values).get("near") or dict(problem.values).get("key") for problem in found.problems] == [
        "lookup", None, "ctrl+m", "f5",
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_a_bad_line_costs_that_line_alone(tmp_path: Path, encoding: str) -> None:
    """A line that is no TOML is named with its number, whatever editor saved the file; the other keys are obeyed."""
    file = tmp_path / "keys.toml"
    file.write_bytes('[keys]  # 我的\r\nhelp = f5\r\nquit = ["alt+q"]\r\n'.encode(encoding))
    found = read_keymap(file)
    assert found.keys == {"quit": ("alt+q",)}
    assert [problem.values["line"] for problem in found.problems] == ["2"]


def test_the_former_id_of_an_action_is_accepted() -> None:
    """A file written when the action ``conflicts`` was called ``losers`` still sets its keys."""
    keymap = validate_keymap({"losers": ["alt+l"]})
    assert keymap.keys == {"conflicts": ("alt+l",)}
    assert keymap.problems == ()


@pytest.mark.parametrize("key", ["j", "G", "space", "Ctrl+M"])
def test_a_key_that_would_never_arrive_is_told(key: str) -> None:
    """What a list takes for itself, or a terminal sends for something else, is no key for an action."""
    found = validate_keymap({"undo": [key]})
    assert found.keys == {}
    assert [problem.values["key"] for problem in found.problems] == [key]


@pytest.mark.parametrize("content", [b"[keys", b"\xff\xfd x", b"keys = 3", b"[keys]\n" + b"#" * 200_000])
def test_a_broken_file_is_told_and_the_table_stands(tmp_path: Path, content: bytes) -> None:
    """A file that is no TOML, no UTF-8, of another shape or far too long changes no key and raises nothing."""
    file = tmp_path / "keys.toml"
    file.write_bytes(content)
    found = read_keymap(file)
    assert found.keys == {}
    assert len(found.problems) == (0 if content.endswith(b"#") else 1)


def test_the_file_to_begin_with_changes_nothing_until_a_line_is_taken_out_of_its_comment(tmp_path: Path) -> None:
    """Every entry of the written keymap file is valid and equal to the table once its # is taken away."""
    file = tmp_path / "keys.toml"
    file.write_text(keymap_template(), encoding="utf-8")
    assert read_keymap(file) == Keymap()
    ids = {action.id for action in ACTIONS} - FIXED_ACTIONS
    told = [
        line.removeprefix("# ") if line[2:].split(" = ")[0] in ids else line for line in keymap_template().split("\n")
    ]
    file.write_text("\n".join(told), encoding="utf-8")
    found = read_keymap(file)
    assert found.problems == ()
    assert found.keys.keys() == ids


def test_the_readme_shows_the_table_as_it_is() -> None:
    """The key table of the README is the one that the action table makes (python -m tui.keys.key_docs)."""
    before = current_language()
    set_language("en")
    try:
        assert f"{BEGIN}\n{keys_markdown()}\n{END}" in README.read_text(encoding="utf-8")
    finally:
        set_language(before)


def test_chosen_keys_work_and_are_what_the_screen_says(home: Path) -> None:
    """A changed key does its action, is named by footer and help, and the key of the table no longer does it."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "slash")
        assert pilot.app.screen.id is None
        assert len(pilot.app.screen_stack) == 1
        assert "alt+l" in screen_text(pilot)
        await press(pilot, "alt+l")
        assert type(pilot.app.screen).__name__ == "LookupScreen"

    path = home / "ledger.db"
    keymap = validate_keymap({"lookup": ["alt+l"]})
    app = GuanjiaApp(lambda: open_store(path, KEY), home, now_ms=lambda: NOON_MS, start_mode="projects", keymap=keymap)
    drive(app, script)


def test_what_is_not_obeyed_is_told_when_the_program_opens(home: Path) -> None:
    """A problem of the keymap file is on the screen at the start."""

    async def script(pilot: Pilot[None]) -> None:
        assert "keys.toml" in screen_text(pilot)
        assert "lookp" in screen_text(pilot)

    path = home / "ledger.db"
    keymap = validate_keymap({"lookp": ["ctrl+x"]})
    app = GuanjiaApp(lambda: open_store(path, KEY), home, now_ms=lambda: NOON_MS, start_mode="projects", keymap=keymap)
    drive(app, script)
