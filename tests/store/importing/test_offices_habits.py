"""What offices of other districts write: words for roles, employers, sections, categories, former years."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.importing.cell_parsing import parse_people
from store.importing.cell_source import Cell
from store.importing.columns import detect_columns
from store.importing.judge import asked_columns
from store.importing.plan import plan_import
from store.importing.readers import read_cells
from store.importing.refusals import ColumnsNotUnderstood
from store.importing.row_verdicts import ExistingLines
from store.importing.rows import UnitMention
from store.importing.sections import title_category
from store.importing.table import parse_table
from store.ledger.line import Line
from tests.store.importing.samples import HEAD, codes, project
from tests.store.importing.test_judge import ONE, of, people, read
from tests.store.importing.test_plan import NOTHING, TODAY, mention, row, stored, table

WORDS = {
    "lead_leader": "包靠领导 帮包领导 县级责任人 市级包保责任人 责任县领导 包保县级干部 处级领导 分管副县长",
    "butler": "助企特派员 服务大使 全程代办员 驻企干部 跟踪服务人员 营商专员 项目贴心管家 项目专管员 帮代办人员及电话",
    "enterprise_contact": "投资商联系人及电话 企业项目负责人 甲方代表 企业对接人员 业主方代表 建设主体负责人",
    "department_contact": "责任单位联络员 主管部门联系人",
    "lead_unit": "包靠单位 主责单位 落实单位 帮包单位 协调服务单位 责任主体单位 包干单位",
    "owner": "落户企业 申报单位 建设单位名称 投资建设单位",
    "name": "项目全称 建设项目名称",
    "investment": "总投资额/万元 概算投资（万元） 总投资万元",
}
"""Words of other provinces, by what they mean."""
PHRASES = {
    "分包单位": ("lead_unit", ["分包领导"]),
    "帮挂单位": ("lead_unit", ["帮挂领导"]),
    "行业主管部门": ("lead_unit", ["包保领导"]),
    "指挥长": ("lead_leader", ["项目管家"]),
    "项目经理": ("enterprise_contact", ["包保领导", "项目管家"]),
    "服务秘书": ("butler", ["包保领导"]),
}
"""Headings that others decide: what each means beside these."""


def fields_of(*headings: str) -> dict[str, str | None]:
    """What the columns of one row of headings are."""
    columns = detect_columns([Cell(heading) for heading in headings]) or ()
    return {column.heading: column.field for column in columns}


def test_the_words_of_other_districts_are_known() -> None:
    """包靠领导 leads, a 助企特派员 is a butler, a 投资商联系人 is the enterprise's and no investment."""
    for field, words in WORDS.items():
        for word in words.split():
            beside = ["责任单位"] if field in ("name", "owner", "investment") else ["项目名称"]
            beside += ["项目名称"] if field in ("owner", "investment") else []
            assert fields_of(*beside, word)[word] == field, word


def test_a_column_that_others_decided_is_told() -> None:
    """Who reads 分包单位 as the lead unit, since 分包领导 stands beside it, says so: a subcontractor may be meant."""
    for heading, (field, beside) in PHRASES.items():
        rows = [["序号", "项目名称", *beside, heading], ["1", "北山", *["甲建国"] * len(beside), "乙卫东"]]
        table = of(*rows)
        assert (heading, field) in [(column.heading, column.field) for column in table.columns]
        assert f"guessed_{field}" in codes(table), heading
    assert fields_of("项目名称", "包保领导", "分包单位")["分包单位"] is None


def test_a_column_of_people_is_never_left_out_for_a_word_in_its_heading() -> None:
    """乡镇领导 and 产业专班长 hold names, too: the import asks whose they are."""
    for heading in ("乡镇领导", "用地保障员", "投资促进主任"):
        with pytest.raises(ColumnsNotUnderstood):
            of([*HEAD, heading], [*ONE, "丁红梅"])
    assert "unknown_column" in codes(of([*HEAD, "督查责任人", "包保时间"], [*ONE, "丁红梅", "全年"]))


def test_an_excerpt_keeps_its_numbers_and_says_so() -> None:
    """Numbers that run on through both categories count anew in each; with gaps they stay, and that is told."""
    for numbers, expected in (("123", ["续1", "续2", "新1"]), ("375", ["续3", "续7", "新5"])):
        rows = [project(int(number), f"{number}号项目") for number in numbers]
        found = of(HEAD, ["一、续建项目"], *rows[:2], ["二、新建项目"], rows[2])
        plan = plan_import(found, NOTHING, TODAY)
        assert [draft.body["number"] for draft in plan.drafts if draft.kind == "project"] == expected
        assert ("numbers_kept" in [each.code for each in plan.report.warnings]) == (numbers == "375")


def test_two_columns_may_be_said_to_hold_one_role() -> None:
    """市级 and 区级包保领导 both lead a project where somebody says so; each keeps the phone beside."""
    rows = [["序号", "项目名称", "市级包保领导", "电话", "区级包保领导", "电话", "项目管家"]]
    rows += [["1", "北山", "甲建国", "19900000001", "己玉成", "19900000006", "乙卫东"]]
    with pytest.raises(ColumnsNotUnderstood) as asked:
        of(*rows)
    assert [(column.key, column.sample) for column in asked_columns(asked.value)] == [("区级包保领导", "己玉成")]
    found = of(*rows, said=["市级包保领导=包保领导", "区级包保领导=lead leader"])
    assert people(found)[:2] == [
        ("lead_leader", "甲建国", "19900000001", ""),
        ("lead_leader", "己玉成", "19900000006", ""),
    ]


def test_a_unit_beside_a_person_is_where_they_work() -> None:
    """县发改局 below 单位 is the butler's unit, known with or without the district before it, and no post."""
    rows = of(
        ["序号", "项目名称", "项目管家", "单位", "职务", "联系电话", "企业联系人", "企业联系人单位"],
        ["1", "北山", "乙卫东", "示范区发改局", "科长", "19900000002", "丙志远", "甲号公司"],
        ["2", "南山", "丁红梅", "副局长", "", "19900000004", "", ""],
    )
    assert people(rows)[0] == ("butler", "乙卫东", "19900000002", "科长")
    assert ("butler", "丁红梅", "19900000004", "副局长") in people(rows)
    drafts = plan_import(rows, NOTHING, TODAY).drafts
    units = {draft.id: (draft.body["name"], draft.body["kind"]) for draft in drafts if draft.kind == "unit"}
    working = {draft.body["name"]: draft.body.get("unit_id") for draft in drafts if draft.kind == "person"}
    assert units[working["乙卫东"]] == ("示范区发改局", "department")
    assert units[working["丙志远"]] == ("甲号公司", "enterprise")
    assert working["丁红梅"] is None
    here = ExistingLines("210903", {}, district_name="示范区")
    known = stored(here, [draft for draft in drafts if draft.kind == "unit"])
    again = of([*HEAD[:4], "单位"], ["1", "北山", "甲建国", "己玉成", "发改局"])
    assert not [draft for draft in plan_import(again, known, TODAY).drafts if draft.kind == "unit"]


@pytest.mark.parametrize(
    "title", ["【续建项目】", "★续建项目", "（1）续建项目2个", "续建项目：2个", "Ⅲ.续建项目", "续建项目合计2个"]
)
def test_sections_have_frames_bullets_and_sums(title: str) -> None:
    """A section is one however it is decorated; 续建项目合计2个 above projects begins one."""
    table = of(HEAD, [title], ONE, project(2, "南山"))
    assert [(section.category, section.project_count) for section in table.sections] == [("continuing", 2)]


def test_a_sum_below_its_projects_begins_no_section() -> None:
    """小计 after the projects of a section is a sum; the next section is not drawn into the one before."""
    ended = of(
        HEAD, ["一、续建项目"], ONE, ["续建项目小计1个"], ["二、新建项目"], project(1, "南山"), ["新建项目合计1个"]
    )
    assert [section.category for section in ended.sections] == ["continuing", "new"]
    begun = of(HEAD, ["续建项目合计1个"], ONE, ["新建项目合计1个"], project(2, "南山"))
    assert [section.category for section in begun.sections] == ["continuing", "new"]


def test_a_category_that_stands_only_where_it_changes_is_carried_and_told() -> None:
    """A CSV has no merged cells: the empty ones below 续建 mean 续建. Where each row has its own, an empty one is not
    filled."""
    head = ["建设性质", *HEAD]
    grouped = of(head, ["续建", *ONE], ["", *project(2, "南山")], ["新建", *project(3, "西山")])
    assert [row.category for section in grouped.sections for row in section.rows] == ["continuing", "continuing", "new"]
    assert "carried_category" in codes(grouped)
    single = of(head, ["续建", *ONE], ["续建", *project(2, "南山")], ["", *project(3, "西山")])
    assert [row.category for section in single.sections for row in section.rows] == ["continuing", "continuing", None]


def test_a_title_that_speaks_of_pushing_on_names_no_category() -> None:
    """专班推进责任清单 does not make its projects 推进 ones; 新建项目包保责任表 does make them new."""
    assert title_category("新区重点项目专班推进责任清单") is None
    assert title_category("正在推进前期工作项目责任表") == "advancing"
    found = of(["新建项目包保责任表"], ["（截至2026年2月）"], HEAD, ONE)
    assert found.sections[0].category == "new"


def test_last_years_sheet_is_left_out_beside_one_without_a_year() -> None:
    """A sheet called 2025年 beside this year's, which names no year, is a former table, and told."""
    sheets = [("Sheet1", [HEAD, ONE]), ("2025年", [HEAD, project(1, "旧项目")])]
    for this_year, names in ((None, ["北山", "旧项目"]), (2025, ["北山", "旧项目"]), (2026, ["北山"])):
        found = read(*sheets, this_year=this_year)
        assert [row.name for section in found.sections for row in section.rows] == names
        assert ("table_left_out" in codes(found)) == (this_year == 2026)


@pytest.mark.parametrize(
    ("cell", "name", "title"),
    [
        ("县人大常委会副主任 甲建国", "甲建国", "县人大常委会副主任"),
        ("甲建国 县人大副主任", "甲建国", "县人大副主任"),
        ("董事长邹亮", "邹亮", "董事长"),
        ("甲号公司法定代表人 丙志远", "丙志远", "甲号公司法定代表人"),
        ("县委常委、宣传部长 甲建国", "甲建国", "县委常委、宣传部长"),
        ("王协调 19900000001", "王协调", ""),
    ],
)
def test_names_are_told_from_posts_and_offices(cell: str, name: str, title: str) -> None:
    """县人大 and 长邹亮 are nobody; a surname with a common word beside a phone is somebody."""
    assert [(each.name, each.title) for each in parse_people(cell).people] == [(name, title)]


def test_a_text_with_tabs_in_every_line_is_a_grid(tmp_path: Path) -> None:
    """A table of Excel saved as Unicode text is read row by row, with rows above the headings and two rows of them."""
    lines = [["（截至2月）", *[""] * 4], HEAD, ["", "", "", "", ""], [*ONE[:2], "甲建国", "乙卫东", "丙志远"]]
    path = tmp_path / "table.txt"
    path.write_bytes("\n".join("\t".join(line) for line in lines).encode("utf-16"))
    assert [name for _role, name, *_rest in people(parse_table(read_cells(path)))] == ["甲建国", "乙卫东", "丙志远"]


@pytest.mark.parametrize(
    ("kind", "known", "name"),
    [("unit", "发改局", "发该局"), ("unit", "自然资源局", "示范区自然资源局"), ("person", "王红梅", "王红美")],
)
def test_a_name_that_is_nearly_a_known_one_is_told(kind: str, known: str, name: str) -> None:
    """发该局 where 发改局 is known, and 王红美 for 王红梅: both names stand in the warning."""
    body = {"name": known, **({"kind": "lead_unit"} if kind == "unit" else {})}
    there = ExistingLines("210903", {kind: (Line("u1", kind, None, 1, "d", "p", False, body),)}, district_name="示范区")
    units = (UnitMention("lead_unit", name),) if kind == "unit" else ()
    people_ = (mention("butler", name),) if kind == "person" else ()
    report = plan_import(table(row("北山", *people_, units=units)), there, TODAY).report
    told = [warning.message() for warning in report.warnings if warning.code == "like_known"]
    assert len(told) == 1
    assert known in told[0]
    assert name in told[0]


@pytest.mark.parametrize(
    "written", ["★北山风电场", "【已竣工】北山风电场", "北山风电场*", "北山风电场（新）", "※北山风电场（2026年新建）"]
)
def test_a_mark_beside_a_name_makes_no_second_project(written: str) -> None:
    """Stars and states beside a name are no part of it: the project stays one, which is told. A new one gets its bare
    name, and one that is listed twice is told as such."""
    body = {"name": "北山风电场", "number": "续1", "category": "continuing"}
    there = ExistingLines("210903", {"project": (Line("p1", "project", "p1", 1, "d", "p", False, body),)})
    drafts, report = plan_import(table(row(written)), there, TODAY)
    assert not [draft for draft in drafts if draft.kind == "project"]
    assert [warning.code for warning in report.warnings] == ["marked_name"]
    born = [draft for draft in plan_import(table(row(written)), NOTHING, TODAY).drafts if draft.kind == "project"]
    assert [draft.body["name"] for draft in born] == ["北山风电场"]


def test_a_new_project_that_is_nearly_a_known_one_is_told() -> None:
    """A slip or a missing bracket in a project's name is told with the known name, unless the table lists both."""
    known = [("p1", "北山风电场（一期）"), ("p2", "南山光伏电站")]
    lines = [
        Line(id, "project", id, 1, "d", "p", False, {"name": name, "number": f"续{id}", "category": "continuing"})
        for id, name in known
    ]
    there = ExistingLines("210903", {"project": tuple(lines)})
    report = plan_import(table(row("北山风电场"), row("南山光伏电占"), row("东山水库")), there, TODAY).report
    told = [warning.values["known"] for warning in report.warnings if warning.code == "like_known"]
    assert told == ["北山风电场（一期）", "南山光伏电站"]
    both = plan_import(table(row("北山风电场"), row("北山风电场（一期）")), there, TODAY).report
    assert "like_known" not in {warning.code for warning in both.warnings}
