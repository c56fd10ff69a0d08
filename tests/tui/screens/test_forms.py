"""Forms: nothing typed is ever lost, and what is saved is what was typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from store.commands.issues import record
from store.db.database import Database
from store.domain.erased_drafts import NAMING_FIELDS
from store.domain.registers import REGISTERS
from store.domain.status_lights import light_thresholds
from store.queries import issues, lines, projects, visits
from store.queries.stand_ins import PRINCIPAL_FIELD
from store.values.times import district_time
from store.writer.local_writes import Ledger
from store.writer.upgrade import open_store
from tests.tui.driving import drive, make_app, newest_first, press, screen_text, settled, type_text, until
from tests.tui.sample import KEY, NOON_MS, issue_id, line_id, visit_draft
from tui.screens.act_form import ActForm
from tui.screens.contact_form import ContactForm
from tui.screens.form import Form
from tui.screens.hand_over import HandOverForm
from tui.screens.issue_form import IssueForm
from tui.screens.principal_field import principal_field
from tui.screens.project_form import ProjectForm
from tui.screens.register_fields import field_for
from tui.screens.stand_in_form import StandInForm
from tui.screens.visit_form import VisitForm
from tui.widgets.autocomplete import NameField, SuggestionList
from tui.widgets.fields import ChoiceField, FormField, MultilineField, TextField

SEEN = "设备已进场，供电仍未接通。"
TODAY = light_thresholds(district_time(NOON_MS).date())


def store_of(home: Path) -> Database:
    """The store, as another process sees it."""
    return open_store(home / "ledger.db", KEY)


def form(pilot: Pilot[None]) -> Form:
    """The form on the screen."""
    assert isinstance(pilot.app.screen, Form)
    return pilot.app.screen


def test_a_visit_is_logged_by_one_key_the_text_and_one_key(home: Path) -> None:
    """v, what was seen, ctrl+s: project, time and manner are guessed, and the line is in the ledger."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        await type_text(pilot, SEEN)
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Form))

    drive(make_app(home), script)
    newest = visits.visits(store_of(home).connection(), limit=1)[0]
    assert (newest.text, newest.how, newest.at) == (SEEN, "visit", "2026-05-20T12:00+08:00")
    assert newest.project_id == line_id("project", 1)


def test_text_typed_before_the_ledger_answered_is_kept(home: Path) -> None:
    """Keys and text in one burst: the form opens, the text is in it, and the guesses do not overwrite it."""

    async def script(pilot: Pilot[None]) -> None:
        await type_text(pilot, "v" + SEEN)
        assert pilot.app.screen.query_one(TextArea).text == SEEN
        assert form(pilot).query_one("#field-project", NameField).value.startswith("北山")

    drive(make_app(home), script)


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize("name", ["text", "project"])
def test_text_that_came_with_what_the_form_begins_with_is_kept(name: str, home: Path) -> None:
    """A character was put into its field, and the store's answer is handled before the field's message: what was typed
    is neither overwritten nor taken for what is saved already."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        begun, form(pilot)._initial_state = form(pilot)._initial_state, None
        assert begun is not None
        field = form(pilot).query_one(f"#field-{name}", FormField)
        control = field.query("Input, TextArea").first()
        if isinstance(control, TextArea):
            control.text = SEEN
        else:
            assert isinstance(control, Input)
            control.value = SEEN
        form(pilot).show_state(begun)
        assert field.value == SEEN
        await press(pilot, "escape")

    drive(make_app(home), script)
    assert (visit_draft(Ledger(store_of(home))) or {}).get(name) == SEEN


def test_a_draft_is_kept_every_second_without_saving(home: Path) -> None:
    """Within a second or so of typing the draft is in the store, so that a power cut loses nothing more."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        await type_text(pilot, SEEN)
        other = Ledger(store_of(home))
        await until(pilot, lambda: (visit_draft(other) or {}).get("text") == SEEN)

    drive(make_app(home), script)


def test_escape_keeps_the_draft_and_reopening_brings_it_back(home: Path) -> None:
    """Leaving a form loses nothing: the text is there when the form is opened again, also after a restart."""

    async def leave(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        await type_text(pilot, SEEN)
        await press(pilot, "escape")
        assert not isinstance(pilot.app.screen, Form)

    async def reopen(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        assert pilot.app.screen.query_one(TextArea).text == SEEN
        assert "已恢复上次未完成的草稿" in screen_text(pilot)

    drive(make_app(home), leave)
    drive(make_app(home), reopen)


def test_a_saved_visit_leaves_no_draft(home: Path) -> None:
    """After saving, the next form is empty."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        await type_text(pilot, SEEN)
        await pilot.pause(1.2)
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Form))
        await press(pilot, "v")
        assert pilot.app.screen.query_one(TextArea).text == ""

    drive(make_app(home), script)


def test_discarding_asks_and_only_its_own_key_agrees(home: Path) -> None:
    """Enter does not throw a draft away; ctrl+d on the question does."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        await type_text(pilot, SEEN)
        await press(pilot, "ctrl+d", "enter")
        assert "丢弃在此录入的内容" in screen_text(pilot)
        await press(pilot, "ctrl+d")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Form))
        assert visit_draft(Ledger(store_of(home))) is None

    drive(make_app(home), script)


def test_what_cannot_be_saved_is_said_in_the_form_and_nothing_is_lost(home: Path) -> None:
    """A time that is none keeps the form open, says three sentences, and keeps the text."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        await type_text(pilot, SEEN)
        form(pilot).query_one("#field-at", TextField).put("后天吧")
        form(pilot).query_one("#field-at", TextField).notify_changed()
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: "后天吧”" in screen_text(pilot))
        assert isinstance(pilot.app.screen, VisitForm)
        assert pilot.app.screen.query_one(TextArea).text == SEEN

    drive(make_app(home), script)


def test_a_paste_is_made_inert_where_it_enters(home: Path) -> None:
    """Escape sequences and bidirectional controls in a paste do not reach the ledger."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        area = pilot.app.screen.query_one(TextArea)
        area.insert("甲\x1b]52;c;eHh4\x07乙\u202e丙" + "长" * 5000)
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Form))

    drive(make_app(home), script)
    assert visits.visits(store_of(home).connection(), limit=1)[0].text == "甲]52;c;eHh4乙丙" + "长" * 5000


def test_a_change_elsewhere_to_the_edited_line_is_told_and_typing_is_untouched(home: Path) -> None:
    """The form says that the line was changed elsewhere, keeps what is typed, and saving keeps both changes."""
    visit = line_id("visit", 0)

    async def script(pilot: Pilot[None]) -> None:
        pilot.app.open_screen("visit_form", visit)  # type: ignore[attr-defined]
        await settled(pilot)
        pilot.app.screen.query_one(TextArea).text = SEEN
        await settled(pilot)
        other = Ledger(store_of(home), wall_clock=lambda: NOON_MS + 5000)
        other.edit("visit", visit, place="新地点")
        await until(pilot, lambda: "在别处被修改" in screen_text(pilot))
        assert pilot.app.screen.query_one(TextArea).text == SEEN
        await press(pilot, "f6")
        assert "+ 新地点" in screen_text(pilot)
        await press(pilot, "escape", "ctrl+s")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Form))

    drive(make_app(home), script)
    found = visits.visit(store_of(home).connection(), visit)
    assert found is not None
    assert (found.text, found.place) == (SEEN, "新地点")


def test_people_are_completed_from_the_project_before_anything_is_typed(home: Path) -> None:
    """Down in the field for participants lists who serves the project; enter takes one, and the next joins it."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        who = form(pilot).query_one("#field-who", NameField)
        who.focus_control()
        await press(pilot, "down")
        assert [one.text for one in who.query_one(SuggestionList).items][:2] == ["甲建国", "乙卫东"]
        await press(pilot, "down", "enter")
        assert who.value == "甲建国"
        await type_text(pilot, "、dhm")
        assert [one.text for one in who.query_one(SuggestionList).items] == ["丁红梅"]
        await press(pilot, "down", "enter")
        assert who.value == "甲建国、丁红梅"

    drive(make_app(home), script)


def test_a_project_is_found_by_initials_in_its_field(home: Path) -> None:
    """Typing initials lists projects; the one that is taken is the one the visit goes to."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        project = form(pilot).query_one("#field-project", NameField)
        project.focus_control()
        project.input.value = ""
        await type_text(pilot, "dxh")
        await press(pilot, "down", "enter")
        assert project.value == "丁香湖旅游风景基础设施项目"
        form(pilot).query_one("#field-text", MultilineField).focus_control()
        await type_text(pilot, SEEN)
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Form))

    drive(make_app(home), script)
    assert visits.visits(store_of(home).connection(), limit=1)[0].project_id == line_id("project", 3)


def test_an_issue_is_recorded_with_what_was_chosen(home: Path) -> None:
    """Title, kind and category of the form are those of the new issue."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "i")
        await type_text(pilot, "围墙外道路未通")
        form(pilot).query_one("#field-kind", ChoiceField).focus_control()
        await press(pilot, "right")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Form))

    drive(make_app(home), script)
    newest = issues.issues(store_of(home).connection(), TODAY, issues.IssueFilter(text="围墙外"))[0]
    assert (newest.title, newest.kind, newest.state) == ("围墙外道路未通", "difficulty", "open")


def test_an_issue_is_settled_in_a_few_keys(home: Path) -> None:
    """Acts, settle, the measure, the evidence, save: the issue is settled, and the form had no other field."""

    async def script(pilot: Pilot[None]) -> None:
        await newest_first(pilot)
        await press(pilot, "end", "a", "s")
        assert isinstance(pilot.app.screen, ActForm)
        await type_text(pilot, "架设临时线路")
        await press(pilot, "tab")
        await type_text(pilot, "验收单")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Form))

    drive(make_app(home), script)
    found = issues.issue(store_of(home).connection(), issue_id(1), TODAY)
    assert found is not None
    assert (found.row.state, found.steps[-1].measure, found.steps[-1].evidence) == ("settled", "架设临时线路", "验收单")


def test_ending_an_issue_needs_the_key_of_destructive_acts(home: Path) -> None:
    """ctrl+s on a cancellation only asks; enter does not agree; ctrl+d does."""

    async def script(pilot: Pilot[None]) -> None:
        await newest_first(pilot)
        await press(pilot, "a", "x")
        await type_text(pilot, "重复登记")
        await press(pilot, "ctrl+s", "enter")
        assert "撤销这个问题" in screen_text(pilot)
        await press(pilot, "ctrl+d")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Form))

    drive(make_app(home), script)
    found = issues.issue(store_of(home).connection(), issue_id(6), TODAY)
    assert found is not None
    assert found.row.state == "cancelled"


def test_letters_on_a_choice_are_no_commands(home: Path) -> None:
    """With a choice in focus, q does not leave the program and a digit chooses by number."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        how = form(pilot).query_one("#field-how", ChoiceField)
        how.focus_control()
        await press(pilot, "q", "i", "1", "3")
        assert isinstance(pilot.app.screen, VisitForm)
        assert how.value == "phone"

    drive(make_app(home), script)


def test_only_changed_fields_of_a_project_are_written(home: Path) -> None:
    """Editing a project's note and butler changes those; the rest of the line stays, and nothing is retyped."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "e")
        form(pilot).query_one("#field-note", TextField).focus_control()
        await type_text(pilot, "，已批")
        butler = form(pilot).query_one("#field-butler", NameField)
        butler.focus_control()
        butler.input.value = ""
        await type_text(pilot, "新管家")
        await press(pilot, "ctrl+s")
        assert "新增“新管家”" in screen_text(pilot)
        await press(pilot, "n")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Form))

    drive(make_app(home), script)
    connection = store_of(home).connection()
    found = projects.project(connection, line_id("project", 1), TODAY)
    assert found is not None
    assert found.note == "二期用地正在报批，已批"
    assert found.row.butler == "新管家"
    assert len(lines.version_history(connection, line_id("project", 1))) == 2


def test_a_namesake_who_is_chosen_instead_is_written(home: Path) -> None:
    """Two people of one name, shown with what tells them apart: the other one is chosen by name, and the line names the
    other."""
    ledger = Ledger(store_of(home), wall_clock=lambda: NOON_MS)
    first, other = (ledger.put("person", {"name": "重名", "phone": f"1990000030{n}"}).id for n in (1, 2))
    made = record(ledger, project=line_id("project", 1), title="谁来办", owner=first).id
    ledger.database.close()

    async def script(pilot: Pilot[None]) -> None:
        app = pilot.app
        await app.push_screen(IssueForm(made))
        await settled(pilot)
        field = app.screen.query_one("#field-owner", NameField)
        assert field.value == "重名（…0301）"
        field.put("重名")
        field.remember("重名", other)  # as taking a suggestion does
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: not isinstance(app.screen, IssueForm))

    drive(make_app(home), script)
    now = lines.current_line(store_of(home).connection(), made)
    assert now is not None and now.body["owner_id"] == other


def test_an_erasure_knows_every_field_that_names_people() -> None:
    """Each field of a form that completes people's names is one from which an erased person goes in drafts."""
    forms: list[Form] = [
        ContactForm("unit"), ProjectForm(), IssueForm(), VisitForm(), HandOverForm("", {"a": "", "b": ""}),
        StandInForm(""),
    ]  # fmt: skip
    fields = [field for each in forms for field in each.make_fields()]
    fields += [field_for(register, each, new=True) for register in REGISTERS.values() for each in register.fields]
    fields.append(principal_field())
    naming = {
        each.key.partition("-")[0]
        for each in fields
        if isinstance(each, NameField) and each.kind in ("person", PRINCIPAL_FIELD)
    }
    assert {"who", "owner", "butler", "chair"} <= naming <= NAMING_FIELDS
