"""Which columns of a register's table hold what, and what is asked."""

from __future__ import annotations

import pytest

from store.importing.cell_source import Cell, CellSource, SourceRow
from store.importing.csv import read
from store.importing.records.exceptions import NoRecords, RegisterColumnsMissing, RegisterColumnsNotUnderstood
from store.importing.records.fields import REGISTERS
from store.importing.records.table import parse_said, read_records
from store.importing.refusals import ColumnNotThere, MappingNotUnderstood
from tests.store.importing.samples import to_csv

ISSUES = REGISTERS["issues"]


def records(*rows: list[str], said: tuple[str, ...] = (), accept: bool = False) -> list[dict[str, str]]:
    """What the rows of a table of issues say."""
    table = read_records(read(to_csv(list(rows))), ISSUES, parse_said(ISSUES, said), accept=accept)
    return [dict(row.texts) for row in table.rows]


def test_headings_are_found_below_titles_and_by_any_usual_word() -> None:
    """A title above, a serial number that is no number, 同上, sums and notes below, a second column about the issue."""
    rows = records(
        ["某区企业诉求台账"],
        ["序号", "项目", "诉求事项", "具体问题", "承办单位", "完成时限"],
        ["1", "北山", "缺电", "容量不足", "供电公司", "2026-06-30"],
        ["2", "同上", "缺水", "", "〃", ""],
        ["合计", "2"],
        ["填报人：甲建国"],
    )
    assert rows == [
        {"project": "北山", "title": "缺电", "text": "容量不足", "department": "供电公司", "due": "2026-06-30"},
        {"project": "北山", "title": "缺水", "department": "供电公司"},
    ]


def test_a_column_is_said_by_heading_or_number_and_asked_about_where_it_holds_names() -> None:
    """What is not understood is set aside and told, unless it holds people: then somebody must say."""
    head, row = ["项目", "问题", "盯办人"], ["北山", "缺电", "甲建国"]
    with pytest.raises(RegisterColumnsNotUnderstood) as asked:
        records(head, row)
    assert asked.value.values["columns"] == "盯办人"
    assert records(head, row, said=("盯办人=owner",))[0]["owner"] == "甲建国"
    assert records(head, row, said=("3=责任人",))[0]["owner"] == "甲建国"
    assert (
        records(head, row, accept=True)
        == records(head, row, said=("盯办人=-",))
        == [{"project": "北山", "title": "缺电"}]
    )
    for said, error in ((("盯办人=x",), MappingNotUnderstood), (("没有=owner",), ColumnNotThere)):
        with pytest.raises(error):
            records(head, row, said=said)


def test_a_table_without_the_columns_that_count_is_refused_by_their_names() -> None:
    """The sentence names what is missing and what is there; headings alone are no table."""
    with pytest.raises(RegisterColumnsMissing) as missing:
        records(["项目", "责任部门"], ["北山", "供电公司"])
    assert (missing.value.values["missing"], missing.value.values["seen"]) == ("问题", "项目、责任部门")
    with pytest.raises(NoRecords):
        records(["项目", "问题"])


def test_rows_of_several_sheets_stand_below_the_headings_of_all() -> None:
    """A sheet whose columns are in another order, or more, gives rows that can be corrected and taken in again."""
    sheets = (
        (["项目", "问题", "责任部门"], ["北山", "缺电", "供电公司"]),
        (["问题", "项目名称", "办理期限"], ["缺水", "临江", "2026-06-30"]),
    )
    rows = [
        SourceRow(number, tuple(map(Cell, texts)), block)
        for block, sheet in enumerate(sheets)
        for number, texts in enumerate(sheet, 1)
    ]
    table = read_records(CellSource(tuple(rows)), ISSUES, {}, accept=False)
    assert table.headings == ("项目", "问题", "责任部门", "办理期限")
    assert [row.cells for row in table.rows] == [("北山", "缺电", "供电公司"), ("临江", "缺水", "", "2026-06-30")]


def test_a_cell_that_is_a_formula_is_left_out_and_told() -> None:
    """Its row is taken; of serial numbers nothing is said."""
    head = SourceRow(1, tuple(map(Cell, ("序号", "项目", "问题", "办理期限"))))
    row = SourceRow(2, (Cell("1", formula=True), Cell("北山"), Cell("缺电"), Cell("46203", formula=True)))
    table = read_records(CellSource((head, row)), ISSUES, {}, accept=False)
    assert [each.texts for each in table.rows] == [{"project": "北山", "title": "缺电"}]
    assert [(each.row, each.column, each.code) for each in table.warnings] == [(2, "办理期限", "formula")]
