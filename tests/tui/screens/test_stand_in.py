"""Standing in on the screens: given by two keys, seen by both, ended by one; and writing in another’s place."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from store.queries.stand_ins import StandInRow, stand_ins
from store.writer.local_writes import Draft, Ledger
from tests.tui.conflicts import store_of
from tests.tui.driving import drive, make_app, press, screen_text, settled, type_text, until
from tests.tui.role_samples import hold
from tests.tui.sample import NOON_MS, issue_id, line_id
from tui.app.app import GuanjiaApp
from tui.i18n import translate
from tui.i18n.author_text import author_text
from tui.screens.today import TodayScreen
from tui.widgets.autocomplete import NameField

DAY = "2026-05-20"


def standing(home: Path) -> list[StandInRow]:
    """Who stands in for whom."""
    database = store_of(home)
    rows = stand_ins(database.connection(), DAY)
    database.close()
    return rows


def stand_in(home: Path, by: str, principal: str) -> None:
    """Somebody acts for another until the end of the month."""
    database = store_of(home)
    body = {"role": "stand_in", "from_date": "2026-05-01", "to_date": "2026-05-31"}
    people = {"person_id": line_id("person", by), "for_id": line_id("person", principal)}
    Ledger(database, wall_clock=lambda: NOON_MS).put_many([Draft("assignment", {**body, **people})])
    database.close()


def entered(home: Path, table: str) -> list[tuple[str | None, str | None]]:
    """In whose place the newest lines of a table were written: principal and text, the newest first."""
    database = store_of(home)
    text = "title" if table == "issue" else "text"
    rows = database.connection().execute(
        f"SELECT (SELECT name FROM person WHERE id = x.acting_for_id), x.{text} FROM {table} x ORDER BY x.stamp DESC"
    )
    found = [(row[0], row[1]) for row in rows]
    database.close()
    return found


@pytest.mark.proves("R16")
def test_a_stand_in_takes_two_keys_and_is_ended_by_one(home: Path) -> None:
    """s on somebody’s entry and ^S: a week, seen on the day and in the address book; z on the day ends it, u takes that
    back, and several are chosen from."""
    hold(home, "bureau")
    keys = ("s", "ctrl+s")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "slash")
        await type_text(pilot, "@丑宁")
        await press(pilot, "enter", *keys)
        await settled(pilot)
        assert [(row.person, row.principal, row.to_date) for row in standing(home)] == [
            ("丑宁", "乙卫东", "2026-05-26")
        ]
        await press(pilot, "enter")
        assert "丑宁 代理您至" in screen_text(pilot)
        await press(pilot, "escape", "escape", "escape")
        assert isinstance(pilot.app.screen, TodayScreen)
        assert "丑宁 代理您至" in screen_text(pilot)
        await press(pilot, "z")
        await settled(pilot)
        assert standing(home) == []
        assert "代理您至" not in screen_text(pilot)
        await press(pilot, "u", "u")
        await until(pilot, lambda: "代理您至" in screen_text(pilot))
        assert len(standing(home)) == 1
        stand_in(home, "乙卫东", "甲建国")
        await until(pilot, lambda: "您代理 甲建国" in screen_text(pilot))
        await press(pilot, "z", "2")
        await settled(pilot)
        assert [row.principal for row in standing(home)] == ["乙卫东"]

    drive(make_app(home, start="today"), script)
    assert len(keys) <= 2


def test_the_stand_in_is_told_and_may_write_in_their_place(home: Path) -> None:
    """Who stands in sees it on their day, names the other in the forms of visits, issues and acts, and both names are
    in the issue’s conversation; nobody else can be named."""
    hold(home, "butler")
    stand_in(home, "乙卫东", "甲建国")

    async def script(pilot: Pilot[None]) -> None:
        assert "您代理 甲建国 至" in screen_text(pilot)
        await press(pilot, "z")
        assert len(standing(home)) == 1  # it is not theirs to end
        await _write_for_another(pilot, home)
        assert isinstance(pilot.app, GuanjiaApp)
        await pilot.app.open_screen("issue", issue_id(1))
        await settled(pilot)
        assert "我（代甲建国）" in screen_text(pilot)
        await press(pilot, "escape")
        await pilot.app.open_screen("project", line_id("project", 1))
        await settled(pilot)
        assert "乙卫东（代甲建国）" in screen_text(pilot)

    drive(make_app(home, start="today"), script, (160, 45))


async def _write_for_another(pilot: Pilot[None], home: Path) -> None:
    """A visit, an issue, a step."""
    await press(pilot, "v")
    await type_text(pilot, "代看现场")
    _fill_principal(pilot, "甲建国")
    await press(pilot, "ctrl+s")
    await settled(pilot)
    assert entered(home, "visit")[0] == ("甲建国", "代看现场")
    await press(pilot, "i")
    await type_text(pilot, "代报问题")
    _fill_principal(pilot, "丑宁")
    await press(pilot, "ctrl+s")
    await settled(pilot)
    assert "代报问题" not in [title for _principal, title in entered(home, "issue")]
    _fill_principal(pilot, "甲建国")
    await press(pilot, "ctrl+s")
    await settled(pilot)
    assert entered(home, "issue")[0] == ("甲建国", "代报问题")
    assert isinstance(pilot.app, GuanjiaApp)
    await pilot.app.open_screen("act_form", issue_id(1), "progress")
    await settled(pilot)
    await type_text(pilot, "正在办")
    _fill_principal(pilot, "甲建国")
    await press(pilot, "ctrl+s")
    await settled(pilot)
    assert entered(home, "issue_step")[0] == ("甲建国", "正在办")


def _fill_principal(pilot: Pilot[None], name: str) -> None:
    field = pilot.app.screen.query_one("#field-acting_for", NameField)
    assert field.display
    field.put(name)


def test_who_may_not_write_for_others_is_not_asked(home: Path) -> None:
    """A butler without a stand-in has no such field; the bureau has it, for anybody."""

    def asked(role: str) -> bool:
        hold(home, role)
        seen: list[bool] = []

        async def script(pilot: Pilot[None]) -> None:
            await press(pilot, "i")
            seen.append(bool(pilot.app.screen.query_one("#field-acting_for").display))

        drive(make_app(home), script)
        return seen[0]

    assert (asked("butler"), asked("bureau")) == (False, True)


def test_both_names_are_said_in_either_language() -> None:
    """As offices write it in Chinese, and in English words."""
    assert author_text("乙（代甲）") == "乙（代甲）"
    assert author_text("乙（代甲）", "我") == "我（代甲）"
    translate.set_language("en")
    assert author_text("乙（代甲）") == "乙 (for 甲)"
    assert (author_text("乙"), author_text(None)) == ("乙", "")
