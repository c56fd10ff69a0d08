"""Which columns of a register's table hold what, and what is asked."""

from __future__ import annotations

import pytest

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
