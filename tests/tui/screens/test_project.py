"""One project: who serves it at a glance, everything that happened, the stage board and the progress chart."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from textual.pilot import Pilot

from store.domain.procedure_catalogue import STAGES
from store.domain.registers import REGISTERS
from store.writer.local_writes import Ledger
from store.writer.upgrade import open_store
from tests.tui.driving import drive, make_app, press, screen_lines, screen_text, settled, until
from tests.tui.registers_sample import fill_registers
from tests.tui.sample import KEY, NOON_MS, line_id
from tests.tui.writing import add_line, log_visit
from tui.data.rows import EventRow
from tui.data.writer import Writer
from tui.i18n.translate import _
from tui.screens.history import HistoryScreen
from tui.screens.issue_form import IssueForm
from tui.screens.project import PARTS, ProjectScreen
from tui.screens.register_form import RegisterForm
from tui.screens.register_line import RegisterLineScreen
from tui.screens.visit_form import VisitForm
from tui.widgets.board import Board
from tui.widgets.long_list import LongList
from tui.widgets.section_tabs import SectionTab

PROJECT = line_id("project", 1)


def project(pilot: Pilot[None]) -> ProjectScreen:
    """The screen of the project."""
    assert isinstance(pilot.app.screen, ProjectScreen)
    return pilot.app.screen


def board(pilot: Pilot[None]) -> Board:
    """Its board."""
    return project(pilot).query_one(Board)


async def show(pilot: Pilot[None], part: str) -> None:
    """Open the first project and go to one of its parts with tab."""
    await press(pilot, "enter", *["tab"] * [name for name, _label in PARTS].index(part))
    assert project(pilot).current == part


def writer_of(home: Path) -> Writer:
    """What an officer on this home writes with."""
    return Writer(open_store(home / "ledger.db", KEY), lambda: NOON_MS)


def test_the_six_ones_are_seen_at_a_glance(home: Path) -> None:
    """At 80 by 24, without scrolling: the leader, the butler, their phones, and at its position what is missing."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "end", "enter")
        page = "\n".join(screen_lines(pilot)[1:11])
        assert all(part in page for part in ("甲建国  19900000012", "乙卫东  199000000"))
        missing = [line for line in page.splitlines() if _("nobody yet") in line]
        assert len(missing) == 2

    drive(make_app(home), script)


def test_the_timeline_opens_every_sort_of_event(home: Path) -> None:
    """A line of each register is in the timeline, and enter opens it: the line itself, or the issue it is about."""
    fill_registers(home)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "enter")
        rows: LongList[EventRow] = project(pilot).query_one("#timeline", LongList)
        seen = {row.event.what for row in rows._window.rows}
        assert {"visit", "meeting", "policy_delivery", "progress_report", "recorded", "assigned"} <= seen
        for what in ("meeting", "progress_report"):
            while rows.row and rows.row.event.what != what:
                await press(pilot, "down")
            await press(pilot, "enter")
            assert isinstance(pilot.app.screen, RegisterLineScreen)
            assert pilot.app.screen.register is REGISTERS[{"progress_report": "progress"}.get(what, what)]
            await press(pilot, "escape")

    drive(make_app(home), script)


def test_a_long_timeline_is_paged_and_the_cursor_stays_on_its_event(home: Path) -> None:
    """With a thousand events a window is held; the last one is reached, and a new visit moves the cursor from none."""
    database = open_store(home / "ledger.db", KEY)
    with database.write() as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(visit)")]
        changed = {
            "id": "printf('v%08d', i)",
            "at": "strftime('%Y-%m-%dT%H:%M+08:00', 1700000000 + i * 600, 'unixepoch')",
        }
        values = ", ".join(changed.get(name, f'"{name}"') for name in columns)
        connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
            f"INSERT INTO visit ({', '.join(columns)}) SELECT {values} FROM visit, n WHERE id = ?",
            (line_id("visit", 0),),
        )

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "enter")
        rows: LongList[EventRow] = project(pilot).query_one("#timeline", LongList)
        assert rows.total > 1000
        assert len(rows._window.rows) <= 401
        await press(pilot, "end")
        assert rows.row and rows.row.id == "v00000001"
        log_visit(Writer(database, lambda: NOON_MS), {"project": PROJECT, "text": "新的走访"})
        total = rows.total
        await until(pilot, lambda: rows.total == total + 1)
        assert rows.row and rows.row.id == "v00000001"

    drive(make_app(home), script)
    database.close()


@pytest.mark.soak(turns=5)
@pytest.mark.parametrize(
    ("part", "form"),
    [
        ("timeline", VisitForm),
        ("visits", VisitForm),
        ("issues", IssueForm),
        ("procedures", RegisterForm),
        ("progress", RegisterForm),
    ],
)
def test_n_is_a_new_one_of_the_part_in_view(home: Path, part: str, form: type) -> None:
    """The same key begins a visit, an issue, a procedure or a month of progress, of this project."""

    async def script(pilot: Pilot[None]) -> None:
        await show(pilot, part)
        await press(pilot, "n")
        assert isinstance(pilot.app.screen, form)
        assert pilot.app.screen.project == PROJECT  # type: ignore[attr-defined]
        if isinstance(pilot.app.screen, RegisterForm):
            assert pilot.app.screen.register.name == {"procedures": "procedure", "progress": "progress"}[part]

    drive(make_app(home), script)


def test_parts_are_shown_by_the_mouse_too(home: Path) -> None:
    """A click, or a jump, on a part's name shows it."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "enter")
        await pilot.click("#part-issues")
        await settled(pilot)
        assert project(pilot).current == "issues"
        assert [name.section for name in project(pilot).query(SectionTab) if name.has_class("-here")] == ["issues"]

    drive(make_app(home), script)


def test_procedures_are_proposed_and_stand_by_stage(home: Path) -> None:
    """An empty board says what to do; p asks and proposes; each card stands in the lane of its stage."""

    async def script(pilot: Pilot[None]) -> None:
        await show(pilot, "procedures")
        assert _("No procedure yet. p proposes the standard ones, n adds one.") in screen_text(pilot)
        await press(pilot, "p", "enter")
        await until(pilot, lambda: board(pilot).card is not None)
        lanes = board(pilot)._lanes
        assert len(lanes) == len(STAGES)
        assert sum(len(lane.cards) for lane in lanes) > 3

    drive(make_app(home), script)


def test_the_board_is_walked_with_arrows_and_opens_the_procedure(home: Path) -> None:
    """Narrow: one stage at a time, left and right go through the stages, enter opens the card; wide: all stages."""
    writes = writer_of(home)
    for code, stage in (("construction_permit", "在建"), ("own", "自定")):
        add_line(writes, REGISTERS["procedure"], {"project": PROJECT, "code": code, "name": stage,
        "department": "住建局",
                                             "status": "conditional", "promise_due": "2026-06-30"})  # fmt: skip

    async def narrow(pilot: Pilot[None]) -> None:
        await show(pilot, "procedures")
        assert "住建局" in screen_text(pilot) and "06-30" in screen_text(pilot)
        assert "自定" not in screen_text(pilot)
        await press(pilot, *["right"] * 3)
        assert "自定" in screen_text(pilot)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, RegisterLineScreen)
        assert "自定" in screen_text(pilot)

    async def wide(pilot: Pilot[None]) -> None:
        await show(pilot, "procedures")
        assert all(text in screen_text(pilot) for text in ("在建", "自定"))

    drive(make_app(home), narrow)
    drive(make_app(home), wide, size=(200, 45))


def test_the_cursor_stays_on_its_card_when_it_changes_lane_or_place(home: Path) -> None:
    """Another's procedure in the same lane, before the one under the cursor, does not move the cursor."""
    writes = writer_of(home)
    mine = add_line(
        writes, REGISTERS["procedure"], {"project": PROJECT, "code": "construction_permit", "name": "施工许可"}
    )

    async def script(pilot: Pilot[None]) -> None:
        await show(pilot, "procedures")
        assert board(pilot).card == mine
        add_line(writes, REGISTERS["procedure"], {"project": PROJECT, "code": "fire_design", "name": "消防设计"})
        await until(pilot, lambda: sum(len(lane.cards) for lane in board(pilot)._lanes) == 2)
        assert board(pilot).card == mine

    drive(make_app(home), script)


def test_progress_is_a_bar_of_the_plan_month_by_month(home: Path) -> None:
    """What is done of the year's plan is drawn as wide as its share, the months gone by are marked, and each month says
    what was done in it; enter opens the month."""
    writes = writer_of(home)
    for month, done in (("2026-01", "1000万"), ("2026-02", "4000万")):
        add_line(writes, REGISTERS["progress"], {"project": PROJECT, "month": month, "planned": "1.2亿", "done": done,
                                            "physical": "基础施工"})  # fmt: skip

    async def script(pilot: Pilot[None]) -> None:
        await show(pilot, "progress")
        february, january = screen_lines(pilot)[3:5]
        assert february.startswith(" 2026-02 ####|####----------------")
        assert january.startswith(" 2026-01 ##|----------------------")
        assert "3,000" in february and "基础施工" in february
        assert not [one for one in february + january if unicodedata.east_asian_width(one) == "A"]
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, RegisterLineScreen)

    drive(make_app(home), script)


def test_a_change_to_the_list_opens_the_projects_history(home: Path) -> None:
    """What was changed on the list is an event of the timeline, and leads to the versions of the project's line."""
    Ledger(open_store(home / "ledger.db", KEY), wall_clock=lambda: NOON_MS).edit(
        "project", PROJECT, adjustments=[{"act": "added", "date": "2026-05-21", "reason": "专项纳入"}]
    )

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "enter")
        assert "专项纳入" in screen_text(pilot)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, HistoryScreen)

    drive(make_app(home), script)
