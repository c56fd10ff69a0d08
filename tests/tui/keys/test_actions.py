"""The action table: one place for keys, footer, help and palette, without conflicts."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.pilot import Pilot
from textual.screen import Screen

from tests.tui.driving import drive, make_app, press, screen_text
from tui.app.app import GuanjiaApp
from tui.app.navigation import SCREENS
from tui.keys.actions import (
    ACTIONS,
    APP_SCOPE,
    Action,
    actions_in,
    bindings_in,
    format_key,
    format_keys,
    to_textual_keys,
)
from tui.screens.panels import Confirm, Menu, Notice
from tui.widgets.long_list import LongList

PLACES = sorted({place for action in ACTIONS for place in action.scopes} - {APP_SCOPE})
FRAMED = sorted(set(PLACES) - {"menu", "confirm", "danger", "notice", "filters", "help", "lock"})
DEAD_KEYS = {"ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+z", "ctrl+c", "ctrl+left_square_bracket"}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: f"{action.id}-{action.scopes[0]}")
def test_every_letter_key_has_a_twin(action: Action) -> None:
    """With an input method on, letters never reach the program, so each has a control or function key beside it."""
    if action.key.isalpha() and len(action.key) == 1:
        assert action.ime_safe_key.startswith(("ctrl+", "f"))
        assert len(action.ime_safe_key) > 1


@pytest.mark.parametrize("place", PLACES)
def test_no_two_actions_of_a_screen_share_a_key(place: str) -> None:
    """One key does one thing on a screen, its own actions and those of everywhere taken together."""
    known = [*actions_in(place), *(actions_in(APP_SCOPE) if place in FRAMED and place != "form" else ())]
    keys = [key for action in known for key in action.keys]
    assert sorted(keys) == sorted(set(keys))


def test_no_key_is_one_that_terminals_send_for_something_else() -> None:
    """ctrl+m is enter and ctrl+h is backspace on a terminal: no action may depend on them."""
    assert not DEAD_KEYS & {key for action in ACTIONS for key in action.keys}


def test_what_destroys_is_confirmed_by_a_key_of_its_own() -> None:
    """Enter never destroys anything, and ctrl+d never does anything harmless."""
    destroying = {"destroy", "drop", "discard", "erase_person", "erase_file"}
    assert {action.id for action in ACTIONS if "ctrl+d" in action.keys} == destroying
    assert [action.keys for action in actions_in("danger") if action.id == "destroy"] == [("ctrl+d",)]


def test_every_action_is_carried_out_by_somebody() -> None:
    """Each action of the table has its method, on the app or on every screen of its scope."""
    handlers: dict[str, list[type]] = {APP_SCOPE: [GuanjiaApp], "menu": [Menu]}
    handlers |= {"confirm": [Confirm], "danger": [Confirm], "notice": [Notice]}
    for target in SCREENS.values():
        module, _colon, name = target.partition(":")
        screen = getattr(import_module(module), name)
        handlers.setdefault(getattr(screen, "key_scope", ""), []).append(screen)
    handlers["filters"] = [import_module("tui.screens.filters").IssueFilterPanel]
    in_lists = {"open": LongList.action_open_row}
    for action in ACTIONS:
        for place in action.scopes:
            for handler in handlers[place]:
                assert hasattr(handler, f"action_{action.id}") or action.id in in_lists, (action.id, handler)


MOVES = {"up", "down", "left", "right", "pageup", "pagedown", "home", "end"}


def test_one_action_table_holds_the_bindings_of_every_screen() -> None:
    """A screen, a panel and the app bind actions of the table only; beside them no more than moves of a cursor."""
    for screen in (GuanjiaApp, Menu, Confirm, *(_class_of(name) for name in SCREENS)):
        for binding in vars(screen).get("BINDINGS", ()):  # Textual's own classes bind the movement of the focus
            assert isinstance(binding, Binding)
            if "(" in binding.action:
                assert set(binding.key.split(",")) <= MOVES, (screen, binding)
            else:
                assert binding.action in {action.id for action in ACTIONS}, (screen, binding)


def _class_of(name: str) -> type[Screen[object]]:
    module, _colon, attribute = SCREENS[name].partition(":")
    screen: type[Screen[object]] = getattr(import_module(module), attribute)
    return screen


def test_bindings_hold_every_key_of_the_table() -> None:
    """Textual's bindings are made from the table and leave out nothing."""
    bound = {(key, binding.action) for binding in bindings_in(APP_SCOPE) for key in binding.key.split(",")}
    assert bound == {
        (key, action.id) for action in actions_in(APP_SCOPE) for key in to_textual_keys(action.keys).split(",")
    }


def test_keys_are_named_as_people_know_them() -> None:
    """Control keys are written ^S, function keys F7, enter by its word."""
    keys = ("ctrl+s", "ctrl+backslash", "f7", "enter", "/", "shift+tab")
    assert [format_key(key) for key in keys] == ["^S", "^\\", "F7", "回车", "/", "Shift-Tab"]


def test_help_lists_every_action_of_the_screen(home: Path) -> None:
    """The help of a screen shows all its actions with their keys, and those of everywhere."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "3", "question_mark")
        shown = screen_text(pilot)
        for action in (*actions_in("issues"), *actions_in(APP_SCOPE)):
            assert format_keys(action) in shown, action.id

    drive(make_app(home), script, size=(100, 60))
