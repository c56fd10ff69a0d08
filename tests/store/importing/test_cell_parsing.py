"""What single cells say: wrapped names, people with phones, units."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.importing.cell_parsing import (
    CellPerson,
    is_blank,
    is_usual_phone,
    one_line,
    parse_cell_phones,
    parse_people,
    parse_units,
)
from store.values.text import phone_key

JIA, YI = CellPerson("甲建国", "19900000001"), CellPerson("乙卫东", "19900000002")


def wide(digits: str) -> str:
    """Full-width digits, as Chinese input methods write them."""
    return "".join(chr(ord(digit) + 0xFEE0) for digit in digits)


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("甲建国\n19900000001 ", [JIA]),
        ("甲建国19900000001", [JIA]),
        ("19900000001甲建国", [JIA]),
        ("甲 建 国\n199 0000 0001", [JIA]),
        (f"甲\u3000建国 {wide('19900000001')}", [JIA]),
        ("甲建国 199000001", [CellPerson("甲建国", "199000001")]),
        ("甲建国（联系电话：19900000001）", [JIA]),
        ("甲建国 手机:+86 199-0000-0001", [JIA]),
        ("甲建国\n1990000\n0001", [JIA]),
        ("甲\n建国\n19900000001", [JIA]),
        ("甲建国\n19900000001\n乙卫东\n19900000002", [JIA, YI]),
        ("甲建国19900000001、乙卫东19900000002", [JIA, YI]),
        ("19900000001甲建国\n19900000002乙卫东", [JIA, YI]),
        ("甲建国、乙卫东", [CellPerson("甲建国"), CellPerson("乙卫东")]),
        ("甲建国\n乙卫东", [CellPerson("甲建国"), CellPerson("乙卫东")]),
        ("辛  柱", [CellPerson("辛柱")]),
        ("子\u3000\u3000\u3000岚\n19900000011", [CellPerson("子岚", "19900000011")]),
        ("欧阳 修竹", [CellPerson("欧阳修竹")]),
        ("欧阳\n修竹", [CellPerson("欧阳修竹")]),
        ("欧阳局长", [CellPerson("欧阳局长")]),
        ("★甲建国☎19900000001", [JIA]),
        ("待企业报送", []),
        ("姓名：甲建国\n职务：副区长\n电话：19900000001", [CellPerson("甲建国", "19900000001", "副区长")]),
        ("甲建国 19900000001（2026年）", [JIA]),
        ("原孙立新，现王志强 19900000002", [CellPerson("王志强", "19900000002")]),
        ("孙立新（调整为王志强 19900000002）", [CellPerson("王志强", "19900000002")]),
        ("孙立新 19900000001\n（已变更为：王志强\n19900000002）", [CellPerson("王志强", "19900000002")]),
        ("孙立新→王志强 19900000002", [CellPerson("王志强", "19900000002")]),
        ("孙立新（原）王志强（现）19900000002", [CellPerson("王志强", "19900000002")]),
        ("孙立新（调离，由王志强接替 19900000002）", [CellPerson("王志强", "19900000002")]),
        ("王志强19900000002（接替孙立新）", [CellPerson("王志强", "19900000002")]),
        (
            "甲建国19900000001、副区长孙立新（调整为副区长王志强 19900000002）",
            [JIA, CellPerson("王志强", "19900000002", "副区长")],
        ),
        ("孙立新（拟调整为王志强 19900000002）", [CellPerson("孙立新")]),
        ("甲建国（乙卫东负责）19900000001", [JIA]),
        ("甲建国19900000001（电话变更为19900000002）", [JIA]),
        ("专班", []),
        ("无人", []),
        ("停建", []),
        ("林业局长", []),
        ("辰谷雨\n0418-0000001", [CellPerson("辰谷雨", "0418-0000001")]),
        ("辰谷雨（0418）0000001", [CellPerson("辰谷雨", "0418-0000001")]),
        ("辰谷雨0418—0000001", [CellPerson("辰谷雨", "0418-0000001")]),
        ("辰谷雨 0418 0000001转801", [CellPerson("辰谷雨", "0418-0000001转801")]),
        ("巳芒种", [CellPerson("巳芒种")]),
        ("副区长\n甲建国\n19900000001", [JIA._replace(title="副区长")]),
        ("甲建国（副区长）19900000001", [JIA._replace(title="副区长")]),
        ("示范区工信局 甲建国 副局长\n19900000001", [JIA._replace(title="示范区工信局 副局长")]),
        ("李主任", [CellPerson("李主任")]),
        ("John  Smith\n19900000001", [CellPerson("John Smith", "19900000001")]),
        ("买买提·艾山 19900000001", [CellPerson("买买提·艾山", "19900000001")]),
        ("甲建国（区委常委、副区长）\n19900000001", [JIA._replace(title="区委常委、副区长")]),
        ("甲建国【副区长】19900000001", [JIA._replace(title="副区长")]),
        ("甲建国（副区长，19900000001）", [JIA._replace(title="副区长")]),
        ("甲建国副区长19900000001", [JIA._replace(title="副区长")]),
        ("副区长甲建国 19900000001", [JIA._replace(title="副区长")]),
        ("示范区商务局副局长丑宁", [CellPerson("丑宁", title="示范区商务局副局长")]),
        ("甲建国同志 19900000001", [JIA]),
        ("区发改局（乙卫东 19900000002）", [YI._replace(title="区发改局")]),
        ("乙卫东，科长；19900000002", [YI._replace(title="科长")]),
        ("甲建国、乙卫东\n19900000001、19900000002", [JIA, YI]),
        ("甲建国\n乙卫东\n19900000001\n19900000002", [JIA, YI]),
        (
            "甲建国（组长）、乙卫东（组员）\n19900000001 19900000002",
            [JIA._replace(title="组长"), YI._replace(title="组员")],
        ),
        ("甲建国\n乙卫东 19900000002", [CellPerson("甲建国"), YI]),
        ("1.甲建国 19900000001\n2.乙卫东 19900000002", [JIA, YI]),
        ("组长：甲建国 19900000001", [JIA._replace(title="组长")]),
        ("姓名：甲建国\n电话：19900000001", [JIA]),
        ("A岗：甲建国19900000001 B岗：乙卫东19900000002", [JIA, YI]),
        ("甲建国 1990-0000-001", [JIA]),
        ("甲建国 1990 0000 001", [JIA]),
        ("甲建国 0086 19900000001", [JIA]),
        ("甲建国 （+86）19900000001", [JIA]),
        ("辰谷雨 2820001转8001", [CellPerson("辰谷雨", "2820001转8001")]),
        ("辰谷雨 0418-2820001-801", [CellPerson("辰谷雨", "0418-2820001-801")]),
        ("买买提•艾山 19900000001", [CellPerson("买买提•艾山", "19900000001")]),
        ("Ｊｏｈｎ Ｓｍｉｔｈ 19900000001", [CellPerson("Ｊｏｈｎ Ｓｍｉｔｈ", "19900000001")]),
        ("甲建国19900000001（微信同号）", [JIA]),
        ("丁红梅 男 汉族 19900000004", [CellPerson("丁红梅", "19900000004")]),
        ("高工 乙卫东", [CellPerson("乙卫东", title="高工")]),
        ("刘德 华", [CellPerson("刘德华")]),
        ("联系人 甲建国 19900000001", [JIA]),
        ("丁红梅、庚立强等5人", [CellPerson("丁红梅"), CellPerson("庚立强")]),
        ("分管领导", []),
        ("全体班子成员", []),
        ("同上", []),
        ("待定", []),
        ("区发改局", []),
        ("由企业自行确定", []),
        ("见附件", []),
        ("", []),
        ("\n \n", []),
    ],
)
def test_a_cell_names_people(text: str, people: list[CellPerson]) -> None:
    """Names and phones part correctly however they are laid out in the cell."""
    assert list(parse_people(text).people) == people


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        ("甲建国 19900000001 0418-0000001", "second_phone"),
        ("19900000001", "phone_alone"),
        ("甲建国 乙卫东", "several_people"),
        ("甲建国、乙卫东\n19900000001", "phones_unclear"),
        ("甲建国 1.99E+10", "rounded_phone"),
    ],
)
def test_an_odd_cell_says_so(text: str, odd: str) -> None:
    """What had to be left out or guessed is told."""
    assert parse_people(text).warning_codes == (odd,)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("煤制\n天然气项目", "煤制天然气项目"),
        ("年产\n200吨", "年产200吨"),
        (" 二乙酯 （EMC/DEC）\n 项目 ", "二乙酯 （EMC/DEC）项目"),
        ("二乙酯   （EMC）", "二乙酯 （EMC）"),
        ("新邱\u3000区", "新邱 区"),
        ("Green \nPower", "Green Power"),
        ("Green\nPower", "GreenPower"),
        ("EMC\n项目", "EMC项目"),
        ("\n", ""),
    ],
)
def test_wrapped_lines_join(text: str, line: str) -> None:
    """Lines join without a space, except where a space at the line's end parts two Latin words."""
    assert one_line(text) == line


@pytest.mark.parametrize("text", ["", " ", "无", "暂无", "－", "——", "／", "N/A", "待 定"])
def test_a_sign_for_none_says_nothing(text: str) -> None:
    """Placeholders are not people."""
    assert is_blank(text)


@pytest.mark.parametrize(
    ("phone", "usual"),
    [
        ("19900000001", True),
        ("0418-0000001", True),
        ("010-00000001", True),
        ("2820001", True),
        ("1990000000", False),
        ("199000000011", False),
        ("04180000", False),
    ],
)
def test_unusual_phones_are_told(phone: str, usual: bool) -> None:
    """A mobile has eleven digits, a landline an area code or a local number."""
    assert is_usual_phone(phone) is usual


def test_phones_compare_without_their_dress() -> None:
    """Country prefix, spaces, hyphens and full-width digits do not make another phone."""
    phones = ("19900000001", "+86 199 0000 0001", "86-199-0000-0001", wide("19900000001"))
    assert {phone_key(phone) for phone in phones} == {"19900000001"}
    assert phone_key("0418-0000001") == phone_key("(0418)0000001") != phone_key("0000001")


def test_a_column_of_phones_gives_one() -> None:
    """Of a phone cell the first phone counts, whatever label it has."""
    assert parse_cell_phones("电话：199 0000 0001") == ["19900000001"]
    assert parse_cell_phones("无") == []


def test_units_part_at_commas_and_join_over_lines() -> None:
    """Several units in a cell are told apart by punctuation only: a line's end wraps."""
    assert parse_units("区工业和\n信息化局、区住建局；区住建局") == ("区工业和信息化局", "区住建局")
    assert parse_units("区发改局（牵头）、区工信局\n区住建局") == ("区发改局", "区工信局", "区住建局")


@given(st.text(max_size=60))
def test_any_text_is_some_people(text: str) -> None:
    """No cell whatever makes the reader fail, and nobody is nameless."""
    assert all(person.name.strip() for person in parse_people(text).people)


CHINESE = st.text("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥", min_size=2, max_size=4)
PHONES = st.integers(0, 99_999_999).map(lambda n: f"199{n:08}")


@given(st.lists(st.tuples(CHINESE, PHONES), min_size=1, max_size=4), st.sampled_from(["", " ", "\n", "  ", "："]))
def test_names_and_phones_written_in_turn_are_read_back(people: list[tuple[str, str]], between: str) -> None:
    """Whatever stands between name and phone, as many people come out as went in, with their phones."""
    cell = "\n".join(f"{name}{between}{phone}" for name, phone in people)
    assert [(person.name, person.phone) for person in parse_people(cell).people] == people


@given(st.text("甲乙子丑（）/ EMCab12\n\u3000", max_size=40))
def test_joining_is_done_once(text: str) -> None:
    """A joined name is one line, and joining it again changes nothing."""
    joined = one_line(text)
    assert "\n" not in joined
    assert one_line(joined) == joined
