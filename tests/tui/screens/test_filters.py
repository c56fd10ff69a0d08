"""Filters: one panel filters every list, and the line above the list shows the criteria."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from store.domain.registers import REGISTERS, Register
from store.writer.upgrade import open_store
from tests.tui.driving import drive, make_app, press, screen_lines, screen_text, type_text
from tests.tui.registers_sample import PROJECT, fill_registers
from tests.tui.sample import KEY, NOON_MS, PROJECTS, line_id
from tests.tui.writing import add_line
from tui.app.app import GuanjiaApp
from tui.data.lists import register_source
from tui.data.writer import Writer
from tui.i18n.register_text import is_dated
from tui.i18n.translate import _, value_label
from tui.screens.filters import ListFilterPanel
from tui.screens.list_filters import register_filter, register_filter_fields
from tui.screens.projects import ProjectsScreen
from tui.screens.register import RegisterScreen


def listed(pilot: Pilot[None]) -> list[str]:
    """The ids of the lines that the list shows."""
    screen = pilot.app.screen
    assert isinstance(screen, ProjectsScreen | RegisterScreen)
    return [row.id for row in screen.rows._window.rows]


def projects(*numbers: int) -> list[str]:
    """The ids of the sample's projects with these numbers."""
    return [line_id("project", number) for number in numbers]


async def choose(pilot: Pilot[None], question: int, *keys: str) -> None:
    """Open the panel, go to a field by its position, set it, apply."""
    await press(pilot, "f", *["tab"] * question, *keys, "enter")


@pytest.mark.soak(turns=5)
@pytest.mark.parametrize(
    ("question", "keys", "left"),
    [
        (0, ("right", "right"), (6, 7)),
        (2, ("right",), (1,)),
        (3, ("right",), (1, 6, 8)),
        (5, ("right",), (3, 4, 5, 6, 7, 8)),
        (5, ("left",), (8,)),
    ],
    ids=["new", "red", "mine", "lacks something", "lacks an enterprise contact"],
)
def test_projects_are_narrowed_by_what_their_rows_say(
    home: Path, question: int, keys: tuple[str, ...], left: tuple[int, ...]
) -> None:
    """Each question leaves the projects that it should, the head line counts them, and escape changes nothing."""
    assert len(PROJECTS) == 8

    async def script(pilot: Pilot[None]) -> None:
        await choose(pilot, question, *keys)
        assert sorted(listed(pilot)) == sorted(projects(*left))
        assert screen_lines(pilot)[1].rstrip().endswith(str(len(left)))
        await press(pilot, "f", "right", "escape")
        assert len(listed(pilot)) == len(left)

    drive(make_app(home), script)


def test_the_order_is_chosen_and_shown_and_the_cursor_stays_on_its_project(home: Path) -> None:
    """The longest without contact first: those never contacted lead; the project under the cursor stays there."""

    async def script(pilot: Pilot[None]) -> None:
        screen = pilot.app.screen
        assert isinstance(screen, ProjectsScreen)
        assert value_label("order", "table") in screen_lines(pilot)[1]
        await press(pilot, "down", "down")
        here = screen.project_in_view
        await choose(pilot, 8, "right", "right")
        assert value_label("order", "contact") in screen_lines(pilot)[1]
        assert listed(pilot)[-4:] == projects(3, 2, 6, 1)
        assert screen.project_in_view == here

    drive(make_app(home), script)


def test_a_list_with_nothing_left_says_how_to_see_more(home: Path) -> None:
    """Where no project fits the next step is named; F4 in the panel asks for everything again."""

    async def script(pilot: Pilot[None]) -> None:
        await choose(pilot, 1, "right")
        assert listed(pilot) == []
        assert _("No such project. f changes the filter.") in screen_text(pilot)
        await press(pilot, "f", "f4", "enter")
        assert len(listed(pilot)) == 8

    drive(make_app(home), script)


def test_a_register_is_narrowed_by_project_status_and_period(home: Path) -> None:
    """Procedures by their status, meetings by a period, deliveries by a project found by its initials."""
    ids = fill_registers(home)
    writer = Writer(open_store(home / "ledger.db", KEY), lambda: NOON_MS)
    granted = add_line(writer, REGISTERS["procedure"], {"project": PROJECT, "code": "eia", "status": "granted"})
    other = line_id("project", 2)
    late = add_line(
        writer, REGISTERS["meeting"], {"project": other, "title": "供热", "level": "1", "at": "2026-05-18 9:00"}
    )

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "4", "enter")
        assert set(listed(pilot)) == {ids["procedure"], granted}
        await choose(pilot, 1, "left", "left")
        assert listed(pilot) == [granted]
        await press(pilot, "escape", "down", "enter")
        assert set(listed(pilot)) == {ids["meeting"], late}
        await press(pilot, "f", "tab", "tab", "tab")
        await type_text(pilot, "2026-05-17")
        await press(pilot, "enter")
        assert listed(pilot) == [ids["meeting"]]
        assert "2026-05-17" in screen_lines(pilot)[1]
        await press(pilot, "f", "f4")
        await type_text(pilot, "sgyy")
        await press(pilot, "enter", "enter")
        assert listed(pilot) == [late]
        assert "三供一业" in screen_lines(pilot)[1]

    drive(make_app(home), script)


def test_a_day_that_is_none_keeps_the_list_as_it_is(home: Path) -> None:
    """A period that cannot be parsed is reported; the criteria before still hold."""
    fill_registers(home)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "4", "down", "enter", "f", "tab", "tab")
        await type_text(pilot, "昨儿")
        await press(pilot, "enter")
        assert len(listed(pilot)) == 1
        assert "昨儿" in screen_text(pilot)
        assert pilot.app.screen.filter_values == {}  # type: ignore[attr-defined]

    drive(make_app(home), script)


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize("book", REGISTERS.values(), ids=lambda book: book.name)
def test_every_register_can_ask_its_questions(home: Path, book: Register) -> None:
    """Each register's panel opens with its fields, each of which its list understands."""
    fill_registers(home)

    async def script(pilot: Pilot[None]) -> None:
        screen = RegisterScreen(book.name)
        await pilot.app.push_screen(screen)
        await press(pilot, "f")
        panel = pilot.app.screen
        asked = register_filter_fields(screen.register, of_project=False)
        if not asked:
            assert panel is screen
            return
        assert isinstance(panel, ListFilterPanel)
        await press(pilot, "ctrl+o", "escape", "escape")
        app = pilot.app
        assert isinstance(app, GuanjiaApp) and app.reader is not None
        reader = app.reader
        everything: dict[str, str | None] = {one.key: "" for one in asked}
        narrowed = register_filter(screen.register, everything, NOON_MS)
        assert register_source(reader, screen.register, **narrowed).window(None, 0, 9).total == screen.rows.total
        if is_dated(screen.register):
            past = register_filter(screen.register, {**everything, "until": "1999-12-31"}, NOON_MS)
            assert register_source(reader, screen.register, **past).window(None, 0, 9).total == 0

    drive(make_app(home), script)


def test_names_of_others_in_the_head_line_are_inert(home: Path) -> None:
    """A unit whose name looks like markup is shown literally where it filters a list."""
    database = open_store(home / "ledger.db", KEY)
    writer = Writer(database, lambda: NOON_MS)
    hostile = "[bold red]住建\x1b]0;x\x07局"
    add_line(writer, REGISTERS["procedure"], {"project": PROJECT, "code": "eia", "department": hostile})
    database.close()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "4", "enter", "f", "tab", "tab")
        await type_text(pilot, "bold")
        await press(pilot, "enter", "enter")
        assert "[bold red]" in screen_lines(pilot)[1]
        assert len(listed(pilot)) == 1

    drive(make_app(home), script)
