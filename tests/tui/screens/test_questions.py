"""What forms ask back before they write, and what they say of a name while it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from store.queries import issues, visits
from store.queries.name_lookup import list_named
from tests.tui.driving import drive, make_app, press, screen_text, settled, type_text, until
from tests.tui.sample import issue_id
from tests.tui.screens.test_forms import TODAY, store_of
from tui.screens.act_form import ActForm
from tui.screens.form import Form
from tui.screens.issue_form import IssueForm
from tui.screens.meeting_mode import MeetingScreen
from tui.screens.questions import NewNameMenu
from tui.widgets.autocomplete import NameField
from tui.widgets.fields import FormField, TextField


def field_of(pilot: Pilot[None], name: str) -> FormField:
    """A field of the form in front."""
    return pilot.app.screen.query_one(f"#field-{name}", FormField)


def names_of_units(home: Path) -> set[str]:
    """The units that the ledger knows."""
    return {one.name for one in list_named(store_of(home).connection(), "unit")}


def test_an_unfinished_name_is_asked_about_and_not_born(home: Path) -> None:
    """A part of a name is marked as not known; saving asks which is meant, and the chosen one is written."""
    before = names_of_units(home)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "i")
        await type_text(pilot, "围墙外道路未通")
        field_of(pilot, "department").focus_control()
        await type_text(pilot, "发")
        await press(pilot, "tab")
        assert "？不在册" in screen_text(pilot)
        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, NewNameMenu)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, IssueForm)
        await press(pilot, "ctrl+s", "enter")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Form | NewNameMenu))

    drive(make_app(home), script)
    newest = issues.issues(store_of(home).connection(), TODAY, issues.IssueFilter(text="围墙外"))[0]
    assert newest.department == "发展和改革局"
    assert names_of_units(home) == before


def test_initials_are_completed_by_tab_as_by_enter(home: Path) -> None:
    """Initials mean a known name: leaving the field takes it, also when one types faster than the list appears."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        who = field_of(pilot, "who")
        who.focus_control()
        await type_text(pilot, "dhm")
        await press(pilot, "tab")
        assert who.value == "丁红梅"
        assert "✓ 在册" in screen_text(pilot)

    drive(make_app(home), script)


def test_a_prefilled_name_is_replaced_by_typing(home: Path) -> None:
    """A department or day that is proposed is marked whole: what is typed stands alone, and nothing is glued to it."""

    async def script(pilot: Pilot[None]) -> None:
        app = pilot.app
        await app.push_screen(ActForm(issue_id(1), "assign"))
        await settled(pilot)
        department = field_of(pilot, "department")
        assert department.value
        await type_text(pilot, "某局")
        assert department.value == "某局"
        due = field_of(pilot, "due")
        due.put("2026-12-03")
        due.focus_control()
        await type_text(pilot, "12.10")
        assert due.value == "12.10"

    drive(make_app(home), script)


def test_a_day_is_shown_as_understood_and_a_slip_is_asked_back(home: Path) -> None:
    """A visit in another year: the form says which day that is, asks, and writes it once it is confirmed."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        await type_text(pilot, "到现场查看")
        at = field_of(pilot, "at")
        assert isinstance(at, TextField)
        at.input.value = ""
        at.focus_control()
        await type_text(pilot, "2020年3月5日 下午3点")
        assert "= 2020-03-05 周四 15:00" in screen_text(pilot)
        await press(pilot, "ctrl+s")
        assert "日期是否无误" in screen_text(pilot)
        await press(pilot, "enter")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Form))

    drive(make_app(home), script, (120, 30))
    found = visits.visits(store_of(home).connection())
    assert "2020-03-05T15:00+08:00" in {one.at for one in found}


def test_what_must_be_filled_in_has_a_star(home: Path) -> None:
    """The star is explained once, and is not the mark of the focus."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        shown = screen_text(pilot)
        assert "* 为必填" in shown
        assert field_of(pilot, "text").label_text == "情况 *"
        assert field_of(pilot, "place").label_text == "地点"
        assert isinstance(field_of(pilot, "project"), NameField)

    drive(make_app(home), script)


def test_a_meeting_asks_who_its_chair_is(home: Path) -> None:
    """A part of a name in the chair is asked about before the meeting begins, and the person who is meant presides."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "m")
        await type_text(pilot, "zrzy ")
        field_of(pilot, "chair").focus_control()
        await type_text(pilot, "甲建")
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, NewNameMenu)
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, MeetingScreen))
        screen = pilot.app.screen
        assert isinstance(screen, MeetingScreen)
        assert screen.meeting is not None
        assert (screen.meeting.chair, bool(screen.meeting.chair_id)) == ("甲建国", True)

    drive(make_app(home), script)


@pytest.mark.proves("R28")
def test_a_typed_phone_corrects_the_known_ones(home: Path) -> None:
    """A known name with another phone in a project’s form makes no second person: c corrects the phone everywhere, and
    the project keeps its contact."""

    def phones() -> dict[str, str | None]:
        return {one.name: one.number for one in list_named(store_of(home).connection(), "person")}

    before = phones()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "e")
        field_of(pilot, "enterprise_contact").focus_control()
        await press(pilot, "end")
        await type_text(pilot, " 13912345678")
        await press(pilot, "ctrl+s")
        assert "更正电话" in screen_text(pilot)
        assert "丁红梅（19900000001） -> 13912345678" in screen_text(pilot)
        await press(pilot, "c")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Form | NewNameMenu))
        assert phones() == {**before, "丁红梅": "13912345678"}

    drive(make_app(home), script)
