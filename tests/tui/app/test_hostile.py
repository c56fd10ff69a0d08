"""Other people's text is inert: a ledger full of escape sequences, markup and bidirectional controls."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from textual.pilot import Pilot

from store.domain.registers import REGISTERS
from store.values.text import FORBIDDEN
from store.writer.upgrade import open_store
from tests.tui.driving import drive, make_app, press, screen_lines, screen_text, settled, type_text
from tests.tui.registers_sample import PROJECT, fill_registers
from tests.tui.role_samples import submit
from tests.tui.sample import KEY, NOON_MS, issue_id, line_id
from tests.tui.test_snapshots import SCREENS
from tui.app.app import GuanjiaApp

HOSTILE = (
    "[/] [bold red]x[/bold] \x1b]52;c;cm0gLXJm\x07\x1b[2J \u202e反\u2066向\u200f \x9b31m "
    "$foo [@click=quit]y[/] {z} %s \r\n末"
)
UNTOUCHED = ("code", "period", "session")
"""Texts of registers that are keys and no prose."""
TEXTS = {
    "project": ("name", "number", "owner", "note", "national_code", "scope_reason"),
    "person": ("name", "phone", "title"),
    "unit": ("name", "phone"),
    "visit": ("place", "text"),
    "issue": ("number", "title", "text"),
    "issue_step": ("text", "reason", "measure", "evidence"),
}
BOOK_TEXTS = {
    book.kind: tuple(field.name for field in book.fields if field.type == "text" and field.name not in UNTOUCHED)
    for book in REGISTERS.values()
}
DOORS: dict[str, tuple[str, ...]] = {
    **SCREENS,
    "visits": ("enter", "tab"),
    "act form": ("3", "a", "p"),
    "history of an issue": ("3", "h"),
    "departments of the summary": ("5", *["down"] * 4, "enter"),
    "suggestions of the summary": ("5", *["down"] * 7, "enter"),
    "a finding of the summary": ("5", "end"),
    "refused": ("1", "x", "enter"),
    "loser": ("1", "l", "enter"),
    "bring back": ("1", "l", "r"),
    "completing": ("slash", "@", "b"),
    "edited issue": ("3", "e"),
    "edited meeting": ("4", "down", "enter", "e"),
    "moved issue": ("v", "f7", "space"),
}
"""Every screen of the snapshots, and others that show a text that a person typed."""


LOSER = (
    "INSERT INTO history (id, stamp, device_id, author_id, kind, project_id, deleted, body, base, reason, at) "
    "SELECT id, stamp - 1, 'd', author_id, 'project', id, 0, ?, 0, 'superseded', 1 FROM project WHERE id = ?"
)
"""A superseded version, as an older program may have accepted it."""


@pytest.fixture(scope="module")
def hostile_built(sample_built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with every text hostile, written past the entrances that would have cleaned it."""
    home = Path(shutil.copytree(sample_built, tmp_path_factory.mktemp("hostile") / "home"))
    fill_registers(home)
    submit(home)
    database = open_store(home / "ledger.db", KEY)
    with database.write() as connection:
        for table, columns in {**BOOK_TEXTS, **TEXTS}.items():
            for column in columns:
                connection.execute(f"UPDATE {table} SET {column} = ?", (HOSTILE,))
        names = f'["{line_id("x")}"]'
        connection.execute("UPDATE visit SET participants = json_array(?), issues_raised = ?", (HOSTILE, names))
        connection.execute("UPDATE visit SET issues_moved = json_array(?)", (issue_id(1),))
        connection.execute(
            "UPDATE outbox SET state = 'rejected', code = ?, reason = ?, at = ?", (HOSTILE, HOSTILE, NOON_MS)
        )
        connection.execute(LOSER, (json.dumps({"name": HOSTILE + "输", "note": HOSTILE}), line_id("project", 1)))
        for key in ("person_name", "district_name"):
            connection.execute("UPDATE meta SET value = ? WHERE key = ?", (HOSTILE, key))
    database.close()
    return home


@pytest.fixture
def hostile_home(hostile_built: Path, tmp_path: Path) -> Path:
    """A copy of it for one test: forms leave drafts."""
    return Path(shutil.copytree(hostile_built, tmp_path / "home"))


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize("door", DOORS)
def test_no_screen_lets_anything_through(door: str, hostile_home: Path) -> None:
    """No control character reaches a line of the screen, narrow or wide, and markup is shown literally."""

    async def script(pilot: Pilot[None]) -> None:
        for key in DOORS[door]:
            if key.startswith("text:"):
                await type_text(pilot, key.removeprefix("text:"))
            else:
                await press(pilot, key)
        for size in ((80, 24), (160, 45)):
            await pilot.resize_terminal(*size)
            await settled(pilot)
            shown = screen_lines(pilot)
            assert not any(FORBIDDEN.search(line) or "\n" in line for line in shown)

    drive(make_app(hostile_home), script)


def test_hostile_text_is_still_legible(hostile_home: Path) -> None:
    """What is harmless in it is shown, brackets and all."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "enter")
        assert any("[/] [bold red]x[/bold]" in line for line in screen_lines(pilot))

    drive(make_app(hostile_home), script, size=(160, 45))


def make_registers_hostile(home: Path) -> dict[str, str]:
    """A line in each register with hostile text in every text; gives their ids."""
    ids = fill_registers(home)
    database = open_store(home / "ledger.db", KEY)
    with database.write() as connection:
        for book in REGISTERS.values():
            for field in book.fields:
                if field.type in ("text", "choice", "day", "moment") and field.name != "session":
                    connection.execute(f"UPDATE {book.kind} SET {field.body_name} = ?", (HOSTILE,))
                elif field.type == "names":
                    connection.execute(f"UPDATE {book.kind} SET {field.body_name} = json_array(?)", (HOSTILE,))
        for table in ("person", "unit", "project"):
            connection.execute(f"UPDATE {table} SET name = ?", (HOSTILE,))
        connection.execute("UPDATE issue SET title = ?, number = ?", (HOSTILE, HOSTILE))
    database.close()
    return ids


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
def test_no_register_lets_anything_through(home: Path, size: tuple[int, int]) -> None:
    """Hostile text in every text of a line reaches neither list, page nor form as anything but text; each size draws
    every other register."""
    ids = list(make_registers_hostile(home).items())[size == (160, 45) :: 2]

    async def script(pilot: Pilot[None]) -> None:
        for name, register_line in ids:
            doors = [("register", name), ("register", name, PROJECT)]
            doors += [("register_line", name, register_line), ("register_form", name, register_line)]
            for door in doors:
                assert isinstance(pilot.app, GuanjiaApp)
                await pilot.app.open_screen(*door)
                await settled(pilot)
                assert not any(FORBIDDEN.search(line) or "\n" in line for line in screen_lines(pilot))
                assert "[bold red]" in screen_text(pilot) or not screen_lines(pilot)[3].strip()
            while len(pilot.app.screen_stack) > 1:
                await pilot.app.pop_screen()

    drive(make_app(home), script, size=size)
