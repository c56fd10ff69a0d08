"""Tables that are laid out otherwise than one record a row: read where that is sure, refused where it is not."""

from __future__ import annotations

import pytest

from store.importing.cell_source import Cell, CellSource, SourceRow
from store.importing.csv import read
from store.importing.records.exceptions import RegisterColumnsMissing
from store.importing.records.fields import REGISTERS
from store.importing.records.record_rows import RecordTable
from store.importing.records.shape import RegisterName
from store.importing.records.table import read_records
from tests.store.importing.samples import to_csv


def table(register: RegisterName, *rows: str, accept: bool = False) -> RecordTable:
    """The table whose rows are these, with a bar between cells."""
    lines = [row.split("|") for row in rows]
    width = max(map(len, lines))
    source = read(to_csv([[*line, *[""] * (width - len(line))] for line in lines]))
    return read_records(source, REGISTERS[register], {}, accept=accept)


def said(found: RecordTable, *names: str) -> list[tuple[str, ...]]:
    """What the rows say of these fields."""
    return [tuple(row.texts.get(name, "") for name in names) for row in found.rows]


def codes(found: RecordTable) -> list[str]:
    """What is told."""
    return [warning.code for warning in found.warnings]


CARD = ("项目名称|{project}|存在问题|{title}", "责任单位|供电公司|责任人|", "完成时限|2026-06-30")


def card(project: str, title: str) -> list[str]:
    """The rows of a card."""
    return [row.format(project=project, title=title) for row in CARD]


def test_cards_are_read_where_every_text_has_its_label() -> None:
    """Also with titles between and values left empty. A text without a label, or another first label, and the whole is
    refused: nothing is guessed."""
    rows = ["问题登记表", *card("北山", "缺电"), "问题登记表", *card("临江", "缺水")]
    found = table("issues", *rows)
    assert said(found, "project", "title", "department", "due") == [
        ("北山", "缺电", "供电公司", "2026-06-30"),
        ("临江", "缺水", "供电公司", "2026-06-30"),
    ]
    assert [row.number for row in found.rows] == [2, 6]
    assert codes(found) == ["read_cards"]
    for stray in ("|容量不足", "另有一事|未列"):
        with pytest.raises(RegisterColumnsMissing):
            table("issues", *rows, stray)
    with pytest.raises(RegisterColumnsMissing):
        table("issues", *rows, *card("新1", "缺路")[1:])


def test_labels_with_their_values_in_one_cell_are_cards() -> None:
    """项目名称：北山."""
    rows = [f"项目名称：{name}|问题：{what}|责任单位：供电公司" for name, what in (("北山", "缺电"), ("临江", "缺水"))]
    assert said(table("issues", *rows), "project", "title") == [("北山", "缺电"), ("临江", "缺水")]


def test_a_table_whose_records_are_columns_is_read_where_each_row_has_a_label_of_the_register() -> None:
    """The numbers are those of the columns. With a row that is not understood it is refused."""
    rows = ["问题台账（2026年）", "序号|1|2", "项目名称|北山|临江", "问题|缺电|缺水", "提出时间|3月5日|4月6日"]
    found = table("issues", *rows)
    assert said(found, "project", "title") == [("北山", "缺电"), ("临江", "缺水")]
    assert [(row.number, row.year) for row in found.rows] == [(2, 2026), (3, 2026)]
    assert codes(found) == ["read_columns"]
    with pytest.raises(RegisterColumnsMissing):
        table("issues", *rows, "盯办|甲建国|乙卫东")


def test_tables_beside_and_below_each_other_are_read_apart() -> None:
    """The same headings once more beside are more rows; a table of another kind is left out and told."""
    beside = table(
        "people", "通讯录", "姓名|单位|电话|姓名|单位|电话", "甲建国|发改局|1|乙卫东|住建局|2", "丙志远|热力|3||"
    )
    assert said(beside, "name", "phone") == [("甲建国", "1"), ("丙志远", "3"), ("乙卫东", "2")]
    issues = ["项目名称|存在问题|责任单位", "北山|缺电|供电公司"]
    below = table("issues", *issues, "", "值班表", "姓名|单位|职务|联系电话", "甲建国|发改局|局长|0418-0000000")
    right = table("issues", f"{issues[0]}||姓名|单位|职务|电话", f"{issues[1]}||甲建国|发改局|局长|0418-0000000")
    for found in (below, right):
        assert said(found, "project", "title", "department") == [("北山", "缺电", "供电公司")]
        assert codes(found) == ["other_table_left_out"]


def test_two_rows_of_headings_are_read_together() -> None:
    """What stands below a unit is of that unit: the contact of who co-handles is not the issue's owner."""
    rows = [
        "序号|项目名称|问题|责任||配合部门|",
        "||描述|单位|责任人|名称|责任人",
        "1|北山|缺电|供电公司|甲建国|住建局|乙卫东",
    ]
    found = table("issues", *rows, *rows[:2], "2|临江|缺水|水务局|丙志远||", accept=True)
    assert said(found, "title", "department", "owner", "with") == [
        ("缺电", "供电公司", "甲建国", "住建局"),
        ("缺水", "水务局", "丙志远", ""),
    ]
    assert "配合部门责任人" in found.headings
    assert codes(found) == ["unknown_column"]


def test_lines_between_say_whose_rows_follow_or_are_told() -> None:
    """A department, a state, a year; what is not understood is told, and so is a project left empty below its like."""
    found = table(
        "issues",
        "序号|项目名称|存在问题|责任单位|是否解决|提出时间",
        "一、区住建局（2件）",
        "1|北山|缺路||否|2026-03-01",
        "2||缺灯|区交通局|否|2026-03-01",
        "2025年",
        "二、已办结问题（1件）",
        "3|临江|缺水|||3月2日",
        "三、重点关注",
        "4|临江|缺地|||3月2日",
        "注：红色为督办事项",
        "审核人：甲||审批人：乙",
    )
    assert said(found, "project", "title", "department", "state") == [
        ("北山", "缺路", "区住建局", "否"),
        ("北山", "缺灯", "区交通局", "否"),
        ("临江", "缺水", "区住建局", "已办结"),
        ("临江", "缺地", "区住建局", "已办结"),
    ]
    assert [row.year for row in found.rows] == [None, None, 2025, 2025]
    assert sorted(codes(found)) == [
        "carried_above", "colours_unread", "from_between", "from_between", "ignored_row",
    ]  # fmt: skip


def test_a_sheet_that_is_called_like_a_unit_says_whose_rows_it_has_and_nothing_is_read_without_a_heading() -> None:
    """Where no column says it; a column without a heading is told."""
    cells = [["项目", "问题", ""], ["北山", "缺电", "急"]]
    rows = tuple(SourceRow(number, tuple(map(Cell, texts))) for number, texts in enumerate(cells, 1))
    found = read_records(CellSource(rows, places=("区住建局",)), REGISTERS["issues"], {}, accept=False)
    assert said(found, "department") == [("区住建局",)]
    assert sorted(codes(found)) == ["from_between", "unnamed_column"]
