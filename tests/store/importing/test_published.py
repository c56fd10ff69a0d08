"""The published table (R09): four files, one table."""

from __future__ import annotations

import pytest

from store.importing import read_table
from store.values.text import FORBIDDEN
from tests.store.importing.samples import PUBLISHED, codes, said

TABLES = {name: read_table(path) for name, path in PUBLISHED.items()}
WITH_TWO_SECTIONS = ("docx", "xlsx", "csv")
CONTINUING = "一、计划续建项目（20项）"


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_format_has_the_same_nine_continuing_projects(name: str) -> None:
    """Text, Word, Excel and GB18030 CSV give the same nine projects with the same people."""
    assert said(TABLES[name])[0] == said(TABLES["docx"])[0]
    section = TABLES[name].sections[0]
    assert (section.title, section.category, section.declared, section.project_count) == (
        CONTINUING,
        "continuing",
        20,
        9,
    )
    assert [row.number for row in section.rows] == list(range(1, 10))


@pytest.mark.parametrize("name", WITH_TWO_SECTIONS)
def test_three_formats_have_the_same_three_new_projects(name: str) -> None:
    """Where there is a second section its projects are new ones, numbered from one again."""
    assert said(TABLES[name]) == said(TABLES["docx"])
    section = TABLES[name].sections[1]
    assert (section.category, section.declared, section.project_count) == ("new", 3, 3)
    assert [row.number for row in section.rows] == [1, 2, 3]


def test_the_text_has_one_section() -> None:
    """The notice's text ends after the continuing projects."""
    assert len(TABLES["txt"].sections) == 1


@pytest.mark.parametrize("name", PUBLISHED)
def test_twenty_declared_and_nine_found_is_warned_of(name: str) -> None:
    """The count that the title declares is compared with what is there; three of three is no warning."""
    counts = [warning for warning in TABLES[name].warnings if warning.code == "count_differs"]
    assert [warning.values for warning in counts] == [{"title": CONTINUING, "declared": 20, "found": 9}]


@pytest.mark.parametrize("name", WITH_TWO_SECTIONS)
def test_the_missing_phone_is_warned_of_where_it_is_missing(name: str) -> None:
    """A contact without a phone is kept, and the warning tells row, column and name."""
    (warning,) = [warning for warning in TABLES[name].warnings if warning.code == "missing_phone"]
    row = TABLES[name].sections[1].rows[2]
    assert (warning.row, warning.column) == (row.row, "企业联系人（联系方式）")
    assert (row.people[-1].name, row.people[-1].phone) == ("巳芒种", "")


def test_nothing_else_is_warned_of() -> None:
    """The published table has two flaws and no more."""
    assert [codes(TABLES[name]) for name in PUBLISHED] == [["count_differs"], *[["count_differs", "missing_phone"]] * 3]


@pytest.mark.parametrize(("name", "year"), [("txt", 2019), ("docx", 2019), ("xlsx", 2019), ("csv", None)])
def test_the_title_gives_the_year(name: str, year: int | None) -> None:
    """Three files carry the table's title; the CSV has none."""
    assert TABLES[name].year == year
    assert TABLES[name].title == ("新邱区2019年项目管家责任分劈表" if year else None)


def test_wrapped_names_join_without_a_space() -> None:
    """A line's end inside a name is no part of it, also before digits; a space inside a line is."""
    names = [row.name for row in TABLES["txt"].sections[0].rows]
    assert names[0] == "辽宁大唐国际阜新煤制天然气有限责任公司年产40亿标方煤制天然气项目（主体工程）"
    assert names[1] == "新邱区中仑新能源材料有限公司年产9万吨碳酸甲乙酯/碳酸二乙酯 （EMC/DEC）项目"
    assert names[7] == "阜新昊瑞化工科技有限公司年产200吨精细化工中间体产品建设项目"


def test_people_are_read_whatever_their_cells_look_like() -> None:
    """Padded names, glued and separate phones, a landline, a stray space at the cell's end."""
    people = {
        person.name: person.phone for part in TABLES["xlsx"].sections for row in part.rows for person in row.people
    }
    assert len(people) == 23
    assert people["辛柱"] == "19900000008"
    assert people["子岚"] == "19900000011"
    assert people["寅青"] == "19900000013"
    assert people["乙卫东"] == "19900000002"
    assert people["甲建国"] == "19900000001"
    assert people["申福田"] == "19900000019"
    assert people["辰谷雨"] == "0418-0000001"


def test_one_person_may_hold_two_roles() -> None:
    """Who leads one project is butler of another."""
    found = {
        (person.role, row.name[:4])
        for row in TABLES["docx"].sections[0].rows
        for person in row.people
        if (person.name, person.phone) == ("乙卫东", "19900000002")
    }
    assert {role for role, _project in found} == {"lead_leader", "butler"}


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_is_read_is_inert_text(name: str) -> None:
    """No name or phone carries a line end or a control character."""
    texts = [text for part in TABLES[name].sections for row in part.rows for text in (row.name, *_texts(row.people))]
    assert not [text for text in texts if FORBIDDEN.search(text) or "\n" in text or text != text.strip()]


def _texts(people: tuple[object, ...]) -> list[str]:
    return [str(getattr(person, name)) for person in people for name in ("name", "phone", "title", "column")]
