"""Headings, sections and rows as other districts write them, and what is warned of."""

from __future__ import annotations

import pytest

from store.importing.cell_source import Cell, CellSource, SourceRow
from store.importing.columns import detect_columns, detect_heading
from store.importing.exceptions import NotATable, Truncated
from store.importing.rows import UnitMention
from store.importing.sections import SectionHeading, is_section_heading, parse_section_heading, year_in
from store.importing.table import ResponsibilityTable, parse_table
from tests.store.importing.samples import BUTLER, CONTACT, HEAD, LEADER, codes, project

ONE = project(1, "北山")


def table_of(*rows: list[str], ended: bool = True) -> ResponsibilityTable:
    """The table in these rows."""
    cells = (tuple(Cell(text) for text in row) for row in rows)
    return parse_table(CellSource(tuple(SourceRow(n, row) for n, row in enumerate(cells, 1)), ended))


def fields(*headings: str) -> list[str | None] | None:
    """The fields under these headings, or None where they are no headings."""
    columns = detect_columns([Cell(heading) for heading in headings])
    return [column.field for column in columns] if columns else None


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (["序\n号", "项目名称", "项目包保领导\n（联系方式）"], ["number", "name", "lead_leader"]),
        (["编号", "重点项目", "牵头领导", "牵头单位"], ["number", "name", "lead_leader", "lead_unit"]),
        (["项目名称", "项目管家", "项目秘书"], ["name", "butler", "project_secretary"]),
        (["项目名称", "服务班子", "部门联系人"], ["name", "service_team", "department_contact"]),
        (["序号", "建设项目名称", "县级包保领导", "责任部门"], ["number", "name", "lead_leader", "lead_unit"]),
        (["项目名称", "项目管家", "联系电话"], ["name", "butler", "phone:butler"]),
        (["项目名称", "项目管家", "管家电话"], ["name", "butler", "phone:butler"]),
        (["项目名称", "管家联系方式"], ["name", "butler"]),
        (["项目名称", "联系电话", "管家"], ["name", "-", "butler"]),
        (["项目名称", "总投资", "管家"], ["name", "investment", "butler"]),
        (["姓名", "年龄"], None),
        (["项目名称", "总投资"], None),
        (["项目管家", "企业联系人"], None),
        (["项目名称", "本表由各项目管家和有关包保领导在每季度结束之前认真核对后报送"], None),
        ([], None),
    ],
)
def test_headings_are_known_by_what_they_say(headings: list[str], expected: list[str | None] | None) -> None:
    """Order and wording differ between districts; a project's column and one role make a heading row."""
    assert fields(*headings) == expected


def test_names_and_phones_may_have_headings_of_their_own() -> None:
    """A second heading row under each role parts names from phones."""
    table = table_of(
        ["序号", "项目名称", "包保领导", "", "项目管家", "", "企业联系人", ""],
        ["", "", "姓名", "电话", "姓名", "电话", "姓名", "电话"],
        ["1", "北山", "甲建国", "19900000001", "乙卫东", "19900000002", "辰谷雨", "0418-0000001"],
    )
    (row,) = table.sections[0].rows
    assert [(person.role, person.name, person.phone) for person in row.people] == [
        ("lead_leader", "甲建国", "19900000001"),
        ("butler", "乙卫东", "19900000002"),
        ("enterprise_contact", "辰谷雨", "0418-0000001"),
    ]


def test_a_first_project_is_no_second_heading() -> None:
    """A row of names is not taken for headings."""
    heading = detect_heading([[Cell(text) for text in row] for row in (HEAD, ONE, ONE)])
    assert heading is not None
    assert heading.height == 1


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("一、计划续建项目（20项）", SectionHeading("一、计划续建项目（20项）", "continuing", 20, 1)),
        ("二、计划新建项目(3个)", SectionHeading("二、计划新建项目(3个)", "new", 3, 1)),
        ("三、正在推进\n项目（共十二项）", SectionHeading("三、正在推进项目（共十二项）", "advancing", 12, 1)),
        ("（一）工业项目", SectionHeading("（一）工业项目", None, None, 2)),
        ("续建项目（二十三项）", SectionHeading("续建项目（二十三项）", "continuing", 23, 1)),
        ("第一部分 新建和续建项目共5项", SectionHeading("第一部分 新建和续建项目共5项", None, 5, 1)),
        ("四、前期项目（一百零五项）", SectionHeading("四、前期项目（一百零五项）", "advancing", 105, 1)),
    ],
)
def test_sections_say_category_and_count(text: str, heading: SectionHeading) -> None:
    """In digits or written out, with or without brackets of either width."""
    assert is_section_heading(text)
    assert parse_section_heading(text) == heading


@pytest.mark.parametrize("text", ["", "1", "三类医疗器械项目", "辽宁大金重工（一期）工程", "合计", "二〇一九年"])
def test_other_lines_are_no_sections(text: str) -> None:
    """A project's name or a sum does not part the table."""
    assert not is_section_heading(text)


@pytest.mark.parametrize(
    ("text", "year"),
    [("新邱区2019年项目", 2019), ("二〇一九年责任分劈表", 2019), ("二○二六年", 2026), ("责任分劈表", None)],
)
def test_the_year_is_read_in_digits_or_characters(text: str, year: int | None) -> None:
    """A title names its year either way, or not at all."""
    assert year_in(text) == year


def test_a_sections_numeral_may_stand_in_the_number_column() -> None:
    """“一 | 续建项目（1项）” parts the table too."""
    table = table_of(HEAD, ["一", "续建项目（1项）", "", "", ""], ONE, ["二", "新建项目（2项）"], project(1, "南山"))
    assert [(part.title, part.category, part.declared, part.project_count) for part in table.sections] == [
        ("一、续建项目（1项）", "continuing", 1, 1),
        ("二、新建项目（2项）", "new", 2, 1),
    ]


def test_subsections_count_for_their_section() -> None:
    """What “（一）” and “（二）” hold is found in “一、” too, and is of its category."""
    rows = [
        HEAD,
        ["一、续建项目（2项）"],
        ["（一）工业项目（1项）"],
        ONE,
        ["（二）民生项目（1项）"],
        project(2, "南山"),
    ]
    table = table_of(*rows)
    assert [(part.category, part.project_count) for part in table.sections] == [("continuing", n) for n in (2, 1, 1)]
    assert table.warnings == ()


def test_a_table_without_sections_takes_its_category_from_the_title() -> None:
    """One district has a table for each category, another none at all; then the warning says so."""
    titled = table_of(["2026年续建项目管家责任表"], HEAD, ONE)
    assert (titled.year, titled.sections[0].category, titled.warnings) == (2026, "continuing", ())
    assert codes(table_of(HEAD, ONE)) == ["unknown_category"]
    assert table_of(HEAD, ONE).sections[0].category is None


def test_units_hold_roles_too() -> None:
    """Lead units are units; a service team has units and people."""
    table = table_of(
        ["项目名称", "牵头单位", "服务班子", "包保领导"],
        ["北山", "区工信局", "区住建局、丁红梅19900000004", LEADER],
    )
    (row,) = table.sections[0].rows
    assert row.units == (UnitMention("lead_unit", "区工信局"), UnitMention("service_team", "区住建局"))
    assert [(person.role, person.name) for person in row.people] == [
        ("lead_leader", "甲建国"),
        ("service_team", "丁红梅"),
    ]


@pytest.mark.parametrize(
    ("rows", "code", "place"),
    [
        ([HEAD, ["一、续建项目（2项）"], ONE], "count_differs", (2, None)),
        ([[*HEAD, "备注"], [*ONE, "略"]], "unknown_column", (1, "备注")),
        ([HEAD, ONE, project(2, "北 山")], "duplicate_project", (3, "项目名称")),
        ([HEAD, ONE, ["2", "", LEADER, BUTLER, CONTACT]], "missing_name", (3, "项目名称")),
        ([HEAD, ONE, ["随便一句话"]], "ignored_row", (3, None)),
        ([HEAD, project(1, "北山", leader="无")], "missing_lead_leader", (2, "包保领导")),
        ([HEAD, project(1, "北山", butler="")], "missing_butler", (2, "项目管家")),
        ([HEAD, project(1, "北山", contact="待定")], "missing_enterprise_contact", (2, "企业联系人")),
        ([HEAD[:4], ONE[:4]], "missing_enterprise_contact", (1, None)),
        ([HEAD, project(1, "北山", contact="巳芒种")], "missing_phone", (2, "企业联系人")),
        ([HEAD, project(1, "北山", contact="巳芒种1990000")], "odd_phone", (2, "企业联系人")),
        ([HEAD, project(1, "北山", contact="巳芒2种19900000003")], "odd_name", (2, "企业联系人")),
        ([HEAD, project(1, "北山", contact="孙立总 19900000003")], "odd_name", (2, "企业联系人")),
        ([HEAD, project(1, "北山", contact=f"{CONTACT}、0418-0000001")], "second_phone", (2, "企业联系人")),
        ([HEAD, project(1, "北山", contact="19900000003")], "phone_alone", (2, "企业联系人")),
        ([HEAD, project(1, "北山", contact="丙志远 丁红梅19900000003")], "several_people", (2, "企业联系人")),
        ([HEAD, project(1, "北\x1b[31m山")], "control_characters", (2, None)),
        ([HEAD, project(1, "北\u202e山")], "control_characters", (2, None)),
        ([HEAD, ONE], "unknown_category", (None, None)),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_every_flaw_is_told_with_its_place(
    rows: list[list[str]], code: str, place: tuple[int | None, str | None]
) -> None:
    """Each warning has a code, the row and the column's heading; its text has every place filled."""
    found = [warning for warning in table_of(*rows).warnings if warning.code == code]
    assert [(warning.row, warning.column) for warning in found] == [place]
    assert "{" not in found[0].message()


def test_the_first_of_two_rows_of_one_project_counts() -> None:
    """A project listed twice is one project, and counted once."""
    table = table_of(HEAD, ONE, project(2, "北　山", butler="丁红梅19900000004"))
    (row,) = table.sections[0].rows
    assert (row.people[1].name, table.sections[0].project_count) == ("乙卫东", 1)


def test_sums_and_footnotes_are_no_projects() -> None:
    """“合计”, “注：…”, who filled the table in: passed over without a warning."""
    table = table_of(
        ["一、续建项目"], HEAD, ONE, ["合计", "1"], ["", "项目总数", "1"], ["注：以上为计划数"], ["填表人：甲"]
    )
    assert (table.sections[0].project_count, table.warnings) == (1, ())


@pytest.mark.parametrize(
    "below",
    [
        ["制表日期", "2026.3.1"],
        ["报送单位", "区发改局", "", "填表人", "甲建国"],
        ["联系人", "甲建国", "2811234"],
        ["抄送", "区委办、区政府办"],
        ["", "审核人", "", "制表人"],
        ["截至日期", "2026年3月"],
        ["2", "…", "…", "…", "…"],
        ["3", "（预留）", "", "", ""],
        ["例", "南山项目", "甲建国 19900000001", "乙卫东 19900000002", "丙志远 19900000003"],
        ["2", "某某项目", "甲建国", "乙卫东", "丙志远"],
    ],
)
def test_labels_examples_and_places_kept_free_are_no_projects(below: list[str]) -> None:
    """制表日期 | 2026.3.1, a row that shows how to fill in, dots: passed over, and told with what stands there."""
    table = table_of(["一、续建项目"], HEAD, ONE, below)
    assert (table.sections[0].project_count, codes(table)) == (1, ["ignored_row"])


def test_a_project_may_begin_as_a_label_does() -> None:
    """统计局办公楼 is a project, and so is one whose number is a word where people stand beside it."""
    word = ["市重点", "南山", "甲建国", "乙卫东", "丙志远"]
    table = table_of(["一、续建项目"], HEAD, ONE, project(2, "统计局办公楼"), word)
    assert [row.name for row in table.sections[0].rows][1:] == ["统计局办公楼", "南山"]


def test_a_table_in_traditional_characters_is_read() -> None:
    """項目名稱, 包保領導, 續建: understood as in simplified ones; names keep their spelling."""
    head = ["序號", "項目名稱", "包保領導", "項目管家", "企業聯繫人"]
    table = table_of(["一、續建項目（1項）"], head, project(1, "東湖水廠"))
    assert [(section.category, section.rows[0].name) for section in table.sections] == [("continuing", "東湖水廠")]
    assert table.warnings == ()


def test_a_phone_given_elsewhere_in_the_table_is_not_missing() -> None:
    """The same name with its phone in another row tells the phone."""
    table = table_of(["一、续建项目"], HEAD, ONE, project(2, "南山", butler="乙 卫 东"))
    assert table.warnings == ()


def test_rows_without_numbers_are_counted() -> None:
    """Word numbers rows by itself: then the cell is empty."""
    table = table_of(HEAD, ["", *ONE[1:]], ["", *project(2, "南山")[1:]])
    assert [row.number for row in table.sections[0].rows] == [1, 2]


@pytest.mark.parametrize(
    ("last", "whole"),
    [
        (project(2, "南山"), True),
        (project(2, "南山", contact="巳芒种"), True),
        (project(2, "南山")[:4], False),
        (["2"], False),
        (project(2, "南山", contact=""), False),
        (project(2, "南山", contact="丙志远19900000"), False),
        (project(2, "南山", contact="丙志远\n199"), False),
        (project(2, "南山", contact="丙志远0418-00000"), False),
    ],
)
def test_a_last_row_that_breaks_off_is_a_cut_file(last: list[str], whole: bool) -> None:
    """Where the format cannot tell, the last row tells; a file that has an end may have any last row."""
    assert table_of(HEAD, ONE, last).sections
    if whole:
        assert len(table_of(HEAD, ONE, last, ended=False).sections[0].rows) == 2
    else:
        with pytest.raises(Truncated):
            table_of(HEAD, ONE, last, ended=False)


def test_no_rows_are_no_table() -> None:
    """Nothing is not a table."""
    with pytest.raises(NotATable):
        table_of()
