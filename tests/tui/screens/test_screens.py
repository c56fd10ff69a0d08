"""What each screen is for, done through the real keys on a real ledger."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from store.commands import address_book
from store.commands.address_book import PhoneChanges
from store.db.database import Database
from store.domain.status_lights import light_thresholds
from store.queries import issues, lines
from store.values.times import district_time
from store.writer.local_writes import Ledger
from store.writer.sync_writes import SyncLedger
from store.writer.upgrade import open_store
from tests.tui.driving import drive, make_app, newest_first, press, screen_text, settled, type_text, until
from tests.tui.sample import KEY, NOON_MS, issue_id, line_id
from tui.data.readers.suggestions import matching_suggestions
from tui.data.sync_status import SyncStatus
from tui.i18n import translate
from tui.i18n.register_text import number_text
from tui.screens.filters import IssueFilterValues
from tui.screens.history import HistoryScreen
from tui.screens.issue import IssueScreen
from tui.screens.issues import IssuesScreen
from tui.screens.lookup import LookupScreen
from tui.screens.panels import Menu
from tui.screens.project import ProjectScreen
from tui.screens.rejected import RejectedScreen

TODAY = light_thresholds(district_time(NOON_MS).date())


def store_of(home: Path) -> Database:
    """The store, as another process sees it."""
    return open_store(home / "ledger.db", KEY)


def test_projects_show_lights_and_what_the_six_ones_lack(home: Path) -> None:
    """The list is laid out as the responsibility table, worst light, missing ones and last contact beside it."""

    async def script(pilot: Pilot[None]) -> None:
        first, _second, third = screen_text(pilot).splitlines()[3:6]
        assert first.startswith(" 红")
        assert all(part in first for part in ("北山新能源", "甲建国", "乙卫东", "丁红梅", "齐全", "今天"))
        assert all(part in third for part in ("丁香湖", "缺 1", "79 天前"))

    drive(make_app(home), script)


def test_a_wide_screen_previews_the_project_under_the_cursor(home: Path) -> None:
    """Where there is room, people with phones stand beside the list and follow the cursor."""

    async def script(pilot: Pilot[None]) -> None:
        assert "19900000003" in screen_text(pilot)
        await press(pilot, "down", "down")
        assert "寅青  " in screen_text(pilot)

    drive(make_app(home), script, size=(160, 45))


def test_a_phone_of_its_own_line_is_shown_and_offered(home: Path) -> None:
    """A new phone stands beside the person on the project's page, and is offered with the name while one types."""
    database = store_of(home)
    ledger = Ledger(database, wall_clock=lambda: NOON_MS)
    address_book.edit(ledger, "person", "甲建国", phones=PhoneChanges("19900000099"))
    offered = matching_suggestions(database.connection(), "person", "甲建国")
    database.close()
    assert [(one.text, one.hint) for one in offered] == [("甲建国", "19900000099")]

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "enter")
        assert "甲建国  19900000099" in screen_text(pilot)

    drive(make_app(home), script)


def test_one_project_has_people_timeline_visits_and_issues(home: Path) -> None:
    """Enter opens the project; tab goes through its three lists and around."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, ProjectScreen)
        assert "甲建国  199" in screen_text(pilot)
        assert "交办" in screen_text(pilot)
        await press(pilot, "tab")
        assert "乙卫东、丁红梅" in screen_text(pilot)
        await press(pilot, "tab")
        assert "W2026-002" in screen_text(pilot)
        await press(pilot, "shift+tab", "shift+tab")
        assert pilot.app.screen.current == "timeline"

    drive(make_app(home), script)


def test_enter_in_a_project_opens_the_visit_or_the_issue(home: Path) -> None:
    """The timeline opens the lines of its events, and escape goes back, screen by screen."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "enter", "enter")
        assert "主体厂房已封顶" in screen_text(pilot)
        await press(pilot, "escape", "end", "enter")
        assert isinstance(pilot.app.screen, IssueScreen)
        await press(pilot, "escape", "escape")
        assert "序号   项目名称" in screen_text(pilot)

    drive(make_app(home), script)


def test_the_ledger_of_issues_is_narrowed_by_filters(home: Path) -> None:
    """State, light, department and words each leave the issues they should, and the head line says what is chosen."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "3")
        screen = pilot.app.screen
        assert isinstance(screen, IssuesScreen)
        assert screen.rows.total == 6
        await press(pilot, "f", "tab", "right", "enter")
        assert screen.rows.total == 1
        assert "红灯" in screen_text(pilot).splitlines()[1]
        await press(pilot, "f", "tab", "left", "tab")
        await type_text(pilot, "zrzy")
        await press(pilot, "down", "enter", "enter")
        assert [row.number for row in screen.rows._window.rows] == ["W2026-002"]
        assert "自然资源分局" in screen_text(pilot).splitlines()[1]

    drive(make_app(home), script)


def test_one_issue_is_a_conversation_of_its_steps(home: Path) -> None:
    """An issue shows who has it and by when, and its steps in order with what each says."""

    async def script(pilot: Pilot[None]) -> None:
        await newest_first(pilot)
        await press(pilot, "end", "enter")
        shown = screen_text(pilot)
        assert shown.index("交办") < shown.index("接办") < shown.index("进展") < shown.index("已现场踏勘")
        assert "供电公司" in shown
        assert "红灯" in shown

    drive(make_app(home), script, size=(100, 40))


def test_acts_that_the_state_forbids_say_when_they_are_possible(home: Path) -> None:
    """What cannot be done now is listed with the states it needs, and choosing it only says so."""

    async def script(pilot: Pilot[None]) -> None:
        await newest_first(pilot)
        await press(pilot, "a")
        assert isinstance(pilot.app.screen, Menu)
        assert "会议上，或：已上报" in screen_text(pilot)
        await press(pilot, "s")
        assert isinstance(pilot.app.screen, Menu)
        await until(pilot, lambda: "办结：仅限：办理中" in screen_text(pilot))

    drive(make_app(home), script, size=(100, 40))


def test_acts_of_other_roles_are_not_offered(home: Path) -> None:
    """A butler is not offered the bureau's approval; a device that knows of no role offers everything."""
    with store_of(home).write() as connection:
        connection.execute("INSERT INTO meta (key, value) VALUES ('roles', '[{\"role\": \"butler\"}]')")

    async def script(pilot: Pilot[None]) -> None:
        await newest_first(pilot)
        await press(pilot, "a")
        assert "审定通过" not in screen_text(pilot)
        assert "交办" in screen_text(pilot)

    drive(make_app(home), script, size=(100, 40))


def test_the_lookup_finds_by_characters_initials_numbers_and_phones(home: Path) -> None:
    """Each way of asking finds its line, and enter opens the right screen for it."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "slash")
        for text, found in (
            ("供电线路", "W2026-001"),
            ("dxh", "丁香湖"),
            ("w2026-004", "环境影响"),
            ("0003", "乙卫东"),
        ):
            field = pilot.app.screen.query_one("#question")
            field.value = ""  # type: ignore[attr-defined]
            await type_text(pilot, text)
            assert found in screen_text(pilot), text
        field.value = "W2026-004"  # type: ignore[attr-defined]
        await settled(pilot)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, IssueScreen)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, LookupScreen)

    drive(make_app(home), script)


def test_every_kind_that_is_found_can_be_opened(home: Path) -> None:
    """Projects, issues, visits, people and units all have a page."""

    async def script(pilot: Pilot[None]) -> None:
        for text in ("北山", "用地报批", "供电公司", "乙卫东", "街道会议室"):
            await press(pilot, "slash")
            await type_text(pilot, text)
            await press(pilot, "enter")
            assert not isinstance(pilot.app.screen, LookupScreen)
            assert len("".join(screen_text(pilot).split())) > 60
            await press(pilot, "escape", "escape")

    drive(make_app(home), script)


def test_a_version_that_lost_is_seen_and_restored(home: Path) -> None:
    """History shows what a version says differently; restoring it asks, then writes a new version that wins."""
    ledger = Ledger(store_of(home), wall_clock=lambda: NOON_MS + 1000)
    ledger.edit("project", line_id("project", 1), note="被改过的备注")
    ledger.database.close()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "h")
        screen = pilot.app.screen
        assert isinstance(screen, HistoryScreen)
        await press(pilot, "down")
        assert "+ 二期用地正在报批" in screen_text(pilot)
        assert "- 被改过的备注" in screen_text(pilot)
        await press(pilot, "r", "enter")
        await until(pilot, lambda: screen.rows.total == 3)
        await press(pilot, "home", "r")
        assert pilot.app.screen is screen

    drive(make_app(home), script)
    assert (
        lines.version_history(store_of(home).connection(), line_id("project", 1))[-1].body["note"] == "二期用地正在报批"
    )


def refuse(home: Path, line: str, code: str) -> None:
    """Mark a line as refused by the central."""
    with store_of(home).write() as connection:
        connection.execute(
            "UPDATE outbox SET state = 'rejected', code = ?, reason = 'clock', at = ? WHERE id = ?",
            (code, NOON_MS, line),
        )


def test_refused_lines_are_shown_with_the_reason_and_sent_again(home: Path) -> None:
    """The screen of refused lines says why one was refused; one key puts it back among the unsent."""
    refuse(home, line_id("visit", 0), "clock_ahead")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "1", "x")
        assert "时间戳超前" in screen_text(pilot)
        assert "1 条被退回" in screen_text(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, RejectedScreen)
        await press(pilot, "t")
        await until(pilot, lambda: screen.rows.total == 0)

    drive(make_app(home), script)
    assert lines.rejected_lines(store_of(home).connection()) == []


def test_lines_refused_for_one_reason_are_one_row(home: Path) -> None:
    """Lines of one kind and reason are one row with their count; enter lists them, esc puts them together again, and a
    key on the row is for all of them."""
    for number in range(3):
        refuse(home, line_id("visit", number), "forbidden")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "1", "x")
        screen = pilot.app.screen
        assert isinstance(screen, RejectedScreen)
        await until(pilot, lambda: screen.rows.total == 1)
        assert "3 条" in screen_text(pilot)
        await press(pilot, "enter")
        await until(pilot, lambda: screen.rows.total == 3)
        await press(pilot, "escape")
        await until(pilot, lambda: screen.rows.total == 1)
        await press(pilot, "t")
        await until(pilot, lambda: screen.rows.total == 0)

    drive(make_app(home), script)
    assert lines.rejected_lines(store_of(home).connection()) == []


def test_giving_up_a_refused_line_needs_the_key_of_destructive_acts(home: Path) -> None:
    """Dropping asks first; enter does not agree, ctrl+d does."""
    refuse(home, line_id("visit", 0), "forbidden")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "1", "x", "ctrl+d", "enter")
        assert "放弃这一条" in screen_text(pilot)
        await press(pilot, "ctrl+d")
        screen = pilot.app.screen
        assert isinstance(screen, RejectedScreen)
        await until(pilot, lambda: screen.rows.total == 0)

    drive(make_app(home), script)


def test_a_step_added_elsewhere_appears_in_the_open_issue(home: Path) -> None:
    """While one reads an issue, another's act joins the conversation by itself."""

    async def script(pilot: Pilot[None]) -> None:
        await newest_first(pilot)
        await press(pilot, "end", "enter")
        other = SyncLedger(store_of(home), wall_clock=lambda: NOON_MS + 1000)
        step = {"issue_id": issue_id(1), "act": "reminded", "text": "请尽快答复"}
        other.put("issue_step", step, project=line_id("project", 1))
        other.database.close()
        await until(pilot, lambda: "请尽快答复" in screen_text(pilot))

    drive(make_app(home), script, size=(100, 40))


def test_a_line_that_was_withdrawn_says_so(home: Path) -> None:
    """A screen about a line that is no longer here says that, instead of showing what it was."""

    async def script(pilot: Pilot[None]) -> None:
        pilot.app.open_screen("issue", line_id("nowhere"))  # type: ignore[attr-defined]
        await settled(pilot)
        assert "不在本机" in screen_text(pilot)

    drive(make_app(home), script)


def test_places_keep_what_was_opened_in_them(home: Path) -> None:
    """Going to the ledger of issues and back finds the project as it was left."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "enter", "tab", "3", "6", "2")
        assert isinstance(pilot.app.screen, ProjectScreen)
        assert pilot.app.screen.current == "visits"

    drive(make_app(home), script)


def test_an_issue_can_be_read_at_any_size(home: Path) -> None:
    """From a narrow console to a very large screen, lines fit and nothing breaks."""

    async def script(pilot: Pilot[None]) -> None:
        await newest_first(pilot)
        await press(pilot, "end", "enter")
        for width, height in ((40, 12), (80, 24), (250, 70)):
            await pilot.resize_terminal(width, height)
            await settled(pilot)
            assert "外部供电线路" in screen_text(pilot)
            assert issues.issue(store_of(home).connection(), issue_id(1), TODAY) is not None

    drive(make_app(home), script)


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize("language", translate.LANGUAGES)
def test_the_top_line_names_the_officer_on_every_screen(home: Path, language: str) -> None:
    """Whose ledger is open is seen at 80 columns too, whatever the sync status says; that is said in fewer words."""
    app = make_app(home)
    compared = SyncStatus("乙卫东", "示范区", central="https://guanjia.example", verified_at=NOON_MS - 3_600_000)

    async def script(pilot: Pilot[None]) -> None:
        long = "阿不都·乙卫东"
        for status in (
            replace(compared, person=long),
            replace(compared, unsent=12, rejected=3),
            SyncStatus(long, "示范区"),
        ):
            app.sync_status = status
            for width in (80, 100, 160):
                await pilot.resize_terminal(width, 24)
                await settled(pilot)
                first = screen_text(pilot).splitlines()[0]
                assert status.person in first and len(first) <= width
        await press(pilot, "comma")
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        assert long in screen_text(pilot).splitlines()[0]

    translate.set_language(language)
    drive(app, script)


def test_what_is_done_to_a_line_is_not_offered_where_there_is_none(home: Path) -> None:
    """On empty lists the key bar has no edit, act or history; where a line comes, they are there again."""
    store = store_of(home)
    with store.write() as connection:
        connection.execute("UPDATE issue_state SET state = 'closed'")
    store.close()
    app = make_app(home)

    def offered(pilot: Pilot[None]) -> str:
        return screen_text(pilot).splitlines()[-1]

    async def script(pilot: Pilot[None]) -> None:
        assert "e 修改" in offered(pilot) and "h 历史" in offered(pilot)
        await press(pilot, "3")
        assert not any(key in offered(pilot) for key in ("a 办理", "e 修改", "h 历史", "回车"))
        shown = app.screen
        assert isinstance(shown, IssuesScreen)
        shown.apply(IssueFilterValues(state=""))
        await settled(pilot)
        assert shown.rows.total
        assert all(key in offered(pilot) for key in ("a 办理", "e 修改", "h 历史"))

    drive(app, script)


def test_every_screen_says_what_it_is(home: Path) -> None:
    """The top bar marks the place that a digit goes to, the address book among them, and names each screen that no
    digit goes to; a form names itself below it. A project's investment is shown and edited as offices write it."""

    async def script(pilot: Pilot[None]) -> None:
        top = []
        for keys in (("7",), ("1", "l"), ("comma",)):
            await press(pilot, *keys)
            top.append(screen_text(pilot).splitlines()[0])
        assert [name in line for name, line in zip(("7 通讯录", " 落选版本 ", " 设置 "), top, strict=True)] == [
            True
        ] * 3
        await press(pilot, "2", "escape", "e")
        first, second, *rest = screen_text(pilot).splitlines()
        assert "表单" not in first
        assert "修改项目" in second
        assert any("62,000万" in line for line in rest)

    drive(make_app(home), script)
    assert number_text("project", "investment_yuan", 620_000_000) == "62,000万元"
