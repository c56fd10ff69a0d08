"""Printing lists while they are read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from rich.cells import cell_len

from store.home.credentials import open_credentials
from store.home.paths import resolve_home
from store.values.text import FORBIDDEN
from store.writer.upgrade import open_store
from tests.tui.cli.conftest import CommandLine
from tui.cli.output import OutputFormat, emit, emit_rows, show_table
from tui.cli.tables import BLOCK, FIRST_BLOCK

ROWS = [{"name": "张\x1b三", "n": n} for n in range(3)]


@pytest.mark.parametrize("output_format", OutputFormat)
@pytest.mark.parametrize("rows", [[], ROWS[:1], ROWS])
def test_a_streamed_list_is_printed_as_a_whole_one(
    output_format: OutputFormat, rows: list[dict[str, object]], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Scripts read the same bytes, whether a list was printed at once or while it was read."""
    emit(output_format, rows, print)
    whole = capfdbinary.readouterr().out
    emit_rows(output_format, iter(rows), lambda streamed: print(list(streamed)))
    assert capfdbinary.readouterr().out == whole


def test_the_first_rows_are_printed_before_the_last_are_read(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list of any length begins at once: a block is printed before a row of the next but one is read."""

    def rows() -> Iterator[tuple[object, ...]]:
        for number in range(2 * BLOCK + 1):
            if number == 2 * BLOCK:
                printed.append(capsys.readouterr().out)
            yield number, None, f"供电\n未接通{'长' * (number // BLOCK)}"

    monkeypatch.delenv("COLUMNS", raising=False)
    printed: list[str] = []
    show_table(("No.", "", "Issue"), rows())
    lines = (printed[0] + capsys.readouterr().out).splitlines()
    assert len(printed[0].splitlines()) == FIRST_BLOCK + BLOCK + 1
    assert [lines[0], lines[1], lines[-1]] == ["No.    Issue", "0      供电 未接通", "400    供电 未接通长长"]


def test_a_stated_width_is_kept_by_every_block(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where COLUMNS states a width, rows are wrapped to it and each block has its heading."""
    monkeypatch.setenv("COLUMNS", "20")
    show_table(("Issue",), [("供电未接通" * 3,)] * (BLOCK + 1))
    lines = capsys.readouterr().out.splitlines()
    assert lines.count("Issue") == 2 and max(map(len, lines)) <= 10


@pytest.mark.parametrize("width", [24, 40, 60, 80, 120])
def test_a_narrow_table_folds_prose_and_cuts_nothing(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In any width every character is printed and no line is longer; numbers and days are in one piece from 80 on."""
    monkeypatch.setenv("COLUMNS", str(width))
    columns = ("序号", "问题", "项目名称", "状态", "责任部门", "期限")
    row = (
        "261130-D6GV",
        "外部供电线路未接通",
        "新能源材料有限公司年产9万吨项目",
        "待交办",
        "住房和城乡建设局",
        "2026-12-04",
    )
    show_table(columns, [row])
    printed = capsys.readouterr().out
    assert sorted("".join(printed.split())) == sorted("".join((*columns, *row)))
    assert max(map(cell_len, printed.splitlines())) <= width
    assert width < 80 or ("261130-D6GV" in printed and "2026-12-04" in printed)


HOSTILE = "夜\x1b]52;c;aGk=\x07\x9b2J\u202e间\u2066"
SHOWING = (
    "dump",
    "project list",
    "project show 续1",
    "visit list",
    "issue list",
    "find 夜",
    "today",
    "status",
    "doctor",
)


def test_nothing_that_acts_on_a_terminal_leaves_by_any_door(imported: CommandLine) -> None:
    """Control and bidi characters that an older version let into the ledger are escaped in JSON and in a dump, and are
    not in the tables for people; what is read back from the JSON is what is stored."""
    imported.run("visit", "add", "--project", "续1", "--text", "x")
    imported.run("issue", "add", "--project", "续1", "--title", "x")
    home = resolve_home(str(imported.home))
    database = open_store(home.database, open_credentials(home, "file").key())
    with database.write() as connection:
        for column in ("project SET name", "person SET name", "visit SET text", "issue SET title"):
            connection.execute(f"UPDATE {column} = ?", (HOSTILE,))
        connection.execute("UPDATE meta SET value = ? WHERE key IN ('person_name', 'district_name')", (HOSTILE,))
    database.close()
    for command in SHOWING:
        for form in ((), ("--json",)):
            shown = imported.run(*command.split(), *form)
            assert not FORBIDDEN.search((shown.out + shown.err).replace("\n", "")), (command, form)
            assert "Traceback" not in shown.err
    assert {one["name"] for one in imported.json("project", "list")} == {HOSTILE}
