"""``guanjia … list --out``: every list as a file, as it is filtered and sorted."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import click
from openpyxl import load_workbook

from tests.tui.cli.conftest import CommandLine
from tui.cli.groups import LIST, LazyGroup
from tui.cli.root import guanjia


def list_commands(group: LazyGroup = guanjia, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command that is called ``list``."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, LazyGroup):
            yield from list_commands(command, (*path, name))
        elif name == LIST:
            yield (*path, name)


def test_every_list_is_written_to_a_file(imported: CommandLine, tmp_path: Path) -> None:
    """With ``--out`` each list command writes what it would print, and says how many rows are in which file."""
    imported.run("issue", "add", "--project", "续1", "--title", "供电")
    found = list(list_commands())
    assert {("issue", LIST), ("project", LIST), ("visit", LIST), ("person", LIST), ("policy", LIST)} <= set(found)
    for words in found:
        path = tmp_path / f"{'-'.join(words)}.csv"
        assert imported.json(*words, "--out", str(path)) == {"rows": len(rows(path)), "file": str(path)}, words
        listed = imported.json(*words, code=None)  # type: ignore[arg-type]
        assert words[0] == "rejected" or len(rows(path)) == len(listed), words


def rows(path: Path) -> list[list[str]]:
    """The rows of a .csv file below its headings, as people read them."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))[1:]


def test_filters_and_order_hold_in_the_file_and_nothing_in_it_is_computed(
    imported: CommandLine, tmp_path: Path
) -> None:
    """The file has the rows that the options leave, in their order; a text that looks like a formula stays text, a day
    is a day."""
    for title, due in (("=1+1", "2026-12-20"), ("排水", "2026-12-10")):
        imported.run("issue", "add", "--project", "续1", "--title", title, "--due", due, "--yes")
    imported.run("issue", "add", "--project", "续2", "--title", "外部供电")
    path = tmp_path / "续1的问题.xlsx"
    imported.run("issue", "list", "--project", "续1", "--order", "light", "--out", str(path))
    sheet = load_workbook(path).active
    assert sheet is not None and sheet.title == "续1的问题"
    cells = [[cell for cell in row if cell.value] for row in sheet.iter_rows()]
    titles = [cell.value for row in cells for cell in row if cell.value in ("=1+1", "排水", "外部供电")]
    assert titles == ["排水", "=1+1"]
    assert all(cell.data_type != "f" for row in cells for cell in row)
    assert [cell.value.date().isoformat() for row in cells for cell in row if cell.is_date] == [
        "2026-12-10", "2026-12-20",
    ]  # fmt: skip


def test_lists_are_sorted_by_a_column(imported: CommandLine) -> None:
    """Issues by due date, projects by butler, a register by any of its columns; reversed on demand, pages and all."""
    for title, due in (("甲", "2026-12-20"), ("乙", "2026-12-10"), ("丙", "")):
        imported.run("issue", "add", "--project", "续1", "--title", title, *(("--due", due) if due else ()), "--yes")
    order = ("issue", "list", "--order", "due")
    assert [row["title"] for row in imported.json(*order)] == ["乙", "甲", "丙"]
    assert [row["title"] for row in imported.json(*order, "--reverse")] == ["甲", "乙", "丙"]
    butlers = [row["butler"] for row in imported.json("project", "list", "--sort", "butler")]
    assert butlers == sorted(butlers) and len(set(butlers)) > 3
    assert {row["butler"] for row in imported.json("project", "list", "--person", butlers[0])} == {butlers[0]}
    for title in ("乙", "甲"):
        imported.run("policy", "add", "--title", title, "--text", "全文")
    found = imported.json("policy", "list", "--sort", "title", "--reverse")
    assert [row["title"] for row in found] == sorted(("乙", "甲"), reverse=True)


def test_no_list_overwrites_a_file_unasked(imported: CommandLine, tmp_path: Path) -> None:
    """A file of that name stays as it is, unless ``--overwrite`` is typed; another ending is refused before reading."""
    path = tmp_path / "项目.csv"
    path.write_text("mine", "utf-8")
    assert imported.run("project", "list", "--out", str(path), "--json", code=1).error["code"] == "file_exists"
    assert path.read_text("utf-8") == "mine"
    imported.run("project", "list", "--out", str(path), "--overwrite")
    assert len(rows(path)) == len(imported.json("project", "list"))
    imported.run("project", "list", "--out", str(tmp_path / "x.pdf"), code=2)
    assert not (tmp_path / "x.pdf").exists()


def test_a_view_is_saved_shown_and_written_to_a_file(imported: CommandLine, tmp_path: Path) -> None:
    """“view show” lists what the view leaves, in its order, of every kind of list; ``--out`` writes it."""
    for title in ("甲", "乙"):
        imported.run("issue", "add", "--project", "续1", "--title", title, "--category", "land")
    imported.run("issue", "add", "--project", "续1", "--title", "丙")
    chosen = ("--with", "category=land", "--with", "order=title", "--with", "reverse=yes")
    imported.run("view", "save", "用地", "--list", "issues", *chosen)
    assert [row["title"] for row in imported.json("view", "show", "用地")] == ["甲", "乙"]
    path = tmp_path / "用地问题.csv"
    assert imported.json("view", "show", "用地", "--out", str(path)) == {"rows": 2, "file": str(path)}
    for place, group in (("projects", "project"), ("register:policy", "policy"), ("address_book:unit", "unit")):
        imported.run("view", "save", place, "--list", place)
        assert imported.json("view", "show", place) == imported.json(group, "list")
    assert [row["name"] for row in imported.json("view", "list", "--list", "issues")] == ["用地"]
    imported.run("view", "remove", "用地")
    imported.run("view", "show", "用地", code=1)
    for wrong in ("light", "light=purple", "departmnet_id=x", "order=zzz"):
        imported.run("view", "save", "x", "--list", "issues", "--with", wrong, code=2)
