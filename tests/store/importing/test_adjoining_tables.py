"""Tables of other kinds beside or below the responsibility table: told and left out, never read on as projects."""

from __future__ import annotations

import pytest

from store.importing.table import ResponsibilityTable
from tests.store.importing.samples import HEAD, codes, project
from tests.store.importing.test_judge import ONE, of, read

OTHERS = {
    "phones": ["序号|姓名|单位|职务|联系电话", "1|卯金海|发改局|科长|19900000021"],
    "issues": ["序号|问题|责任单位|责任人|时限", "1|缺电|供电公司|卯金海|3月"],
    "progress": ["序号|项目名称|开工时间|进度|存在问题", "1|北山|3月|50%|无"],
    "policies": ["序号|政策名称|责任部门|联系人|联系电话", "1|稳岗补贴|人社局|卯金海|19900000021"],
    "people without headings": ["1|卯金海|发改局|科长|19900000021", "2|辰峰|财政局|局长|19900000022"],
}


def names(table: ResponsibilityTable) -> list[str]:
    """The names of a table's projects."""
    return [row.name for section in table.sections for row in section.rows]


@pytest.mark.parametrize("kind", OTHERS)
def test_another_sheet_as_wide_is_not_read_on(kind: str) -> None:
    """A list of phones or issues on the next sheet makes nobody a project, and it is told."""
    table = read(("责任表", [HEAD, ONE]), ("其他", [line.split("|") for line in OTHERS[kind]]))
    assert names(table) == ["北山"]
    assert {"other_table_left_out", "ignored_row"} & set(codes(table))


@pytest.mark.parametrize("kind", [kind for kind in OTHERS if "without" not in kind])
def test_another_table_below_is_not_read_on(kind: str) -> None:
    """What has headings of its own below the projects is another table; a responsibility table below that is read."""
    other = [[], ["附表"], *(line.split("|") for line in OTHERS[kind])]
    table = of(HEAD, ONE, *other, ["新建项目"], HEAD, project(1, "南山"))
    assert names(table) == ["北山", "南山"]
    assert [section.category for section in table.sections] == [None, "new"]
    assert {"other_table_left_out", "ignored_row"} & set(codes(table))


@pytest.mark.parametrize(
    "rows",
    [
        [HEAD, ONE, HEAD, project(2, "南山")],
        [HEAD, ["新建项目（1个）"] * len(HEAD), ONE, ["续建项目（1个）"] * len(HEAD), project(1, "南山")],
        [HEAD, ONE, ["填表人：", "", "审核人：", "", "联系电话："], project(2, "南山")],
        [
            ["序号", "项目名称", "包保领导", "", "企业联系人"],
            ["", "", "姓名", "职务", "姓名"],
            ["1", "北山", "甲建国", "副区长", "丙志远"],
            ["", "", "姓名", "职务", "姓名"],
            ["2", "南山", "甲建国", "副区长", "丙志远"],
        ],
        [HEAD[1:], ["北山项目", "甲建国", "乙卫东", "丙志远"], ["南山项目", "领导", "待定", "丙志远"]],
    ],
)
def test_repeated_headings_and_lines_for_signatures_part_nothing(rows: list[list[str]]) -> None:
    """Pages repeat headings, also only the lower row of them, and end in lines to sign, and merged headings of sections
    may be filled cell by cell: the table goes on."""
    assert len(names(of(*rows))) == 2


def test_projects_with_short_names_go_on_without_headings() -> None:
    """Short names of places are like people's: who serves them tells that they are projects."""
    assert names(read(("一", [HEAD, ONE]), ("二", [project(2, "南山"), project(3, "东山岭")]))) == [
        "北山",
        "南山",
        "东山岭",
    ]
