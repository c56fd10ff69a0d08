"""The form of a visit, with issues opened and moved on from within it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from store.db.connection import Connection
from store.db.database import Database
from store.domain.status_lights import light_thresholds
from store.home.device_state import DeviceState
from store.queries import issues, visits
from store.queries.issues import IssueDetail
from store.queries.visits import VisitRow
from store.values.times import district_time
from store.writer.local_writes import Ledger
from store.writer.upgrade import open_store
from tests.tui.driving import drive, make_app, press, screen_text, settled, type_text, until
from tests.tui.sample import KEY, NOON_MS, issue_id, line_id, visit_draft
from tui.app.app import GuanjiaApp
from tui.i18n.translate import _
from tui.screens.form import Form
from tui.screens.visit_form import VisitForm
from tui.screens.visit_issues import NewIssuesField, OpenIssues
from tui.widgets.autocomplete import NameField, SuggestionList
from tui.widgets.fields import MultilineField, TextField

SEEN = "设备已进场，供电仍未接通。"
TODAY = light_thresholds(district_time(NOON_MS).date())


def store_of(home: Path) -> Database:
    """The store, as another process sees it."""
    return open_store(home / "ledger.db", KEY)


def newest_visit(home: Path) -> VisitRow:
    """The visit that was logged last, with its issues."""
    connection = store_of(home).connection()
    found = visits.visit(connection, visits.visits(connection, limit=1)[0].id)
    assert found is not None
    return found


def issue_in(home: Path, line: str) -> IssueDetail:
    """An issue as the store has it."""
    found = issues.issue(store_of(home).connection(), line, TODAY)
    assert found is not None
    return found


def form(pilot: Pilot[None]) -> VisitForm:
    """The form on the screen."""
    assert isinstance(pilot.app.screen, VisitForm)
    return pilot.app.screen


async def closed(pilot: Pilot[None]) -> None:
    """Wait until the form has closed."""
    await until(pilot, lambda: not isinstance(pilot.app.screen, Form))


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize("way", [(), ("enter",)], ids=["from the list", "from the project"])
def test_a_visit_with_a_new_issue_takes_three_keys_beside_the_text(home: Path, way: tuple[str, ...]) -> None:
    """v, text, F8, title, ctrl+s: both lines are written, the issue names the visit and the visit the issue."""
    keys = []

    async def script(pilot: Pilot[None]) -> None:
        async def key(name: str) -> None:
            keys.append(name)
            await press(pilot, name)

        await press(pilot, *way)
        await key("v")
        await type_text(pilot, SEEN)
        await key("f8")
        await type_text(pilot, "道路未通")
        await key("ctrl+s")
        await closed(pilot)

    drive(make_app(home), script)
    assert len(keys) == 3
    visit = newest_visit(home)
    assert (visit.project_id, visit.text) == (line_id("project", 1), SEEN)
    assert [one.title for one in visit.issues_raised] == ["道路未通"]
    raised = issue_in(home, visit.issues_raised[0].id)
    assert (raised.row.kind, raised.row.state, raised.source, raised.source_id) == (
        "problem",
        "open",
        "visit",
        visit.id,
    )


def test_keys_typed_ahead_reach_the_new_issue(home: Path) -> None:
    """The whole visit sent as one burst, as by a hurried hand: every character is where it belongs."""

    async def script(pilot: Pilot[None]) -> None:
        for character in "v" + SEEN:
            pilot.app.post_message(events.Key(character, character))
        pilot.app.post_message(events.Key("f8", None))
        for character in "道路未通":
            pilot.app.post_message(events.Key(character, character))
        await settled(pilot)
        await press(pilot, "ctrl+s")
        await closed(pilot)

    drive(make_app(home), script)
    assert newest_visit(home).text == SEEN
    assert [one.title for one in newest_visit(home).issues_raised] == ["道路未通"]


def test_names_known_to_a_form_reach_a_field_that_is_still_to_be_mounted() -> None:
    """What the form begins with may come while an issue is being opened by keys typed ahead: its name fields remember
    the names, and have no text yet to say anything of."""
    department = NameField("department", "Department", "unit")
    department.remember("发改局", "019e0000-0000-7000-8000-000000000001")
    assert department.ids == {"发改局": "019e0000-0000-7000-8000-000000000001"}


def test_an_issue_of_the_project_moves_on_from_within_the_visit(home: Path) -> None:
    """F7 goes to the open issues, space takes one, what is typed is its progress; s settles one with its evidence."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        await type_text(pilot, SEEN)
        await press(pilot, "f7")
        assert isinstance(pilot.app.focused, OpenIssues)
        assert [row.number for row in pilot.app.focused._window.rows] == ["W2026-002", "W2026-001"]
        await press(pilot, "space")
        await type_text(pilot, "材料已补齐")
        await press(pilot, "f7", "down", "s")
        await type_text(pilot, "架设专线")
        await press(pilot, "tab")
        await type_text(pilot, "验收单")
        await press(pilot, "ctrl+s")
        await closed(pilot)

    drive(make_app(home), script)
    visit = newest_visit(home)
    assert {one.id for one in visit.issues_moved} == {issue_id(1), issue_id(2)}
    progress, settled_one = issue_in(home, issue_id(2)), issue_in(home, issue_id(1))
    assert (progress.steps[-1].act, progress.steps[-1].text, progress.steps[-1].at) == (
        "progress",
        "材料已补齐",
        visit.at,
    )
    assert (settled_one.row.state, settled_one.steps[-1].measure, settled_one.steps[-1].evidence) == (
        "settled",
        "架设专线",
        "验收单",
    )


def test_what_a_settlement_lacks_is_asked_for_and_nothing_is_written(home: Path) -> None:
    """A settlement without evidence keeps the form open, names what is missing and goes there; the visit waits, too."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        await type_text(pilot, SEEN)
        await press(pilot, "f7", "s")
        await type_text(pilot, "架设专线")
        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, VisitForm)
        focused = pilot.app.focused
        assert isinstance(focused, Input) and isinstance(focused.parent, TextField)
        assert focused.parent.label == "Evidence"

    drive(make_app(home), script)
    assert newest_visit(home).text != SEEN


def test_an_act_that_the_state_does_not_allow_says_why(home: Path) -> None:
    """c (accept) on an issue that is in progress writes nothing and says in which state it is."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v", "f7", "c")
        assert isinstance(pilot.app.focused, OpenIssues)
        assert "W2026-002" in str(pilot.app.screen.query_one("#said").render())
        await press(pilot, "q", "x", "2")
        assert isinstance(pilot.app.screen, VisitForm)

    drive(make_app(home), script)


def test_the_draft_holds_the_issues_too(home: Path) -> None:
    """A new issue with its department, and an issue moved on, are back when the form is opened again."""

    async def leave(pilot: Pilot[None]) -> None:
        await press(pilot, "v", "f8")
        await type_text(pilot, "道路未通")
        await press(pilot, "tab", "right", "tab", "tab")
        await type_text(pilot, "zrzy")
        await press(pilot, "down", "enter", "f7", "space")
        await type_text(pilot, "材料已补齐")
        other = Ledger(store_of(home))
        await until(pilot, lambda: bool((visit_draft(other) or {}).get("moving")))
        await press(pilot, "escape")

    async def back(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        rows = form(pilot).query_one(NewIssuesField).rows
        assert [row.values()["title"] for row in rows] == ["道路未通"]
        await type_text(pilot, SEEN)
        await press(pilot, "ctrl+s")
        await closed(pilot)

    drive(make_app(home), leave)
    drive(make_app(home), back)
    visit = newest_visit(home)
    raised = issue_in(home, visit.issues_raised[0].id)
    assert (raised.row.kind, raised.row.department) == ("difficulty", "自然资源分局")
    assert [one.id for one in visit.issues_moved] == [issue_id(2)]


def test_people_are_found_by_initials_or_characters_the_projects_own_first(home: Path) -> None:
    """Several people in one field, typed each in another way; initials of a person need no arrow key."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        who = form(pilot).query_one("#field-who", NameField)
        who.focus_control()
        await type_text(pilot, "dhm")
        await press(pilot, "enter")
        assert who.value == "丁红梅"
        await type_text(pilot, "，卫")
        assert [one.text for one in who.query_one(SuggestionList).items] == ["乙卫东"]
        await press(pilot, "down", "enter")
        await type_text(pilot, "、新人")
        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, VisitForm)
        form(pilot).query_one("#field-text", MultilineField).focus_control()
        await type_text(pilot, SEEN)
        await press(pilot, "ctrl+s")
        await closed(pilot)

    drive(make_app(home), script)
    assert newest_visit(home).participants == ("丁红梅", "乙卫东", "新人")


class Counting(Database):
    """A store that counts its transactions."""

    def __init__(self, path: Path, key: bytes) -> None:
        super().__init__(path, key)
        self.done: list[str] = []

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One snapshot, counted."""
        self.done.append("read")
        with super().read() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction, counted."""
        self.done.append("write")
        with super().write() as connection:
            yield connection


def test_saving_is_one_transaction_and_nothing_else(home: Path) -> None:
    """After ctrl+s nothing is asked before all lines are written in one transaction of the ledger; the draft, which is
    in the device's own file, is forgotten after it."""
    opened: list[Counting] = []

    def open_store() -> Database:
        opened.append(Counting(home / "ledger.db", KEY))
        return opened[0]

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        await type_text(pilot, SEEN)
        form(pilot).keep_draft()
        await settled(pilot)
        opened[0].done.clear()
        await pilot.press("ctrl+s")
        await closed(pilot)
        assert opened[0].done[:1] == ["write"]
        assert opened[0].done.count("write") == 1
        assert visit_draft(Ledger(opened[0])) is None

    drive(GuanjiaApp(open_store, home, theme="dark", now_ms=lambda: NOON_MS), script)


def sent(text: str) -> list[events.Key]:
    """What Textual makes of the characters that an input method sends in one write."""
    return [events.Key(character, character) for character in text]


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize("length", [1, 2, 5, 20])
def test_commits_of_an_input_method_reach_every_field_whole(home: Path, length: int) -> None:
    """One to twenty characters in one write, full-width punctuation among them, in the text, place and title fields."""
    said = "已进场，供电（十千伏）未通；待“验收”：！？"[:length]

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        for target in ("text", "place"):
            form(pilot).query_one(f"#field-{target}").focus_control()  # type: ignore[attr-defined]
            for key in sent(said):
                pilot.app.post_message(key)
            await settled(pilot)
        await press(pilot, "f8")
        for key in sent(said):
            pilot.app.post_message(key)
        await settled(pilot)
        await press(pilot, "ctrl+s")
        await closed(pilot)

    drive(make_app(home), script)
    visit = newest_visit(home)
    assert (visit.text, visit.place, visit.issues_raised[0].title) == (said, said, said)


def test_a_paste_of_five_thousand_characters_arrives_whole(home: Path) -> None:
    """Into the text with its lines; into a field of one line with its lines joined, and nothing left out."""
    pasted = "\n".join(["长" * 999 + "。"] * 5)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        pilot.app.post_message(events.Paste(pasted))
        await settled(pilot)
        form(pilot).query_one("#field-place", TextField).focus_control()
        pilot.app.post_message(events.Paste("甲\n乙\r\n丙"))
        await settled(pilot)
        await press(pilot, "ctrl+s")
        await closed(pilot)

    drive(make_app(home), script)
    assert newest_visit(home).text == pasted
    assert newest_visit(home).place == "甲 乙 丙"


class FullDisk(Counting):
    """A store on a disk that has no room for another page."""

    def connection(self) -> Connection:
        """The thread's connection, which may not let the file grow."""
        found = super().connection()
        found.execute("PRAGMA max_page_count = 1")
        return found


class FullDeviceState(DeviceState):
    """The device's own file on that disk; counts the attempts to write it."""

    attempts = 0

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """The transaction, in which the file may not grow."""
        self.attempts += 1
        with super().write() as connection:
            connection.execute("PRAGMA max_page_count = 1")
            yield connection


def test_a_full_disk_is_said_once_and_the_text_stays(home: Path) -> None:
    """A draft that cannot be saved is reported once and tried again ever more rarely; saving says why; neither escape
    nor quitting closes the form over text that would be lost."""
    store = FullDisk(home / "ledger.db", KEY)
    full = FullDeviceState(store)
    app = GuanjiaApp(lambda: store, home, theme="dark", now_ms=lambda: NOON_MS)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        assert app.reader is not None
        app.reader.writer.ledger.device_state = full  # drafts are in a file of their own, on the same disk
        pilot.app.post_message(events.Paste("长" * 30_000))
        await until(pilot, lambda: form(pilot)._failures == 1)
        await until(pilot, lambda: "磁盘" in screen_text(pilot))
        for _tick in range(8):
            form(pilot).tick()
            await settled(pilot)
        assert full.attempts <= 4
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: not form(pilot)._saving)
        await press(pilot, "escape", "ctrl+q")
        assert form(pilot).query_one(TextArea).text == "长" * 30_000

    drive(app, script)


def test_a_form_is_saved_and_left_although_no_draft_can_be_kept(home: Path) -> None:
    """A file of drafts that cannot be used is reported in the form; the form is saved, and another is thrown away."""
    (home / "ledger.device").unlink(missing_ok=True)
    (home / "ledger.device").mkdir()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        await until(pilot, lambda: "台账是另一个文件" in screen_text(pilot))
        await type_text(pilot, SEEN)
        await press(pilot, "ctrl+s")
        await closed(pilot)
        await press(pilot, "v")
        await type_text(pilot, SEEN)
        await press(pilot, "ctrl+d")
        await settled(pilot)
        await press(pilot, "y")
        await closed(pilot)

    drive(make_app(home), script)
    assert newest_visit(home).text == SEEN


def test_who_would_win_is_said_field_by_field(home: Path) -> None:
    """Somebody else's change to another field lives on beside mine; to the same field, mine wins when saved, having
    seen theirs, and the form says so before."""
    visit = line_id("visit", 0)

    async def script(pilot: Pilot[None]) -> None:
        pilot.app.open_screen("visit_form", visit)  # type: ignore[attr-defined]
        await settled(pilot)
        pilot.app.screen.query_one(TextArea).text = SEEN
        await settled(pilot)
        other = Ledger(store_of(home), wall_clock=lambda: NOON_MS + 5000)
        other.edit("visit", visit, place="新地点")
        await until(pilot, lambda: _("You changed other fields: if you save, both changes stay.") in said(pilot))
        other.edit("visit", visit, text="他人所记")
        both = _(
            "You both changed: {fields}. Saved now, yours wins, for you have seen theirs; theirs stays in history."
        )
        await until(pilot, lambda: both.format(fields=_("What was seen")) in said(pilot))
        assert pilot.app.screen.query_one(TextArea).text == SEEN
        await press(pilot, "ctrl+s")
        await closed(pilot)

    drive(make_app(home), script)
    found = visits.visit(store_of(home).connection(), visit)
    assert found is not None
    assert (found.text, found.place) == (SEEN, "新地点")


def said(pilot: Pilot[None]) -> str:
    """What the form has to say."""
    return str(pilot.app.screen.query_one("#said").render())


def test_the_field_that_is_typed_in_stays_in_view(home: Path) -> None:
    """On the smallest terminal the open issues come in below while somebody begins to type: what is typed is seen, and
    a time takes the whole width of its line."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        await type_text(pilot, "到现场查看")
        assert "到现场查看" in screen_text(pilot)
        at = pilot.app.screen.query_one("#field-at", TextField)
        at.focus_control()
        await settled(pilot)
        assert at.value in screen_text(pilot)

    drive(make_app(home), script, size=(40, 12))
