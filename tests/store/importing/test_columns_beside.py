"""What stands beside names and projects: two phones, numbers with a prefix, accounts that are no phones."""

from __future__ import annotations

from datetime import date

import pytest

from store.importing.cell_parsing import parse_people
from store.importing.cell_source import Cell
from store.importing.columns import columns_of
from store.importing.judge import asked_columns
from store.importing.plan import plan_import
from store.importing.refusals import ColumnsNotUnderstood, IssueLedgerRefused
from tests.store.importing.samples import HEAD, codes
from tests.store.importing.test_judge import ONE, of, people, read
from tests.store.importing.test_plan import NOTHING


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (["续1", "续2", "新1"], [("continuing", 1), ("continuing", 2), ("new", 1)]),
        (["（续建1）", "推2", "新-3"], [("continuing", 1), ("advancing", 2), ("new", 3)]),
        (["1", "2", "3"], [(None, 1), (None, 2), (None, 3)]),
    ],
)
def test_a_prefix_of_the_number_is_the_category(numbers: list[str], expected: list[tuple[str | None, int]]) -> None:
    """续1 and 新1, as our own lists number them, come back as continuing and new."""
    table = of(HEAD, *([number, f"{number}号项目", *ONE[2:]] for number in numbers))
    rows = [row for section in table.sections for row in section.rows]
    assert [(row.category, row.number) for row in rows] == expected


def test_a_number_with_a_prefix_stays_as_it_stands() -> None:
    """An excerpt of a list keeps the numbers by which offices know its projects: 续3 does not become 续1."""
    table = of(HEAD, *([number, f"{number}号项目", *ONE[2:]] for number in ("续3", "新7")))
    drafts = plan_import(table, NOTHING, date(2026, 5, 20)).drafts
    assert [draft.body["number"] for draft in drafts if draft.kind == "project"] == ["续3", "新7"]


@pytest.mark.parametrize(
    ("office", "mobile", "phone", "code"),
    [
        ("0418-0000001", "19900000002", "19900000002", "second_phone"),
        ("", "19900000002", "19900000002", None),
        ("0418-0000001", "/", "0418-0000001", None),
    ],
)
def test_office_and_mobile_phones_have_columns(office: str, mobile: str, phone: str, code: str | None) -> None:
    """Of two columns of phones the mobile one is kept and the other told; none is lost because it stands second."""
    heads = ["序号", "项目名称", "项目管家", "办公电话", "手机"]
    table = of(heads, ["1", "北山", "乙卫东", office, mobile])
    assert people(table) == [("butler", "乙卫东", phone, "")]
    assert (code in codes(table)) if code else "second_phone" not in codes(table)


@pytest.mark.parametrize(
    ("cell", "name", "phone", "left_out"),
    [
        ("甲建国 微信同号19900000001", "甲建国", "19900000001", ()),
        ("甲建国 QQ：123456789 19900000001", "甲建国", "19900000001", ("QQ:123456789",)),
        ("甲建国 jia@example.cn", "甲建国", "", ("jia@example.cn",)),
        ("甲建国199****0001", "甲建国", "", ("199****0001",)),
        ("甲建国 微信：jia_jianguo", "甲建国", "", ("微信:jia_jianguo",)),
        ("甲建国 0418-0000001、19900000001", "甲建国", "19900000001", ()),
        ("甲建国 身份证号：11010519491231002X 19900000001", "甲建国", "19900000001", ("身份证号:11010519491231002X",)),
        ("甲建国 工号12345 19900000001", "甲建国", "19900000001", ("工号12345",)),
        ("甲建国 19900000001（白天）0418-0000001（夜间）", "甲建国", "19900000001", ()),
        ("李工 19900000001", "李工", "19900000001", ()),
    ],
)
def test_accounts_and_hidden_digits_are_no_phones(cell: str, name: str, phone: str, left_out: tuple[str, ...]) -> None:
    """Nobody is called 微信, QQ or 身份证, their numbers are nobody's phone, and who has a hidden phone is kept without
    it."""
    said = parse_people(cell)
    assert [(person.name, person.phone) for person in said.people] == [(name, phone)]
    assert said.left_out == left_out


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        ("包联领导|包联干部", ["lead_leader", "butler"]),
        ("帮扶领导|帮扶单位|帮扶干部", ["lead_leader", "lead_unit", "butler"]),
        ("项目管家|包保干部", ["butler", "lead_leader"]),
        ("包保领导|首席服务官|企业法人", ["lead_leader", "butler", "enterprise_contact"]),
        ("联系领导|归口单位|联系干部|客商联系人", ["lead_leader", "lead_unit", "butler", "enterprise_contact"]),
        ("县领导|牵头局|项目联络员|企业负责同志", ["lead_leader", "lead_unit", "butler", "enterprise_contact"]),
        ("电话|项目管家|电话|企业联系人", ["phone:butler", "butler", "phone:enterprise_contact", "enterprise_contact"]),
        ("牵头单位|电话|项目管家|企业联系人", ["lead_unit", "-", "butler", "enterprise_contact"]),
        ("备注|电话|项目管家|电话|建设单位|企业联系人", ["-", "-", "butler", "-", "owner", "enterprise_contact"]),
        ("管家电话|项目管家|电话|企业联系人",
         ["phone:butler", "butler", "phone:enterprise_contact", "enterprise_contact"]),
        ("项目管家|备注|企业联系人|电话|电话",
         ["butler", "-", "enterprise_contact", "phone:butler", "phone:enterprise_contact"]),
        ("包保领导|项目管家|企业联系人|电话|电话", ["lead_leader", "butler", "enterprise_contact", "-", "-"]),
        ("包保领导|电话|项目管家|电话|电话",
         ["lead_leader", "phone:lead_leader", "butler", "phone:butler", "phone:butler"]),
        ("项目管家|联系电话1|联系电话2|企业联系人|联系电话",
         ["butler", "phone:butler", "phone:butler", "enterprise_contact", "phone:enterprise_contact"]),
        ("项目管家|企业联系人|电话|电话", ["butler", "enterprise_contact", "phone:butler", "phone:enterprise_contact"]),
        ("项目管家|企业联系人|办公电话|手机",
         ["butler", "enterprise_contact", "phone:enterprise_contact", "phone:enterprise_contact"]),
        ("项目管家|企业联系人|电话|备注|电话", ["butler", "enterprise_contact", "-", "-", "-"]),
        ("牵头单位|电话|项目管家|电话|企业联系人", ["lead_unit", "-", "butler", "-", "enterprise_contact"]),
        ("项目管家|电话|电话|企业联系人", ["butler", "phone:butler", "-", "enterprise_contact"]),
        ("企业联系人|包保领导|项目管家|电话|备注|电话|电话",
         ["enterprise_contact", "lead_leader", "butler", "-", "-", "-", "-"]),
        ("项目管家|电话|企业联系方式|电话", ["butler", "phone:butler", "enterprise_contact", "-"]),
        ("项目管家|企业联系人|企业联系方式", ["butler", "enterprise_contact", "phone:enterprise_contact"]),
        ("区委常委|归口部门|首席联络员|企业侧联系人", ["lead_leader", "lead_unit", "butler", "enterprise_contact"]),
        ("总负责人|牵头单位|服务代表|企业董事长", ["lead_leader", "lead_unit", "butler", "enterprise_contact"]),
        ("县领导|选派单位|项目管家", ["lead_leader", "lead_unit", "butler"]),
        ("牵头单位|责任乡镇|项目管家", ["lead_unit", "-", "butler"]),
        ("一名领导|一个部门|一名管家", ["lead_leader", "lead_unit", "butler"]),
        ("包保领导|服务专员|企业经办人|经办人电话",
         ["lead_leader", "butler", "enterprise_contact", "phone:enterprise_contact"]),
        ("包保领导|项目指导员|业主负责人|负责人职务|负责人电话",
         ["lead_leader", "butler", "enterprise_contact", "title:enterprise_contact", "phone:enterprise_contact"]),
    ],
)  # fmt: skip
def test_who_serves_beside_a_leader_is_the_butler(headings: str, fields: list[str]) -> None:
    """An officer's role follows from who stands beside: below a leader the butler, beside a butler the leader."""
    heads = headings.split("|")
    table = of(["序号", "项目名称", *heads], ["1", "北山", *["甲建国"] * len(heads)])
    assert [column.field for column in table.columns[2:]] == fields


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        ("原包保领导|包保领导|项目管家", ["-", "lead_leader", "butler"]),
        ("前任管家|联系电话|现任管家|联系电话", ["-", "-", "butler", "phone:butler"]),
        ("调整前/包保领导|调整前/管家|调整后/包保领导|调整后/管家", ["-", "-", "lead_leader", "butler"]),
        ("原包保领导/姓名|原包保领导/电话|包保领导/姓名|包保领导/电话", ["-", "-", "lead_leader", "phone:lead_leader"]),
        ("包保领导（调整前）|包保领导（调整后）|项目管家(原)|项目管家(现)", ["-", "lead_leader", "-", "butler"]),
        ("施工单位联系人|部门联系人", [None, "department_contact"]),
        ("施工单位/联系人|管家/姓名", [None, "butler"]),
        ("金融管家|项目管家", [None, "butler"]),
        ("税务专员", [None]),
        ("督查领导|县领导", [None, "lead_leader"]),
        ("副管家", [None]),
        ("包保领导|候补管家|电话", ["lead_leader", None, "-"]),
        ("拟任项目管家/姓名|拟任项目管家/电话", [None, "-"]),
        ("项目管家（副）|企业联系人（备用）", [None, None]),
        ("协助领导|代理管家", [None, None]),
        ("包保副区长|项目管家", ["lead_leader", "butler"]),
        ("曾任管家|项目管家", ["-", "butler"]),
        ("镇领导|县级领导", [None, "lead_leader"]),
        ("洽谈领导|走访领导|带班领导", [None, None, None]),
    ],
)
def test_nobody_else_is_taken_for_who_serves(headings: str, fields: list[str | None]) -> None:
    """Who served before is set aside and told; deputies, a contractor's contact, a bank's or a town's people, who
    negotiated or visited are asked about."""
    paths = [heading.split("/") for heading in headings.split("|")]
    rows = [[Cell(path[min(depth, len(path) - 1)]) for path in paths] for depth in range(max(map(len, paths)))]
    assert [column.field for column in columns_of(rows, {})] == fields


def test_phones_beneath_a_unit_are_its_peoples() -> None:
    """责任单位 with the unit, its butler and a phone beneath: the phone is the butler's, beside whom it stands."""
    table = of(
        ["序号", "项目名称", "包保领导", "责任单位", "", "", "企业联系人"],
        ["", "", "", "名称", "服务管家", "电话", ""],
        ["1", "北山", "甲建国", "区发改局", "乙卫东", "19900000002", "丙志远"],
    )
    assert people(table)[1] == ("butler", "乙卫东", "19900000002", "")
    assert [unit.name for unit in table.sections[0].rows[0].units] == ["区发改局"]


def test_phones_may_stand_in_the_row_below_their_names() -> None:
    """A project over two rows, names in the first and phones in the second: as many of each pair in order."""
    table = of(
        HEAD, ["1", "北山", "甲建国", "乙卫东\n丁红梅", "丙志远"], ["", "", "19900000001", "19900000002\n19900000004"]
    )
    assert people(table) == [
        ("enterprise_contact", "丙志远", "", ""),
        ("lead_leader", "甲建国", "19900000001", ""),
        ("butler", "乙卫东", "19900000002", ""),
        ("butler", "丁红梅", "19900000004", ""),
    ]
    assert "phone_alone" not in codes(table)


@pytest.mark.parametrize(
    ("heading", "cells", "categories"),
    [
        ("项目状态", ["续建", "新建"], ["continuing", "new"]),
        ("情况", ["新开工", "结转"], ["new", "continuing"]),
        ("备注", ["续建项目", "配套资金未到"], [None, None]),
    ],
)
def test_a_column_of_categories_is_known_by_its_cells(
    heading: str, cells: list[str], categories: list[str | None]
) -> None:
    """续建 and 新建 are categories under whatever heading, where nothing else stands there."""
    table = of([*HEAD, heading], [*ONE, cells[0]], ["2", "南山", *ONE[2:], cells[1]])
    assert [row.category for section in table.sections for row in section.rows] == categories


def test_people_in_a_column_of_companies_are_no_company() -> None:
    """业主方 with a person and a phone in each cell is the enterprise contact's column, which is told; without phones
    it is asked about; companies with short names stay companies."""
    rows = ["序号", "项目名称", "项目管家", "业主方"], ["1", "北山", "乙卫东", "王志远 19900000003"]
    table = of(*rows)
    assert ("enterprise_contact", "王志远", "19900000003", "") in people(table)
    assert "guessed_enterprise_contact" in codes(table)
    with pytest.raises(ColumnsNotUnderstood):
        of(rows[0], ["1", "北山", "乙卫东", "王志远"])
    assert of(rows[0], ["1", "北山", "乙卫东", "中石油"]).sections[0].rows[0].owner == "中石油"


def test_two_columns_of_phones_are_not_those_of_all() -> None:
    """Two phone columns of one role are never dealt out to the leader and the butler in their order."""
    heads = ["序号", "项目名称", "包保领导", "项目管家", "办公电话", "手机"]
    table = of(heads, ["1", "北山", "甲建国", "乙卫东", "0418-0000001", "19900000002"])
    assert people(table) == [("lead_leader", "甲建国", "", ""), ("butler", "乙卫东", "19900000002", "")]


def test_a_responsibility_table_may_tell_of_problems() -> None:
    """A column of problems beside the facts of projects makes no issue ledger; a time limit for them does."""
    heads = ["序号", "项目名称", "建设性质", "包联领导", "服务人", "存在问题", "项目进展"]
    row = ["1", "北山", "新建", "甲建国", "乙卫东", "无", "已开工"]
    assert people(of(heads, row, accept=True)) == [("lead_leader", "甲建国", "", "")]
    with pytest.raises(IssueLedgerRefused):
        of([*heads, "整改时限"], [*row, "6月"], accept=True)


@pytest.mark.parametrize("heading", ["经办人", "项目经理", "责任人"])
def test_a_guess_alone_makes_no_responsibility_table(heading: str) -> None:
    """Projects with somebody whose role nothing tells may be any table: who that is, is asked. A title tells."""
    rows = ["序号", "项目名称", heading], ["1", "北山", "甲建国"]
    with pytest.raises(ColumnsNotUnderstood):
        of(*rows)
    assert people(of(*rows, accept=True)) == []
    assert len(people(of(["重点项目包保责任表"], *rows))) == 1


@pytest.mark.parametrize(("answers", "butlers"), [(["4=-"], ["甲建国"]), (["4=butler", "3=-"], ["乙卫东"])])
def test_an_answer_means_the_column_that_was_asked_about(answers: list[str], butlers: list[str]) -> None:
    """What is said of 管家（二） changes nothing about 管家 beside it, whose heading is compared without brackets."""
    rows = ["序号", "项目名称", "管家", "管家（二）"], ["1", "北山", "甲建国", "乙卫东"]
    with pytest.raises(ColumnsNotUnderstood) as asked:
        of(*rows)
    assert ([column.key for column in asked_columns(asked.value)], asked.value.values["first"]) == (["4"], "4")
    assert [name for _role, name, _phone, _title in people(of(*rows, said=answers))] == butlers


@pytest.mark.parametrize("numbering", ["1|2|3|4|5", "（1）|（2）|（3）|（4）|（5）", "甲|乙|丙|丁|戊", "A|B|C|D|E"])
def test_a_row_that_numbers_the_columns_is_no_project(numbering: str) -> None:
    """Forms number their columns below the headings: that row is left out."""
    table = of(HEAD, numbering.split("|"), ONE)
    assert [row.name for section in table.sections for row in section.rows] == ["北山"]


@pytest.mark.parametrize(
    "rows",
    [
        [["1", "续建项目"], ["1.1", *ONE[1:]], ["2", "新建项目"], ["2.1", "南山", *ONE[2:]]],
        [["A.续建类"], ONE, ["B.新建类"], ["1", "南山", *ONE[2:]]],
        [["1.续建项目"], ONE, ["2、新建项目"], ["1", "南山", *ONE[2:]], ["说明", "1. 领导变动时由接任者负责。"]],
    ],
)
def test_sections_are_numbered_in_any_way(rows: list[list[str]]) -> None:
    """A numbered 续建项目 begins a section and is no project; nor is a note below."""
    table = of(HEAD, *rows)
    listed = [(section.category, row.name) for section in table.sections for row in section.rows]
    assert listed == [("continuing", "北山"), ("new", "南山")]


@pytest.mark.parametrize(
    ("cell", "names", "phones"),
    [
        ("甲建国19900000001（小号662233）", ["甲建国"], ["19900000001"]),
        ("甲建国19900000001；办公0418-0000001", ["甲建国"], ["19900000001"]),
        ("甲建国19900000001、19900000002（备用）", ["甲建国"], ["19900000001"]),
        ("1.甲建国 2.乙卫东", ["甲建国", "乙卫东"], ["", ""]),
        ("由发改局另行明确", [], []),
        ("王建设", ["王建设"], [""]),
    ],
)
def test_words_beside_phones_are_nobody(cell: str, names: list[str], phones: list[str]) -> None:
    """办公 and 备用 say what a phone is, and 明确 what is still to do; 王建设 is a name."""
    people = parse_people(cell).people
    assert ([person.name for person in people], [person.phone for person in people]) == (names, phones)


def test_who_leads_of_two_in_charge_is_asked() -> None:
    """包保责任人 beside 服务责任人 leads and is served by the other; of two alike nobody is taken in silence."""
    table = of(["项目名称", "包保责任人", "服务责任人"], ["北山", "甲建国", "乙卫东"])
    assert [(role, name) for role, name, _phone, _title in people(table)] == [
        ("lead_leader", "甲建国"),
        ("butler", "乙卫东"),
    ]
    with pytest.raises(ColumnsNotUnderstood):
        of(["项目名称", "包保责任人", "帮扶责任人", "企业联系人"], ["北山", "甲建国", "乙卫东", "丙志远"])


@pytest.mark.parametrize(
    ("cell", "title"),
    [
        *(("区委 甲建国", "区委"), ("发改 甲建国", "发改"), ("市财政 甲建国", "市财政")),
        *(("甲建国常委", "常委"), ("区委常委甲建国", "区委常委")),
    ],
)
def test_short_employers_are_nobody(cell: str, title: str) -> None:
    """区委 and 发改 have the shape of names and are employers."""
    assert [(person.name, person.title) for person in parse_people(cell).people] == [("甲建国", title)]


def test_the_adjusted_table_replaces_the_one_before() -> None:
    """Of 责任表 and 责任表（调整后） the latter is taken, and the other told; one with other projects is kept."""
    adjusted = [HEAD, [*ONE[:3], "丁红梅", ONE[4]]]
    table = read(("责任表", [HEAD, ONE]), ("责任表（调整后）", adjusted), ("河西乡", [HEAD, ["2", "南山", *ONE[2:]]]))
    butlers = [name for role, name, _phone, _title in people(table) if role == "butler"]
    assert (butlers, codes(table).count("table_left_out")) == (["丁红梅", "乙卫东"], 1)
