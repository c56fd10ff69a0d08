"""What the import takes, asks about and refuses: columns, other registers, years, and what it says of every row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from store.importing.cell_source import Cell, CellSource, SourceRow
from store.importing.exceptions import TableImportError
from store.importing.judge import parse_mapping
from store.importing.plan import plan_import
from store.importing.refusals import (
    ColumnNotThere,
    ColumnsNotUnderstood,
    EvaluationRefused,
    HeadingsNotUnderstood,
    IssueLedgerRefused,
    MappingNotUnderstood,
    OtherTableRefused,
    PeopleListRefused,
    ProcedureTableRefused,
    ProgressTableRefused,
    ReportRefused,
    TaskListRefused,
    VisitLogRefused,
)
from store.importing.table import ResponsibilityTable, parse_table
from tests.store.importing.samples import BUTLER, CONTACT, HEAD, LEADER, codes, project
from tests.store.importing.test_plan import NOTHING, stored

ONE = project(1, "北山")
Sheet = tuple[str, Sequence[Sequence[str]]]


def read(
    *sheets: Sheet, said: Sequence[str] = (), accept: bool = False, this_year: int | None = None
) -> ResponsibilityTable:
    """The table in these sheets, each a name and rows."""
    rows = [
        SourceRow(number, tuple(Cell(text) for text in row), block)
        for block, (_place, lines) in enumerate(sheets)
        for number, row in enumerate(lines, 1)
    ]
    source = CellSource(tuple(rows), places=tuple(place for place, _lines in sheets))
    return parse_table(source, parse_mapping(said), accept=accept, this_year=this_year)


def of(*rows: Sequence[str], said: Sequence[str] = (), accept: bool = False) -> ResponsibilityTable:
    """The table in these rows."""
    return read(("", rows), said=said, accept=accept)


def people(table: ResponsibilityTable) -> list[tuple[str, str, str, str]]:
    """Role, name, phone and title of everybody in a table."""
    rows = [row for section in table.sections for row in section.rows]
    return [(each.role, each.name, each.phone, each.title) for row in rows for each in row.people]


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        ("项目包保领导姓名及联系方式|项目管家姓名及联系方式|企业联系人及电话", "lead_leader butler enterprise_contact"),
        ("一名领导|一个牵头单位|一套服务班子|一名项目秘书|一名企业联系人",
         "lead_leader lead_unit service_team project_secretary enterprise_contact"),
        ("县级领导|项目专员|企业联系人", "lead_leader butler enterprise_contact"),
        ("包联干部|首席服务员|企业负责人", "lead_leader butler enterprise_contact"),
        ("包保领导|责任人及电话|企业联系人", "lead_leader butler enterprise_contact"),
        ("挂钩领导|对接人|联系人", "lead_leader butler enterprise_contact"),
        ("包抓领导：|责任单位：|责任人：|联系人：", "lead_leader lead_unit butler enterprise_contact"),
        ("包保领导|责任单位及责任人|企业及联系人", "lead_leader lead_unit&butler owner&enterprise_contact"),
        ("建设单位|建设性质|总投资（万元）|包联领导|服务专员", "owner category investment lead_leader butler"),
        ("包保领导|职务|联系电话|项目管家|单位及职务|管家电话",
         "lead_leader title:lead_leader phone:lead_leader butler title:butler phone:butler"),
        ("包保领导|分管领导|项目管家", "lead_leader None butler"),
        ("包保领导|服务人|企业联系人", "lead_leader None enterprise_contact"),
    ],
)  # fmt: skip
def test_headings_of_other_districts_are_understood(headings: str, fields: str) -> None:
    """Synonyms, the notice's own words and joined headings; what could be several roles is left open."""
    columns = of(["序号", "项目名称", *headings.split("|")], ["1", "北山"]).columns
    assert " ".join(str(column.field) for column in columns[2:]) == fields


def test_a_role_may_have_columns_of_its_own_for_names_posts_and_phones() -> None:
    """Heads of three rows: no project is called 项目名称, nobody 姓名; posts are titles and each has the own phone."""
    table = of(
        ["序号", "项目名称", "服务人员", "", "", "", "", ""],
        ["", "", "包保领导", "", "", "项目管家", "", ""],
        ["", "", "姓名", "职务", "手机号", "姓名", "单位及职务", "手机号"],
        ["1", "北山", "甲建国", "副区长", "19900000001", "乙卫东", "发改局副局长", "19900000002"],
    )
    assert people(table) == [
        ("lead_leader", "甲建国", "19900000001", "副区长"),
        ("butler", "乙卫东", "19900000002", "发改局副局长"),
    ]


def test_category_investment_and_owner_have_columns() -> None:
    """建设性质, 建设单位 and 总投资 in the unit that a line above the table states; the sum is no project."""
    table = of(
        ["附件"],
        ["示范县2024年重点项目县级领导包联责任表"],
        ["填报单位：县发改局", "", "", "", "单位：万元"],
        ["序号", "项目名称", "建设单位", "建设性质", "总投资", "县级包联领导"],
        ["合计（2项）", "", "", "", "17000"],
        ["1", "北山", "甲号公司", "续建", "12000", "甲建国"],
        ["2", "南山", "乙号公司", "新建", "0.5亿元", "甲建国"],
    )
    rows = [row for section in table.sections for row in section.rows]
    assert [(row.name, row.category, row.owner, row.investment) for row in rows] == [
        ("北山", "continuing", "甲号公司", 120_000_000),
        ("南山", "new", "乙号公司", 50_000_000),
    ]
    assert table.year == 2024


@pytest.mark.parametrize(
    ("headings", "refusal"),
    [
        ("序号|项目名称|存在问题|责任单位|责任人|联系人|完成时限|进展情况|是否销号", IssueLedgerRefused),
        ("序号|项目|问题|责任部门|期限", IssueLedgerRefused),
        ("序号|项目名称|存在困难|解决措施|包保领导|责任单位|整改时限", IssueLedgerRefused),
        ("问题编号|项目名称|问题|种类|类别|责任部门|责任人|登记日期|期限|状态", IssueLedgerRefused),
        ("Issue No.|Project|Issue|Kind|Department|Owner|Due|State", IssueLedgerRefused),
        ("时间|项目名称|方式|地点|参加人员|情况|提出的问题|推进的问题|记录人", VisitLogRefused),
        ("序号|项目名称|走访时间|走访人|走访地点|走访情况", VisitLogRefused),
        ("序号|项目名称|总投资|年度计划投资|本月完成投资|形象进度|责任单位|责任人", ProgressTableRefused),
        ("序号|项目|责任单位|完成时限", TaskListRefused),
        ("序号|工作任务|责任单位|责任人|完成时限", TaskListRefused),
        ("姓名|单位|职务|联系电话", PeopleListRefused),
        ("序号|项目名称|督办事项|包保领导|责任单位|办结时限|进展情况|红黄蓝灯", IssueLedgerRefused),
        ("序号|项目管家|所在单位|服务项目|得分|等次", EvaluationRefused),
        ("序号|项目名称|项目管家|满意度|评价意见", EvaluationRefused),
        ("序号|项目名称|包保领导|立项|用地|规划|环评|施工许可", ProcedureTableRefused),
        ("序号|项目名称|手续名称|办理部门|经办人|办理状态|批复文号", ProcedureTableRefused),
        ("序号|项目名称|中标单位|项目经理|中标价|开标时间", OtherTableRefused),
        ("序号|项目名称|合同编号|合同金额|经办人", OtherTableRefused),
    ],
)
def test_tables_of_other_registers_are_refused_by_name(headings: str, refusal: type[TableImportError]) -> None:
    """None of them ends anybody's role: they are recognised by their headings, whatever the file is called."""
    heads = headings.split("|")
    with pytest.raises(refusal):
        of(heads, ["1", *["甲建国"] * (len(heads) - 1)])


def test_a_summary_of_this_program_is_refused() -> None:
    """Its list of projects with their butlers is no responsibility table."""
    with pytest.raises(ReportRefused):
        of(["项目管家工作汇总分析（2026-11）"], HEAD, ONE)


@pytest.mark.parametrize("title", ["项目管家考核评分表", "项目管家服务满意度测评表"])
def test_a_score_of_butlers_is_no_list_of_who_serves(title: str) -> None:
    """项目管家 in the title of an evaluation does not make it a responsibility table."""
    with pytest.raises(EvaluationRefused):
        of([title], ["序号", "项目名称", "项目管家", "得分"], ["1", "北山", "乙卫东", "95"])


@pytest.mark.parametrize(
    ("heading", "cell", "yuan"),
    [
        ("投资额", "3.2亿元", 320_000_000),
        ("投资总额（万元）", "5000", 50_000_000),
        ("总投资（万）", "5000", 50_000_000),
        ("投资规模(亿)", "1.5", 150_000_000),
        ("当年投资（万元）", "5000", None),
        ("投资计划", "5000万元", None),
    ],
)
def test_investment_has_many_headings(heading: str, cell: str, yuan: int | None) -> None:
    """The total is taken under each of its headings, and never the year's part of it."""
    table = of([*HEAD, heading], [*ONE, cell])
    assert table.sections[0].rows[0].investment == yuan


@pytest.mark.parametrize("heading", ["投资方", "投资主体", "投资单位", "业主单位", "项目法人单位"])
def test_the_owner_has_many_headings(heading: str) -> None:
    """Who builds is the owner under each of these headings."""
    assert of([*HEAD, heading], [*ONE, "宏远集团有限公司"]).sections[0].rows[0].owner == "宏远集团有限公司"


def test_columns_that_hold_names_are_asked_about() -> None:
    """Nothing is taken until a person says what they are or sets them aside; an empty column is no question."""
    headed = [*HEAD, "服务人", "法定代表人"]
    with pytest.raises(ColumnsNotUnderstood) as refused:
        of(headed, [*ONE, "丁红梅", "戊晓明"])
    assert refused.value.values["columns"] == "服务人、法定代表人"
    assert people(of(headed, [*ONE, "", ""])) == people(of(HEAD, ONE))
    assert people(of(headed, [*ONE, "丁红梅", "戊晓明"], accept=True)) == people(of(HEAD, ONE))
    said = ["服务人=项目秘书", "法定代表人＝-"]
    assert ("project_secretary", "丁红梅", "", "") in people(of(headed, [*ONE, "丁红梅", "戊晓明"], said=said))


def test_a_column_of_names_is_known_by_its_cells() -> None:
    """A heading that says nothing of people is asked about where names stand below it; industries are not names."""
    with pytest.raises(ColumnsNotUnderstood):
        of([*HEAD, "归口"], [*ONE, "丁红梅 19900000004"])
    assert "unknown_column" in codes(of([*HEAD, "归口"], [*ONE, "化工"]))


def test_what_is_said_of_columns_makes_a_table() -> None:
    """Unknown headings are told as they stand; with names for them the table is read. What is said must be clear."""
    rows = ["序号", "名目", "甲方", "乙方"], ["1", "北山", "甲建国", "乙卫东"]
    with pytest.raises(HeadingsNotUnderstood) as refused:
        of(*rows)
    assert refused.value.values["seen"] == "序号、名目、甲方、乙方"
    assert len(people(of(*rows, said=["名目=项目名称", "3=lead_leader", "乙方=butler"]))) == 2
    for said, error in (
        ("甲方", MappingNotUnderstood),
        ("甲方=皇帝", MappingNotUnderstood),
        ("丙方=-", ColumnNotThere),
    ):
        with pytest.raises(error):
            of(HEAD, ONE, said=[said])


def test_of_several_years_the_newest_is_taken() -> None:
    """Last year's sheet is left out and told; so is a list of tasks before the table."""
    now = ("2019年", [["示范区2019年责任分劈表"], HEAD, ONE])
    former = ("2018年", [["示范区2018年责任分劈表"], HEAD, project(1, "去年已竣工项目")])
    tasks = ("任务", [["序号", "项目", "责任单位", "完成时限"], ["1", "开展督查考评", "区营商局", "6月底前"]])
    table = read(tasks, now, former)
    assert [row.name for section in table.sections for row in section.rows] == ["北山"]
    assert table.year == 2019
    assert {"table_left_out", "other_table_left_out"} <= set(codes(table))


def test_sheets_may_be_the_categories() -> None:
    """A sheet's name says what its projects are where nothing else does; numbers count in each."""
    table = read(("续建项目", [HEAD, ONE]), ("新建项目", [HEAD, project(1, "南山")]))
    plan = plan_import(table, NOTHING, date(2026, 5, 20))
    assert [draft.body["number"] for draft in plan.drafts if draft.kind == "project"] == ["续1", "新1"]


def test_numbers_that_run_on_count_within_the_category() -> None:
    """A column says the category and one numbering runs through: 续1, 续2, 新1."""
    head = [*HEAD[:2], "建设性质", *HEAD[2:]]
    names = (("北山", "续建"), ("南山", "续建"), ("东山", "新建"))
    rows = [[str(n), name, kind, LEADER, BUTLER, CONTACT] for n, (name, kind) in enumerate(names, 1)]
    plan = plan_import(of(head, *rows), NOTHING, date(2026, 5, 20))
    assert [draft.body["number"] for draft in plan.drafts if draft.kind == "project"] == ["续1", "续2", "新1"]


def test_phones_that_excel_rounded_are_told_and_never_stored() -> None:
    """In a column of phones and in a cell with the name."""
    table = of(
        ["序号", "项目名称", "包保领导", "联系电话", "项目管家"],
        ["1", "北山", "甲建国", "8.6199E+12", "乙卫东 1.99E+10"],
    )
    assert people(table) == [("lead_leader", "甲建国", "", ""), ("butler", "乙卫东", "", "")]
    assert codes(table).count("rounded_phone") == 2


@pytest.mark.parametrize(
    ("phones", "expected", "code"),
    [
        ("19900000001\n19900000002\n19900000003", ["19900000001", "19900000002", "19900000003"], None),
        ("19900000003", ["", "", "19900000003"], "missing_phone"),
        ("19900000001、19900000003", ["", "", "19900000001"], "second_phone"),
    ],
)
def test_one_column_of_phones_for_all(phones: str, expected: list[str], code: str | None) -> None:
    """As many phones as people pair in order; otherwise they are the nearest role's, and the rest is told."""
    table = of([*HEAD, "联系电话"], ["1", "北山", "甲建国", "乙卫东", "丙志远", phones])
    assert [phone for _role, _name, phone, _title in people(table)] == expected
    assert code is None or code in codes(table)


def test_same_as_above_is_the_person_above() -> None:
    """“同上” is nobody's name."""
    table = of(HEAD, ONE, project(2, "南山", butler="同上"))
    assert people(table)[3:] == people(table)[:3]


def test_every_row_says_what_the_import_would_do() -> None:
    """New, changed with what it was, ended and by whom replaced, left out and why; nothing for what stays the same."""
    before = of(HEAD, ONE, project(2, "南山"))
    known = stored(NOTHING, plan_import(before, NOTHING, date(2026, 5, 20)).drafts)
    after = of(
        HEAD, project(1, "北山", butler="丁红梅19900000004"), project(2, "南山"), project(3, "东山"), ["4", "", LEADER]
    )
    rows = plan_import(after, known, date(2026, 5, 21)).report.rows
    assert [(row.row, row.verdict) for row in rows] == [
        (2, "changes"), (2, "ends"), (3, "same"), (4, "new"), (5, "refused"),
    ]  # fmt: skip
    assert rows[0].texts()[0] == "北山：butler 乙卫东 → 丁红梅"
    assert rows[1].texts() == ("北山：butler 乙卫东", "replaced by 丁红梅")


@pytest.mark.parametrize(
    ("unit", "units", "code"),
    [
        ("区发改局 乙卫东", ["区发改局"], "person_among_units"),
        ("区发改局\n乙卫东\n19900000002", ["区发改局"], "person_among_units"),
        ("乙卫东", ["乙卫东"], "odd_unit"),
        ("各乡镇", ["各乡镇"], "odd_unit"),
    ],
)
def test_people_among_units_are_told(unit: str, units: list[str], code: str) -> None:
    """A person is never part of a unit's name; what does not look like a unit is told."""
    table = of([*HEAD, "牵头单位"], [*ONE, unit])
    assert [each.name for section in table.sections for row in section.rows for each in row.units] == units
    assert code in codes(table)


def test_a_cell_that_names_several_roles_is_told() -> None:
    """Its people are not all put into the one role of the column."""
    cell = "包保领导：甲建国 19900000001\n项目管家：乙卫东 19900000002"
    table = of(["包保责任表"], ["序号", "项目名称", "责任人员"], ["1", "北山", cell])
    assert (people(table), "several_roles" in codes(table)) == ([], True)
