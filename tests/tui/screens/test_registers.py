"""The registers on the screen: each is listed, opened, filled in and corrected by real keys on a real ledger."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from store.db.database import Database
from store.domain.limits import LIMIT_NAMES, read_limits
from store.domain.registers import REGISTERS
from store.queries import lines, register_lines
from store.writer.upgrade import open_store
from tests.tui.driving import drive, make_app, press, screen_lines, screen_text, settled, type_text, until
from tests.tui.registers_sample import LINES, fill_registers
from tests.tui.sample import KEY, NOON_MS
from tests.tui.writing import edit_line
from tui.app.app import GuanjiaApp
from tui.data.writer import Writer
from tui.i18n import translate
from tui.screens.limits import LimitsScreen
from tui.screens.project import ProjectScreen
from tui.screens.questions import NewNameMenu
from tui.screens.register import RegisterScreen
from tui.screens.register_form import RegisterForm
from tui.screens.register_line import RegisterLineScreen
from tui.screens.registers import RegistersScreen
from tui.widgets.autocomplete import NameField
from tui.widgets.fields import ChoiceField, FormField
from tui.widgets.files_field import FILES

SIZES = [(80, 24), (160, 45)]
BY_SIZE = pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])


def store_of(home: Path) -> Database:
    """The store, as another process sees it."""
    return open_store(home / "ledger.db", KEY)


def rows_of(home: Path, name: str) -> list[dict[str, Any]]:
    """The lines of a register, as another process reads them."""
    return register_lines.rows(store_of(home).connection(), REGISTERS[name])


async def go(pilot: Pilot[None], *screen: Any) -> None:
    """Open a screen by name."""
    assert isinstance(pilot.app, GuanjiaApp)
    await pilot.app.open_screen(*screen)
    await settled(pilot)


def form(pilot: Pilot[None]) -> RegisterForm:
    """The form on the screen."""
    assert isinstance(pilot.app.screen, RegisterForm)
    return pilot.app.screen


async def fill_in(pilot: Pilot[None], name: str, text: str) -> None:
    """Go to a field and type over what it holds."""
    field = form(pilot).query_one(f"#field-{name}", FormField)
    field.focus_control()
    await settled(pilot)
    if isinstance(field, ChoiceField):
        while field.value != text:
            await press(pilot, "right")
    else:
        await press(pilot, "end", *["backspace"] * len(str(field.value)))
        await type_text(pilot, text)


async def save(pilot: Pilot[None]) -> None:
    """Save, and wait until the form has closed."""
    await press(pilot, "ctrl+s")
    await until(pilot, lambda: not isinstance(pilot.app.screen, RegisterForm))
    await settled(pilot)


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize("language", translate.LANGUAGES)
@BY_SIZE
def test_the_registers_are_counted(home: Path, size: tuple[int, int], language: str) -> None:
    """One key leads to all registers, each with its lines counted; the limits and reports come last."""
    fill_registers(home)
    translate.set_language(language)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "4")
        screen = pilot.app.screen
        assert isinstance(screen, RegistersScreen)
        shown = screen_lines(pilot)
        for place, book in enumerate(REGISTERS.values(), 3):
            assert shown[place].split()[: len(translate._(book.title).split()) + 1] == [
                *translate._(book.title).split(),
                "1",
            ]
        await press(pilot, "escape")
        assert pilot.app.screen is screen
        await press(pilot, "end", "up", "enter")
        assert isinstance(pilot.app.screen, LimitsScreen)

    drive(make_app(home), script, size=size)


def test_an_empty_register_says_how_it_begins(home: Path) -> None:
    """A register without a line opens, says which key adds one, and that key opens its form."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "4")
        for name in REGISTERS:
            await press(pilot, "enter")
            screen = pilot.app.screen
            assert isinstance(screen, RegisterScreen)
            assert screen.register is REGISTERS[name]
            assert translate._("Nothing here yet. n adds a line.") in screen_text(pilot)
            await press(pilot, "n")
            assert form(pilot).register is screen.register and form(pilot).line_id is None
            await press(pilot, "escape", "escape", "down")

    drive(make_app(home), script)


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize(("size", "language"), [((80, 24), "zh"), ((160, 45), "en")], ids=["80x24-zh", "160x45-en"])
def test_a_line_is_listed_opened_and_edited(home: Path, size: tuple[int, int], language: str) -> None:
    """Its row, its page and its form say what was written, in both languages, on a small and a wide screen; outside
    the soak each of the two plays every other register."""
    ids = fill_registers(home)
    translate.set_language(language)
    played = list(REGISTERS) if os.environ.get("TESTS_SOAK") else list(REGISTERS)[language == "en" :: 2]

    async def script(pilot: Pilot[None]) -> None:
        for name in played:
            said = {"statistics": "北山新能源", "meeting": "研究供电接入"}.get(name) or title(name)
            await go(pilot, "register", name)
            assert isinstance(pilot.app.screen, RegisterScreen)
            assert said in screen_lines(pilot)[3]
            await press(pilot, "enter")
            assert isinstance(pilot.app.screen, RegisterLineScreen)
            assert said in screen_text(pilot)
            await press(pilot, "e")
            assert form(pilot).line_id == ids[name]
            assert said in screen_text(pilot)
            await press(pilot, "escape", "h")
            assert "乙卫东" in screen_text(pilot)
            await press(pilot, "escape", "escape", "escape")

    drive(make_app(home), script, size=size)


def title(name: str) -> str:
    """What a line of the sample goes by in its list, as far as every width shows it."""
    given = LINES[name]
    known = ("title", "name", "policy", "unit", "month", "period")
    other = {"time-rule": "days", "file-rule": "count", "phrase": "text"}.get(name, "title")
    return "管网改造段居民" if name == "follow-up" else next(str(given[k]) for k in (*known, other) if k in given)[:8]


def test_what_was_not_changed_is_not_written(home: Path) -> None:
    """Opening a line's form and saving it writes the line as it was: each field shows a value it takes back."""
    ids = fill_registers(home)
    before = {name: rows_of(home, name) for name in REGISTERS}

    async def script(pilot: Pilot[None]) -> None:
        for name, line_id in ids.items():
            await go(pilot, "register_form", name, line_id)
            assert not form(pilot)._is_modified
            shown = {one.key: one.submitted_value for one in form(pilot).fields if one.key != FILES}
            writer = Writer(store_of(home), lambda: NOON_MS)
            form(pilot).save(_ReaderWithWriter(writer), shown)  # type: ignore[arg-type]
            await press(pilot, "escape")

    drive(make_app(home), script)
    assert {name: rows_of(home, name) for name in REGISTERS} == before


class _ReaderWithWriter:
    """As much of a reader as a form needs to save."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer


TYPED: Mapping[str, Mapping[str, str]] = {
    "procedure": {"project": "三供一业", "code": "construction_permit"},
    "meeting": {"project": "三供一业", "title": "研究管网改造", "level": "1", "departments": "供电公司、自然资源分局"},
    "policy": {"title": "稳岗政策", "issued": "2026-05-01", "text": "每人补助"},
    "delivery": {"project": "三供一业", "policy": "新能源材料若干措施", "act": "interpret", "text": "座谈"},
    "progress": {"project": "三供一业", "planned": "5200万", "done": "1000万"},
    "statistics": {"project": "三供一业", "filing": "2026-05-01", "entered": "today"},
    "return": {"project": "三供一业", "period": "2026-05", "due": "+3"},
    "training": {"title": "政策业务", "hours": "2.5", "who": "乙卫东、新来的人", "organiser": "供电公司"},
    "criterion": {"code": "B2", "name": "久未联系", "points": "10.5", "fact": "silence"},
    "evaluation": {"period": "2026H1", "person": "乙卫东", "lines": "A1=30；B2=8.5", "outcome": "commendation",
                   "reason": "服务到位"},
    "time-rule": {"days": "5", "counting": "days", "start": "recorded", "pauses": "enterprise",
                  "valid_from": "2026-05-02"},
    "file-rule": {"act": "settled", "count": "1", "valid_from": "2026-05-02"},
    "phrase": {"text": "请于本周内答复"},
    "adoption": {"unit": "自然资源分局", "status": "set_up", "day": "2026-05-02"},
    "follow-up": {"issue": "W2026-001", "satisfaction": "satisfied", "who": "丁红梅"},
}  # fmt: skip
STORED: Mapping[str, Mapping[str, Any]] = {
    "procedure": {
        "project": "示范区“三供一业”供热、物业改造工程",
        "name": "建筑工程施工许可证",
        "status": "not_started",
        "department": "住建局",
    },
    "meeting": {"level": 1, "departments": ["供电公司", "自然资源分局"], "at": "2026-05-20T12:00+08:00"},
    "policy": {"issued": "2026-05-01", "text": "每人补助"},
    "delivery": {"policy": "新能源材料若干措施", "act": "interpret", "at": "2026-05-20T12:00+08:00"},
    "progress": {"month": "2026-05", "planned": 52_000_000, "done": 10_000_000},
    "statistics": {"filing": "2026-05-01", "entered": "2026-05-20", "contract": None},
    "return": {"period": "2026-05", "due": "2026-05-25"},
    "training": {"kind": "professional", "hours": 2.5, "organiser": "供电公司"},
    "criterion": {"points": 10.5, "fact": "silence"},
    "evaluation": {"person": "乙卫东", "score": 38.5, "outcome": "commendation"},
    "time-rule": {"days": 5, "counting": "days", "start": "recorded", "urgency": None, "valid_from": "2026-05-02"},
    "file-rule": {"act": "settled", "count": 1, "category": None, "valid_from": "2026-05-02"},
    "phrase": {"text": "请于本周内答复", "person": None},
    "adoption": {"unit": "自然资源分局", "status": "set_up"},
    "follow-up": {"issue": "外部供电线路未接通，影响设备调试", "satisfaction": "satisfied", "who": ["丁红梅"]},
}


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize("name", REGISTERS)
def test_a_line_is_added_through_its_form(home: Path, name: str) -> None:
    """What is typed in a person's notation is stored in the ledger's, and the list shows it."""
    known = {row["id"] for row in rows_of(home, name)} | set(fill_registers(home).values())

    async def script(pilot: Pilot[None]) -> None:
        await go(pilot, "register", name)
        await press(pilot, "ctrl+n")
        for field, text in TYPED[name].items():
            await fill_in(pilot, field, text)
        await save(pilot)
        while isinstance(pilot.app.screen, NewNameMenu):  # a name that nobody has: add it
            await press(pilot, "n")
        assert isinstance(pilot.app.screen, RegisterScreen)
        screen = pilot.app.screen
        await until(pilot, lambda: screen.rows.total == 2)

    drive(make_app(home), script)
    (added,) = [row for row in rows_of(home, name) if row["id"] not in known]
    assert {field: added[field] for field in STORED[name]} == STORED[name]


def test_a_form_asks_for_what_a_line_lacks(home: Path) -> None:
    """Needed fields, and those that a chosen value calls for, are asked for by their labels before anything is sent."""
    line_id = fill_registers(home)["procedure"]

    async def script(pilot: Pilot[None]) -> None:
        await go(pilot, "register_form", "policy")
        await press(pilot, "ctrl+s")
        assert translate._("Please fill in: {fields}.").format(fields="标题、内容") in screen_text(pilot)
        await press(pilot, "escape")
        await go(pilot, "register_form", "procedure", line_id)
        await fill_in(pilot, "status", "conditional")
        await press(pilot, "ctrl+s")
        assert form(pilot).query_one("#field-promise_due", FormField).has_class("-wrong")
        await fill_in(pilot, "promise_due", "+3")
        await save(pilot)

    drive(make_app(home), script)
    (row,) = rows_of(home, "procedure")
    assert (row["status"], row["promise_due"], row["day"]) == ("conditional", "2026-05-25", "2026-05-20")


def test_an_evaluation_is_of_a_unit_or_a_person(home: Path) -> None:
    """What only the command can validate is reported in the form, and what was typed stays."""

    async def script(pilot: Pilot[None]) -> None:
        await go(pilot, "register_form", "evaluation")
        await fill_in(pilot, "period", "2026H1")
        await press(pilot, "ctrl+s")
        assert form(pilot).query_one("#field-unit", FormField).has_class("-wrong")
        assert translate._("Please fill in: {fields}.").format(fields="单位 / 人员") in screen_text(pilot)
        assert form(pilot).query_one("#field-period", FormField).value == "2026H1"

    drive(make_app(home), script)
    assert rows_of(home, "evaluation") == []


def test_the_registers_of_a_project_hold_its_lines_only(home: Path) -> None:
    """From a project one key leads to its own registers; a line added there is its own."""
    fill_registers(home)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "down", "enter", "r")
        screen = pilot.app.screen
        assert isinstance(screen, RegistersScreen)
        assert "三供一业" in screen_lines(pilot)[1]
        assert [row.id for row in screen.rows._window.rows] == [
            name for name, book in REGISTERS.items() if book.parent != "district"
        ]
        assert screen.rows._window.rows[-1].lines == 1
        await press(pilot, *["down"] * 3, "enter")
        assert isinstance(pilot.app.screen, RegisterScreen)
        assert pilot.app.screen.rows.total == 0
        await press(pilot, "n")
        assert form(pilot).query_one("#field-project", NameField).value.startswith("示范区“三供一业”")
        await fill_in(pilot, "done", "300万")
        await save(pilot)
        await press(pilot, "escape", "escape")
        assert isinstance(pilot.app.screen, ProjectScreen)

    drive(make_app(home), script)
    assert [row["project"][:3] for row in rows_of(home, "progress") if row["done"] == 3_000_000] == ["示范区"]


def test_the_standard_procedures_are_proposed_once(home: Path) -> None:
    """p asks, then lists the procedures of the project's category in their order, what holds up the start marked."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "end", "enter", "f6", "enter")
        screen = pilot.app.screen
        assert isinstance(screen, RegisterScreen)
        assert translate._("Nothing here yet. p proposes the standard procedures, n adds a line.") in screen_text(pilot)
        await press(pilot, "p", "enter")
        await until(pilot, lambda: screen.rows.total > 5)
        await press(pilot, "ctrl+p", "enter")
        assert translate._("holds up") in screen_text(pilot)

    drive(make_app(home), script)
    codes = [row["code"] for row in rows_of(home, "procedure")]
    assert len(codes) == len(set(codes))


def test_procedures_are_proposed_for_a_project_only(home: Path) -> None:
    """In the register of all projects the key does nothing: there is no project to propose for."""

    async def script(pilot: Pilot[None]) -> None:
        await go(pilot, "register", "procedure")
        await press(pilot, "p")
        assert isinstance(pilot.app.screen, RegisterScreen)

    drive(make_app(home), script)


def test_a_policy_is_delivered_from_its_page(home: Path) -> None:
    """One key on a policy's page, the project and what was done: a delivery of this very policy is written."""
    line_id = fill_registers(home)["policy"]

    async def script(pilot: Pilot[None]) -> None:
        await go(pilot, "register_line", "policy", line_id)
        await press(pilot, "n")
        assert form(pilot).query_one("#field-policy", NameField).chosen_id == line_id
        await type_text(pilot, "丁香湖")
        await fill_in(pilot, "act", "implement")
        await save(pilot)
        assert isinstance(pilot.app.screen, RegisterLineScreen)
        assert "丁香湖" in screen_text(pilot)
        await go(pilot, "register_line", "delivery", rows_of(home, "delivery")[0]["id"])
        await press(pilot, "n")
        assert isinstance(pilot.app.screen, RegisterLineScreen)

    drive(make_app(home), script)
    (row,) = [row for row in rows_of(home, "delivery") if row["act"] == "implement"]
    assert (row["policy_id"], row["project"][:3]) == (line_id, "丁香湖")


def test_a_limit_is_set_for_the_district(home: Path) -> None:
    """Enter on a limit opens its form; the saved value holds at once and is marked as the district's."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "4", "end", "up", "enter", "down", "e", "backspace")
        await type_text(pilot, "9")
        await press(pilot, "f10")
        await until(pilot, lambda: isinstance(pilot.app.screen, LimitsScreen))
        word = translate._("district")
        await until(pilot, lambda: any(word in line and " 9 " in line for line in screen_lines(pilot)))

    drive(make_app(home), script)
    assert read_limits(store_of(home).connection()).stale == 9


def test_a_switch_is_yes_or_no(home: Path) -> None:
    """A limit that is yes or no is shown by the word and chosen by it, never typed as a number."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "4", "end", "up", "enter", *["down"] * LIMIT_NAMES.index("confirmation"))
        line = next(line for line in screen_lines(pilot) if "企业确认" in line)
        assert "否" in line and "0" not in line
        await press(pilot, "e", "left")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, LimitsScreen))
        await until(pilot, lambda: any("企业确认" in line and " 是 " in line for line in screen_lines(pilot)))

    drive(make_app(home), script)
    assert read_limits(store_of(home).connection()).confirmation == 1


def test_what_is_no_number_is_no_limit(home: Path) -> None:
    """A value that cannot be read stays in the form with the reason; the limit is as before."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "4", "end", "up", "enter", "enter")
        await type_text(pilot, "天")
        await press(pilot, "ctrl+s")
        assert "3天" in screen_text(pilot)

    drive(make_app(home), script)
    assert read_limits(store_of(home).connection()).due_soon == 3


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize("name", ["policy", "training", "meeting", "progress"])
def test_what_is_found_opens_in_its_register(home: Path, name: str) -> None:
    """The lookup previews a register's line as its page, and enter opens that page."""
    fill_registers(home)
    text = {"meeting": "研究供电接入", "progress": "主体封顶"}.get(name) or LINES[name]["title"]

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "slash")
        await type_text(pilot, text)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, RegisterLineScreen)
        assert pilot.app.screen.register is REGISTERS[name]

    drive(make_app(home), script, size=(160, 45))


def test_a_refused_line_of_a_register_is_corrected_where_it_is_told(home: Path) -> None:
    """From the screen of refused lines, e opens the register's own form on the line."""
    line_id = fill_registers(home)["policy"]
    with store_of(home).write() as connection:
        connection.execute(
            "UPDATE outbox SET state = 'rejected', code = 'forbidden', at = ? WHERE id = ?", (1, line_id)
        )

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "1", "x", "e")
        assert form(pilot).line_id == line_id

    drive(make_app(home), script)


def test_a_line_changed_elsewhere_is_shown_anew(home: Path) -> None:
    """List and preview follow what others write while one reads them."""
    line_id = fill_registers(home)["policy"]

    async def script(pilot: Pilot[None]) -> None:
        await go(pilot, "register", "policy")
        other = Writer(store_of(home), lambda: NOON_MS + 1000)
        edit_line(other, REGISTERS["policy"], line_id, {"title": "已改名的政策"})
        await until(pilot, lambda: screen_text(pilot).count("已改名的政策") == 2)

    drive(make_app(home), script, size=(160, 45))


def test_a_field_emptied_in_the_form_is_removed(home: Path) -> None:
    """Who empties a field takes it away; its earlier version stays in the history."""
    line_id = fill_registers(home)["evaluation"]

    async def script(pilot: Pilot[None]) -> None:
        await go(pilot, "register_form", "evaluation", line_id)
        await fill_in(pilot, "lines", "")
        await fill_in(pilot, "score", "")
        await save(pilot)

    drive(make_app(home), script)
    (row,) = rows_of(home, "evaluation")
    assert (row["score"], row["scores"]) == (None, [])
    assert len(lines.version_history(store_of(home).connection(), line_id)) == 2


def test_the_other_language_leaves_no_list_empty(home: Path) -> None:
    """Composed again in another language, a register and a project's lists still show their lines."""
    fill_registers(home)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "enter", "f11")
        screen = pilot.app.screen
        assert isinstance(screen, ProjectScreen)
        assert [screen._list(name).total for name in ("visits", "issues")] == [2, 2]
        await go(pilot, "register", "policy")
        await press(pilot, "f11")
        assert isinstance(pilot.app.screen, RegisterScreen)
        assert pilot.app.screen.rows.total == 1

    drive(make_app(home), script)


def test_figures_of_an_older_version_are_read_as_money_and_points(home: Path) -> None:
    """The history of a line shows amounts and scores as its page does, not as they are stored."""
    ids = fill_registers(home)

    async def script(pilot: Pilot[None]) -> None:
        await go(pilot, "history", ids["progress"])
        assert "20,000" in screen_text(pilot)
        await go(pilot, "history", ids["criterion"])
        assert "400" not in screen_text(pilot)

    drive(make_app(home), script)
