"""Today: what needs the person, in one list; each line leads where it can be dealt with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from store.commands import issues
from store.ledger.line import new_id
from store.writer.local_writes import Draft, Ledger
from tests.tui.conflicts import lose_two, store_of
from tests.tui.driving import drive, make_app, press, screen_lines, screen_text, settled, until
from tests.tui.role_samples import hold
from tests.tui.sample import NOON_MS, UNITS, issue_id, line_id, make_home
from tests.tui.screens.test_rejected import refuse
from tui.app.app import GuanjiaApp
from tui.app.navigation import SCREENS
from tui.data.meeting_draft import MEETING_DRAFT_KEY, start_meeting
from tui.i18n import translate
from tui.screens.act_form import ActForm
from tui.screens.conflicts import ConflictsScreen
from tui.screens.contact_form import ContactForm
from tui.screens.issue import IssueScreen
from tui.screens.issue_form import IssueForm
from tui.screens.issues import IssuesScreen
from tui.screens.meeting_mode import MeetingScreen
from tui.screens.project import ProjectScreen
from tui.screens.project_form import ProjectForm
from tui.screens.projects import ProjectsScreen
from tui.screens.register_form import RegisterForm
from tui.screens.rejected import RejectedScreen
from tui.screens.today import TodayScreen
from tui.screens.visit_form import VisitForm
from tui.widgets.page import PreviewPane

BUTLER = [{"role": "butler", "project": line_id("project", number)} for number in (1, 3)]


def grant(home: Path, roles: list[dict[str, str]]) -> None:
    """What the central has granted this home's person."""
    database = store_of(home)
    with database.write() as connection:
        connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('roles', ?)", (json.dumps(roles),))
    database.close()


def busy(home: Path) -> None:
    """A day with something of everything: late, due, sent back, refused, lost, silent, a draft."""
    grant(home, BUTLER)
    lose_two(home)
    refuse(home, "", "clock_ahead", "forbidden")  # the first visit has lost, and waits no more
    ledger = Ledger(store_of(home), wall_clock=lambda: NOON_MS)
    ledger.save_draft(f"visit:new:{line_id('project', 3)}", {"text": "写到一半"})
    ledger.database.close()


def shown(pilot: Pilot[None]) -> TodayScreen:
    """The screen."""
    assert isinstance(pilot.app.screen, TodayScreen)
    return pilot.app.screen


def whys(pilot: Pilot[None]) -> list[str]:
    """Why each line of the list is there."""
    return [row.why for row in shown(pilot).rows._window.rows if not row.heading]


def go_to(pilot: Pilot[None], why: str) -> list[str]:
    """The keys that lead to the first line of a group."""
    return ["home", *["down"] * whys(pilot).index(why)]


@pytest.mark.proves("R25", "R36")
def test_a_principal_leaders_screen_opens_with_what_waits_for_their_decision(home: Path) -> None:
    """Whatever else is pressing, the first line is what was escalated to them, and enter leads to it."""
    grant(home, [{"role": "principal_leader"}])
    ledger = Ledger(store_of(home), wall_clock=lambda: NOON_MS)
    issues.act(ledger, issue_id(1), "escalate", reason="协调不动", level=3)
    ledger.database.close()

    async def script(pilot: Pilot[None]) -> None:
        assert whys(pilot)[0] == "decision"
        assert {"due", "silent"} <= {*whys(pilot)}
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, IssueScreen)
        assert "W2026-001" in screen_text(pilot) and "三级" in screen_text(pilot)

    drive(make_app(home, start="today"), script)


def test_the_program_opens_here(home: Path) -> None:
    """By default the app opens in the day; 1 goes back to it from any screen."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "3", "1")
        assert isinstance(pilot.app.screen, TodayScreen)

    app = make_app(home, start=GuanjiaApp.DEFAULT_MODE)
    assert GuanjiaApp.DEFAULT_MODE == "today"
    drive(app, script)


@pytest.mark.parametrize("size", [(80, 24), (160, 45)], ids=["80x24", "160x45"])
def test_the_day_is_one_list_most_pressing_first(home: Path, size: tuple[int, int]) -> None:
    """Late issues stand above those due soon, these above refused lines, lost versions, silence and drafts; beside or
    below them are the person's own projects, worst light first, and what is unsent."""
    busy(home)

    async def script(pilot: Pilot[None]) -> None:
        told = screen_text(pilot)
        assert whys(pilot) == ["overdue", "due", "refused", "refused", "lost", "lost", "silent", "draft"]
        assert told.index("外部供电线路") < told.index("二期用地报批") < told.index("询问用地")
        assert "时间戳" in told
        assert [row.id for row in shown(pilot).own_projects._window.rows] == [
            line_id("project", n) for n in (1, 3, 6, 8)
        ]
        assert "丁香湖" in told

    drive(make_app(home, start="today"), script, size)


def test_enter_leads_to_what_needs_the_person(home: Path) -> None:
    """From each kind of line to the screen where it is dealt with, on that very line, and back by escape."""
    busy(home)
    expected: tuple[tuple[str, type, str, str], ...] = (
        ("overdue", IssueScreen, "issue_id", issue_id(1)),
        ("refused", RejectedScreen, "", ""),
        ("lost", ConflictsScreen, "", ""),
        ("silent", ProjectScreen, "project_in_view", line_id("project", 3)),
        ("draft", VisitForm, "draft_context", line_id("project", 3)),
    )

    async def script(pilot: Pilot[None]) -> None:
        for why, screen, name, value in expected:
            await press(pilot, *go_to(pilot, why), "enter")
            assert isinstance(pilot.app.screen, screen), why
            if name:
                assert getattr(pilot.app.screen, name) == value
            await press(pilot, "escape")
            assert isinstance(pilot.app.screen, TodayScreen), why

    drive(make_app(home, start="today"), script)


def test_a_wide_screen_shows_what_is_under_the_cursor(home: Path) -> None:
    """Beside the day stands the page of its line, and beside the own projects that of the project; a refused line and
    a draft say what can be done. Each reason stands once, above its lines."""
    busy(home)

    async def script(pilot: Pilot[None]) -> None:
        side = shown(pilot).query_one("#side", PreviewPane)
        for why, said in (
            ("overdue", "供电公司"),
            ("silent", "丁香湖"),
            ("refused", "无权写入"),
            ("draft", "写到一半"),
        ):
            await press(pilot, *go_to(pilot, why))
            assert any(said in text for text in side.texts()), (why, side.texts())
        assert screen_text(pilot).count(translate.value_label("today", "refused")) == 1
        await press(pilot, "tab")
        own = shown(pilot).own_projects.row
        assert own is not None and own.project is not None
        assert side.texts()[0].startswith(own.project.name[:8])

    drive(make_app(home, start="today"), script, (120, 40))


def test_the_second_of_a_group_is_opened_as_itself(home: Path) -> None:
    """Enter on a lost version or a refused line opens the list on that line, not on the first."""
    busy(home)

    async def script(pilot: Pilot[None]) -> None:
        for why in ("lost", "refused"):
            await press(pilot, *go_to(pilot, why), "down")
            row = shown(pilot).rows.row
            assert row is not None and row.entry is not None
            await press(pilot, "enter")
            at: Any = pilot.app.screen.rows.row  # type: ignore[attr-defined]
            assert getattr(at, "line", at.id) == row.entry.line
            await press(pilot, "escape")

    drive(make_app(home, start="today"), script)


DRAFTS = (
    (f"visit:{line_id('visit', 0)}", VisitForm, "line_id", line_id("visit", 0)),
    (f"issue:new:{line_id('project', 2)}", IssueForm, "draft_context", line_id("project", 2)),
    (f"issue:{issue_id(2)}", IssueForm, "line_id", issue_id(2)),
    ("project:new", ProjectForm, "line_id", None),
    (f"act:{issue_id(1)}:settle", ActForm, "verb", "settle"),
    (f"meeting:new:{line_id('project', 1)}", RegisterForm, "draft_context", line_id("project", 1)),
    ("person:new", ContactForm, "line_id", None),
    (f"unit:{line_id('unit', UNITS[0])}", ContactForm, "line_id", line_id("unit", UNITS[0])),
    ("policy:new:", RegisterForm, "draft_context", ""),
)


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize("left", ["meeting", f"meeting:{line_id('session', 1)}:{issue_id(1)}:discussed"])
def test_what_was_left_in_a_meeting_leads_back_into_it(home: Path, left: str) -> None:
    """A meeting that was broken off, and a decision that was not finished in it, are opened as the meeting; no draft is
    called by a code."""
    meeting = start_meeting([("", "")], 1, "", "", NOON_MS)
    ledger = Ledger(store_of(home), wall_clock=lambda: NOON_MS)
    ledger.save_draft(MEETING_DRAFT_KEY, {**meeting.to_draft(), "session": line_id("session", 1)})
    ledger.save_draft(left, {"text": "周五前答复"})
    ledger.database.close()

    async def script(pilot: Pilot[None]) -> None:
        assert "discussed" not in screen_text(pilot)
        await press(pilot, *go_to(pilot, "draft"), "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, MeetingScreen))
        assert pilot.app.screen.meeting is not None  # type: ignore[attr-defined]

    drive(make_app(home, start="today"), script)


def test_an_act_on_several_that_was_left_leads_to_the_issues(home: Path) -> None:
    """Which issues it was about is chosen again; the form then has its words."""
    ledger = Ledger(store_of(home), wall_clock=lambda: NOON_MS)
    ledger.save_draft("act:several:remind", {"text": "请尽快答复"})
    ledger.database.close()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, *go_to(pilot, "draft"), "enter")
        assert isinstance(pilot.app.screen, IssuesScreen)
        await press(pilot, "space", "space", "a", "i")
        assert "请尽快答复" in screen_text(pilot)

    drive(make_app(home, start="today"), script)


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize(("key", "form", "name", "value"), DRAFTS, ids=[draft[0][:12] for draft in DRAFTS])
def test_a_draft_is_taken_up_in_its_own_form(home: Path, key: str, form: type, name: str, value: object) -> None:
    """Whatever form was left unfinished, enter opens it again under the same key, so that its draft is found."""
    ledger = Ledger(store_of(home), wall_clock=lambda: NOON_MS)
    ledger.save_draft(key, {})
    ledger.database.close()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, *go_to(pilot, "draft"), "enter")
        assert isinstance(pilot.app.screen, form)
        assert getattr(pilot.app.screen, name) == value
        assert pilot.app.screen.draft_key == key  # type: ignore[attr-defined]

    drive(make_app(home, start="today"), script)


def test_a_group_that_is_too_long_leads_to_the_ledger_narrowed_to_it(home: Path) -> None:
    """Counts are exact, ten are listed, and the line below them opens the ledger with exactly all of the group."""
    ledger = Ledger(store_of(home), wall_clock=lambda: NOON_MS)
    body = {"title": "逾期", "kind": "problem", "due": "2026-05-01"}
    ledger.put_many(
        [Draft("issue", {**body, "number": f"Y{n:03d}"}, line_id("project", 1), new_id(n)) for n in range(37)]
    )
    ledger.database.close()

    async def script(pilot: Pilot[None]) -> None:
        assert whys(pilot).count("overdue") == 11
        assert "已逾期 38" in screen_lines(pilot)[3]
        await press(pilot, "home", *["down"] * 10, "enter")
        assert isinstance(pilot.app.screen, IssuesScreen)
        assert pilot.app.screen.rows.total == 38
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, TodayScreen)
        await press(pilot, "3")
        assert isinstance(pilot.app.screen, IssuesScreen)
        assert pilot.app.screen.rows.total == 43
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, IssuesScreen)

    drive(make_app(home, start="today"), script)


def test_the_projects_are_a_list_of_their_own(home: Path) -> None:
    """Tab goes to the person's projects and back; enter opens one; a visit from here is to it."""
    grant(home, BUTLER)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "tab", "down", "v")
        assert isinstance(pilot.app.screen, VisitForm)
        assert pilot.app.screen.draft_context == line_id("project", 3)
        await press(pilot, "escape", "enter")
        assert isinstance(pilot.app.screen, ProjectScreen)
        await press(pilot, "escape", "tab")
        assert shown(pilot).rows.has_focus

    drive(make_app(home, start="today"), script)


@pytest.mark.parametrize(("roles", "offered"), [([{"role": "bureau"}], "approvals" in SCREENS), (BUTLER, False)])
def test_approvals_are_offered_to_a_bureau_only(home: Path, roles: list[dict[str, str]], offered: bool) -> None:
    """p is there for a bureau where there is such a screen, and for nobody else."""
    grant(home, roles)

    async def script(pilot: Pilot[None]) -> None:
        assert shown(pilot).check_action("approvals", ()) is offered
        if not offered:
            await press(pilot, "p", "ctrl+p")
            assert isinstance(pilot.app.screen, TodayScreen)

    drive(make_app(home, start="today"), script)


def test_a_bureau_sees_what_waits_for_its_approval(home: Path) -> None:
    """A settled issue is in the bureau's day, and enter opens it."""
    grant(home, [{"role": "bureau"}])
    database = store_of(home)
    with database.write() as connection:
        for table in ("issue", "issue_step"):
            connection.execute(f"UPDATE {table} SET author_id = ?", (line_id("person", "壬福生"),))
    database.close()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, *go_to(pilot, "approval"))
        row = shown(pilot).rows.row
        assert row is not None and row.entry is not None
        assert row.entry.line == issue_id(3)
        await press(pilot, "enter")
        assert not isinstance(pilot.app.screen, TodayScreen)

    drive(make_app(home, start="today"), script)


def test_a_day_without_work_says_what_else_there_is(home: Path) -> None:
    """Nothing presses a butler whose only project is fine: the list says so, the projects are there."""
    grant(home, [{"role": "butler", "project": line_id("project", 6)}])
    database = store_of(home)
    with database.write() as connection:
        connection.execute("DELETE FROM assignment")
    database.close()

    async def script(pilot: Pilot[None]) -> None:
        assert shown(pilot).rows.total == 0
        assert len("".join(screen_lines(pilot)[3].split())) > 15
        assert "昊瑞化工" in screen_text(pilot)
        await press(pilot, "enter", "space", "l", "escape", "x", "escape")
        assert isinstance(pilot.app.screen, TodayScreen)

    drive(make_app(home, start="today"), script)


@pytest.mark.soak(turns=3)
@pytest.mark.parametrize(
    ("central", "said"), [(None, "6  c"), ("https://guanjia.example", "^R"), ("https://guanjia.example", "A  n")]
)
def test_a_ledger_without_a_project_says_how_to_begin(tmp_path: Path, central: str | None, said: str) -> None:
    """A page with the first steps instead of two empty lists; n adds the first project, and the page is replaced."""
    facts: dict[str, str] = {"central": central} if central else {}
    sample = make_home(tmp_path / "home", now_ms=NOON_MS, **facts)
    sample.database.close()
    if said == "A  n":
        hold(sample.home, "bureau")

    async def script(pilot: Pilot[None]) -> None:
        told = screen_text(pilot)
        assert "F10" in told
        assert said in told
        await press(pilot, "n")
        assert isinstance(pilot.app.screen, ProjectForm)
        await press(pilot, "escape")
        ledger = Ledger(store_of(sample.home), wall_clock=lambda: NOON_MS)
        ledger.put("project", {"name": "第一个项目", "number": "1", "category": "new"})
        ledger.database.close()
        await until(pilot, lambda: "第一个项目" in screen_text(pilot))
        assert "guanjia import" not in screen_text(pilot)
        await press(pilot, "n")
        assert isinstance(pilot.app.screen, TodayScreen)

    drive(make_app(sample.home, start="today"), script)


def test_the_day_follows_what_others_write(home: Path) -> None:
    """An issue that becomes late elsewhere joins the day; the cursor stays on its line."""
    grant(home, BUTLER)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, *go_to(pilot, "due"))
        other = Ledger(store_of(home), wall_clock=lambda: NOON_MS + 1000)
        body = {"number": "Y1", "title": "别处逾期的", "kind": "problem", "due": "2026-05-01"}
        other.put("issue", body, project=line_id("project", 1))
        other.database.close()
        await until(pilot, lambda: "别处逾期的" in screen_text(pilot))
        row = shown(pilot).rows.row
        assert row is not None and row.entry is not None
        assert row.entry.line == issue_id(2)

    drive(make_app(home, start="today"), script)


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize("language", translate.LANGUAGES)
@pytest.mark.parametrize("size", [(80, 24), (40, 12)], ids=["80x24", "40x12"])
def test_the_day_can_be_read_at_any_size(home: Path, language: str, size: tuple[int, int]) -> None:
    """In both languages, from a narrow console to a very large screen, the most pressing line is legible."""
    busy(home)
    translate.set_language(language)

    async def script(pilot: Pilot[None]) -> None:
        assert "外部" in screen_text(pilot)
        assert len(screen_lines(pilot)) == size[1]
        await press(pilot, "tab", "end", "enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, ProjectScreen | ProjectsScreen)

    drive(make_app(home, start="today"), script, size)
