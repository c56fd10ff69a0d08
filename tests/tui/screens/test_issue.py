"""One issue and several: the conversation, the deadlines, the possible acts, and acts on many at once."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from textual.pilot import Pilot

from store.commands import issues as register
from store.commands import register_lines
from store.commands.issues import VERBS
from store.domain.registers import TIME_RULE_REGISTER
from store.domain.status_lights import light_thresholds
from store.queries.issues import IssueDetail, issue
from store.values.times import district_time
from store.writer.sync_writes import SyncLedger
from tests.tui.driving import drive, make_app, newest_first, press, screen_lines, screen_text, type_text, until
from tests.tui.driving import settled as settled_app
from tests.tui.role_samples import OTHER, hold, store_of
from tests.tui.sample import NOON_MS, issue_id, line_id
from tui.app.app import GuanjiaApp
from tui.screens.acts import ACT_BY_VERB, LETTERS
from tui.screens.issue import IssueScreen
from tui.screens.issues import IssuesScreen
from tui.screens.light_proof import LightProofScreen
from tui.screens.panels import Notice
from tui.widgets.page import PageView

TODAY = light_thresholds(district_time(NOON_MS).date())
SIZES = pytest.mark.parametrize("size", [(80, 24), (160, 45)], ids=["80x24", "160x45"])


def stands(home: Path, number: int) -> IssueDetail:
    """An issue of the sample as it stands."""
    database = store_of(home)
    found = issue(database.connection(), issue_id(number), TODAY)
    database.close()
    assert found is not None
    return found


def act(home: Path, number: int, verb: str, **given: str) -> None:
    """Do an act on an issue of the sample, an hour before noon."""
    database = store_of(home)
    register.act(
        SyncLedger(database, wall_clock=lambda: NOON_MS - 3_600_000), issue_id(number), verb, read=None, **given
    )
    database.close()


def test_ones_own_acts_stand_apart_from_the_others(home: Path) -> None:
    """Under one day: the steps of somebody else begin at the edge under their name, one's own are set in and marked."""
    with store_of(home).write() as connection:
        connection.execute("UPDATE issue_step SET author_id = ? WHERE act = 'assigned'", (line_id("person", "丑宁"),))

    async def script(pilot: Pilot[None]) -> None:
        await newest_first(pilot)
        await press(pilot, "end", "enter")
        shown = screen_lines(pilot)
        theirs = next(line for line in shown if "丑宁" in line)
        mine = [line for line in shown if "> " in line and "11:00" in line]
        assert len(mine) == 1
        assert theirs.index("10:00") < mine[0].index("11:00")
        days = [line for line in shown if "  周" in line]
        assert len(days) == 2  # recorded in April, everything else on the first of May

    drive(make_app(home), script, size=(160, 45))


@pytest.mark.soak(turns=2)
@SIZES
def test_the_clock_says_which_limit_runs_and_what_follows(size: tuple[int, int], home: Path) -> None:
    """An overdue issue has a full, marked gauge and names who is proposed next; one in time has some of it left."""

    async def script(pilot: Pilot[None]) -> None:
        await newest_first(pilot)
        await press(pilot, "end", "enter")
        assert "[############!" in screen_text(pilot)
        pages = pilot.app.screen.query(PageView)
        assert any(
            "甲建国" in str(block) for page in pages for block in page._blocks
        )  # to whom it would go: the leader
        await press(pilot, "escape", "up", "enter")
        assert "#-" in screen_text(pilot)
        assert "############" not in screen_text(pilot)

    drive(make_app(home), script, size=size)


def test_an_extension_shows_the_date_that_it_replaced(home: Path) -> None:
    """The old due date stays visible beside the new one."""
    act(home, 1, "extend", due="2026-05-29", reason="线路改道")

    async def script(pilot: Pilot[None]) -> None:
        await newest_first(pilot)
        await press(pilot, "end", "enter", "end")
        assert "05-18 -> 05-29" in screen_text(pilot)

    drive(make_app(home), script)


def test_the_menu_of_acts_takes_back_what_nobody_has_yet(home: Path) -> None:
    """An act that was not sent, of this run or an earlier one, is named in the menu and taken back by its letter; u
    writes it again; of one that was sent nothing is offered."""
    act(home, 1, "extend", due="2026-05-29", reason="线路改道")
    with closing(store_of(home)) as database, database.write() as connection:
        connection.execute("DELETE FROM outbox WHERE id NOT IN (SELECT id FROM issue_step WHERE act = 'extended')")

    async def script(pilot: Pilot[None]) -> None:
        await newest_first(pilot)
        await press(pilot, "end", "enter", "a")
        assert "收回：延期" in screen_text(pilot)
        await press(pilot, "z")
        await until(pilot, lambda: "已收回" in screen_text(pilot))
        assert [step.act for step in stands(home, 1).steps][-1] != "extended"
        await press(pilot, "a")
        assert "收回" not in screen_lines(pilot)[4]
        await press(pilot, "escape", "u", "u")
        await until(pilot, lambda: [step.act for step in stands(home, 1).steps][-1] == "extended")

    drive(make_app(home), script)


def test_settling_takes_four_keys_and_the_text(home: Path) -> None:
    """From the issue: a s, the measure, tab, the evidence, ctrl+s. The screen names these letters before."""
    keys = ["a", "s", "tab", "ctrl+s"]

    async def script(pilot: Pilot[None]) -> None:
        await newest_first(pilot)
        await press(pilot, "end", "enter")
        assert f"a {LETTERS['settle']} 办结" in screen_text(pilot)
        await press(pilot, *keys[:2])
        await type_text(pilot, "架设临时线路")
        await press(pilot, keys[2])
        await type_text(pilot, "验收单")
        await press(pilot, keys[3])
        await until(pilot, lambda: isinstance(pilot.app.screen, IssueScreen))

    drive(make_app(home), script)
    assert len(keys) <= 4
    assert stands(home, 1).row.state == "settled"


def test_the_screen_offers_what_the_role_and_the_state_allow(home: Path) -> None:
    """A settled issue offers approval to a bureau, but neither to a butler nor to the person who settled it."""
    hold(home, "bureau")

    async def own(pilot: Pilot[None]) -> None:
        await newest_first(pilot)
        await press(pilot, "end", "up", "up", "enter")
        assert "a o " not in screen_text(pilot)
        assert "a b " in screen_text(pilot)

    drive(make_app(home), own)
    with store_of(home).write() as connection:
        connection.execute("UPDATE issue SET author_id = ?", (OTHER,))
        connection.execute("UPDATE issue_step SET author_id = ?", (OTHER,))

    async def others(pilot: Pilot[None]) -> None:
        await newest_first(pilot)
        await press(pilot, "end", "up", "up", "enter")
        assert "a o " in screen_text(pilot)

    drive(make_app(home), others)
    hold(home, "butler")

    async def butler(pilot: Pilot[None]) -> None:
        await newest_first(pilot)
        await press(pilot, "end", "up", "up", "enter")
        assert "a o " not in screen_text(pilot)
        assert "a b " not in screen_text(pilot)
        assert "a y " in screen_text(pilot)

    drive(make_app(home), butler)


def test_acts_are_named_as_the_register_names_them() -> None:
    """The screens' light table of acts is the register's, and each act has a letter of its own."""
    assert {verb: does.act for verb, does in VERBS.items()} == ACT_BY_VERB
    assert sorted(LETTERS) == sorted(ACT_BY_VERB)
    assert len(set(LETTERS.values())) == len(LETTERS)


def test_several_issues_are_reminded_of_with_one_form(home: Path) -> None:
    """Space selects two, one text is a step of each, and nothing stays selected."""

    async def script(pilot: Pilot[None]) -> None:
        await newest_first(pilot)
        await press(pilot, "space", "space", "a", "i")
        await type_text(pilot, "本周五前请答复")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, IssuesScreen))
        screen = pilot.app.screen
        assert isinstance(screen, IssuesScreen)
        assert screen.rows.selected == []

    drive(make_app(home), script)
    for number in (6, 5):
        last = stands(home, number).steps[-1]
        assert (last.act, last.text) == ("reminded", "本周五前请答复")
    assert stands(home, 4).steps[-1].act == "assigned"


def test_what_could_not_be_done_on_some_is_told_with_the_reason(home: Path) -> None:
    """An extension of a settled issue is refused and of one under way is not; both are named."""

    async def script(pilot: Pilot[None]) -> None:
        await newest_first(pilot)
        await press(pilot, "end", "up", "space", "up", "up", "space", "a", "e")
        await type_text(pilot, "2026-06-30")
        await press(pilot, "tab")
        await type_text(pilot, "等待批复")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, Notice))
        shown = screen_text(pilot)
        assert "W2026-002" in shown
        assert "W2026-003" in shown
        assert "已办结" in shown

    drive(make_app(home), script)
    assert stands(home, 2).row.due == "2026-06-30"
    assert stands(home, 3).row.due == "2026-06-30"  # its own date of old: nothing was extended
    assert stands(home, 3).steps[-1].act == "settled"


@SIZES
def test_one_key_says_why_an_issue_has_its_light(home: Path, size: tuple[int, int]) -> None:
    """``w`` on the list and on the issue: the rule with its day, the due date with who set it, limits and calendar."""

    def page(pilot: Pilot[None]) -> list[str]:
        return pilot.app.screen.query_one("#page", PageView).texts()

    async def script(pilot: Pilot[None]) -> None:
        await newest_first(pilot)
        await press(pilot, "end", "w")
        await until(pilot, lambda: isinstance(pilot.app.screen, LightProofScreen) and "怎样核对" in page(pilot))
        listed = page(pilot)
        said = "\n".join(listed)
        assert "规则第 2 版" in said
        assert "所定" in said
        assert "国务院" in said
        await press(pilot, "escape", "enter", "f4")
        await until(pilot, lambda: isinstance(pilot.app.screen, LightProofScreen) and page(pilot) == listed)

    drive(make_app(home), script, size=size)


def test_an_assignment_needs_no_due_date_where_a_time_rule_gives_it(home: Path) -> None:
    """The star at the due date goes as soon as it is read that a rule of the district fits the issue."""

    async def script(pilot: Pilot[None]) -> None:
        assert isinstance(pilot.app, GuanjiaApp)
        await pilot.app.open_screen("act_form", issue_id(5), "assign")
        await settled_app(pilot)
        shown.append("期限 *" in screen_text(pilot))

    shown: list[bool] = []
    drive(make_app(home), script)
    with closing(store_of(home)) as database:
        rule = {"days": "10", "counting": "workdays", "start": "assigned", "pauses": "none"}
        ledger = SyncLedger(database, wall_clock=lambda: NOON_MS)
        register_lines.add(ledger, TIME_RULE_REGISTER, valid_from="2026-05-01", **rule)
    drive(make_app(home), script)
    assert shown == [True, False]
