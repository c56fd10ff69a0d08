"""The boundary of the screens: what a terminal sends by accident does nothing, and no error ends the app."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.events import Key
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Input

from store.home.error_log import read_log
from tests.tui.driving import drive, make_app, press, settled, type_text
from tui.app.app import GuanjiaApp
from tui.app.terminal_app import MAX_FAILURES, half_width
from tui.data.messages import AltKeyPressed, ResultReady, TerminalClosed, UnreadableInput
from tui.screens.issues import IssuesScreen
from tui.screens.lookup import LookupScreen
from tui.screens.visit_form import VisitForm


async def send(pilot: Pilot[None], *messages: Message) -> None:
    """Give the app messages as its driver does."""
    for message in messages:
        pilot.app.post_message(message)
    await settled(pilot)


def test_wide_letters_are_keys_outside_of_fields_and_text_in_them(home: Path) -> None:
    """With an input method in its full-width mode ３ ｖ ／ do what their keys do; in a field they are typed."""

    async def script(pilot: Pilot[None]) -> None:
        await send(pilot, Key("３", "３"))
        assert isinstance(pilot.app.screen, IssuesScreen)
        await send(pilot, Key("ｖ", "ｖ"))
        assert isinstance(pilot.app.screen, VisitForm)
        await press(pilot, "escape")
        await send(pilot, Key("／", "／"), Key("ｊ", "ｊ"))
        assert isinstance(pilot.app.screen, LookupScreen)
        assert pilot.app.screen.query_one(Input).value == "ｊ"

    drive(make_app(home), script)


@pytest.mark.parametrize(
    ("typed", "key"), [("ｎ", "n"), ("Ｕ", "U"), ("？", "question_mark"), ("中", "中"), ("！", "exclamation_mark")]
)
def test_a_wide_character_has_one_key(typed: str, key: str) -> None:
    """Letters, digits and marks of full width stand for their keys; other characters for themselves."""
    assert half_width(Key(typed, typed)).key == key


def test_escape_and_a_quick_key_are_both_heard_where_text_is_typed(home: Path) -> None:
    """Escape and the next key within the terminal's delay leave the field and act; in a list alt and a key do
    nothing."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "slash")
        await type_text(pilot, "甲")
        await send(pilot, AltKeyPressed(Key("3", "3")))
        assert isinstance(pilot.app.screen, IssuesScreen)
        await send(pilot, AltKeyPressed(Key("2", "2")), AltKeyPressed(Key("U", "U")))
        assert isinstance(pilot.app.screen, IssuesScreen)

    drive(make_app(home), script)


def test_unreadable_bytes_are_told_once(home: Path) -> None:
    """Who pastes text of another encoding reads once how the terminal must be set, and goes on."""

    async def script(pilot: Pilot[None]) -> None:
        await send(pilot, *(UnreadableInput() for _time in range(5)))
        assert len(pilot.app._notifications) == 1
        assert "UTF-8" in next(iter(pilot.app._notifications)).message

    drive(make_app(home), script)


def test_the_app_leaves_when_its_terminal_is_gone(home: Path) -> None:
    """A closed window ends the program as its key does."""

    async def script(pilot: Pilot[None]) -> None:
        await send(pilot, TerminalClosed())
        assert pilot.app._exit

    drive(make_app(home), script)


def fail() -> None:
    """Stands for a mistake in a screen."""
    raise ZeroDivisionError("a mistake")


def raise_at_the_end(app: GuanjiaApp, failures: int) -> bool:
    """Let a screen fail so often, at once, as only failures that follow each other closely end the app; gives whether
    it ran on. Textual raises the error at the end."""
    running: list[bool] = []

    async def script(pilot: Pilot[None]) -> None:
        for _time in range(failures):
            app.screen.post_message(ResultReady(fail))
        await settled(pilot)
        running.append(app.fatal_error is None)

    with pytest.raises(ZeroDivisionError):
        drive(app, script)
    return running.pop()


def test_an_error_that_nobody_foresaw_is_said_and_logged_and_the_screens_stay(home: Path) -> None:
    """A mistake in a screen shows no traceback and ends nothing: three sentences, an entry of the log, and the screen
    hears on; one that fails again and again ends the app with its sentences."""
    assert raise_at_the_end(make_app(home), 2)
    assert [what for _at, what in read_log(home)][-2:] == ["unexpected: ZeroDivisionError: a mistake"] * 2
    assert not raise_at_the_end(make_app(home), MAX_FAILURES + 1)
