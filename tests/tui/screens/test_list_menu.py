"""Taking a list out of a screen: to a file of its own, to the clipboard, one cell."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.driving import drive, make_app, press, screen_text, type_text
from tui.screens.list_menu import WrittenPanel


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The person's own folder."""
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.setenv("HOME", str(own))
    return own


def test_a_list_goes_to_a_file_in_two_keys_and_opens_with_a_third(home: Path, folder: Path) -> None:
    """The file is named in Chinese by list, filter and day, has every row and whole dates, and no second one replaces
    it; enter opens it."""
    opened: list[Path] = []

    def open_file(path: Path) -> bool:
        opened.append(path)
        return True

    async def script(pilot: Pilot[None]) -> None:
        app.open_file = open_file
        await press(pilot, "3", ">", "c")
        assert isinstance(pilot.app.screen, WrittenPanel)
        await press(pilot, "enter", ">", "c", "escape")

    app = make_app(home)
    drive(app, script)
    first, second = sorted(folder.iterdir(), key=lambda path: len(path.name))
    assert (first.name, second.name) == (
        "问题台账-未结-红灯在前-2026-05-20.csv",
        "问题台账-未结-红灯在前-2026-05-20 (2).csv",
    )
    assert opened == [first]
    headings, *rows = csv.reader(first.read_text("utf-8-sig").splitlines())
    assert headings == ["灯", "编号", "问题", "项目名称", "状态", "责任部门", "责任人", "期限"]
    assert len(rows) == 6 and all(len(row[-1]) in (0, 10) for row in rows)


def test_a_list_and_a_cell_are_copied_in_two_keys(home: Path) -> None:
    """The whole list as cells apart by tabs, as tables paste them; a number chooses a cell of the line."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "3", ">", "y")
        lines = pilot.app.clipboard.split("\n")
        assert len(lines) == 7 and all(line.count("\t") == 7 for line in lines)
        await press(pilot, ">", "3")
        assert pilot.app.clipboard == lines[1].split("\t")[2]

    drive(make_app(home), script)


def test_files_go_to_the_folder_that_was_chosen_last(home: Path, folder: Path) -> None:
    """The folder is asked for in the menu and remembered; one that is not there is told, and nothing is written."""
    chosen = folder / "U盘"
    chosen.mkdir()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, ">", "f")
        await type_text(pilot, str(chosen))
        await press(pilot, "enter", ">", "m", "escape")
        assert [path.suffix for path in chosen.iterdir()] == [".md"]
        chosen.rename(folder / "gone")
        await press(pilot, ">", "m")
        assert not isinstance(pilot.app.screen, WrittenPanel)
        assert not chosen.exists() and str(chosen) in screen_text(pilot).replace("\n", "")

    drive(make_app(home), script, (160, 45))
