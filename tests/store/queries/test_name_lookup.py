"""Who or what is meant by what a person types."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.queries.name_lookup import (
    NamedKind,
    NamedLine,
    filter_by_name,
    find_by_name,
    is_same_phone,
    list_named,
    similar_names,
)
from tests.store.queries.sample import Sample, statements

TWO = [
    NamedLine("1", "供水改造", "10", None),
    NamedLine("2", "供热 改造", "2", None),
    NamedLine("3", "供水改造二期", "101", None),
]


def found(text: str) -> list[str]:
    """The ids of what ``text`` can mean."""
    return [one.id for one in filter_by_name(TWO, text)]


def test_the_first_way_of_naming_that_fits_decides() -> None:
    """A whole number comes before a whole name, that before a part; spaces and widths never matter."""
    assert found("10") == ["1"]
    assert found("供水改造") == ["1"]
    assert found("供水") == ["1", "3"]
    assert found("供热改造") == ["2"]
    assert found(" 供 热 ") == ["2"]
    assert found("１０１") == ["3"]
    assert found("燃气") == []
    assert found("") == []


def test_ids_numbers_and_phones_name_lines(district: Sample) -> None:
    """An id, a number, a phone and a name all lead to the line, in one statement each; for people and units in three:
    all names, those that match, names and phones of records merged into them, and one for phones where one is typed."""
    cases: tuple[tuple[NamedKind, str, str], ...] = (
        ("project", district.water, "供水改造工程"),
        ("project", "10", "供热  改造"),
        ("person", "19900000002", "乙卫东"),
        ("unit", "水务局", "水务局"),
        ("issue", "用水", "临时用水未接通"),
    )
    for kind, text, name in cases:
        with statements(district.connection) as seen:
            (one,) = find_by_name(district.connection, kind, text)
            assert one.name == name
            assert len(seen) <= (3 + text.isdigit() if kind in ("person", "unit") else 1)


@pytest.mark.parametrize(
    "text",
    ["乙卫东", " 乙 卫 东", "卫东", "乙卫东（发改局…0002）", "19900000002", "１９９", "+86 199-0000-0002", "0002",
     "东", "水务局", "水务", "无此人", "199", ")", "转"],
)  # fmt: skip
def test_a_name_is_found_as_in_the_whole_list(district: Sample, text: str) -> None:
    """Reading the names first and only the lines that match leaves nobody out, however they are typed."""
    kinds: tuple[NamedKind, ...] = ("person", "unit")
    for kind in kinds:
        everybody = filter_by_name(list_named(district.connection, kind), text)
        assert find_by_name(district.connection, kind, text) == everybody


def test_namesakes_are_told_apart(district: Sample) -> None:
    """Candidates are shown with phone and unit, or with their id where there is neither."""
    assert str(find_by_name(district.connection, "person", "乙卫东")[0]) == "乙卫东 (19900000002)"
    assert str(find_by_name(district.connection, "person", "丁水")[0]) == "丁水 (水务局)"
    assert str(NamedLine("7", "某", None, None)) == "某 (7)"


def test_only_phones_compare_as_phones() -> None:
    """Phones are the same however they are written; numbers with the same digits but other letters are not."""
    assert is_same_phone("19900000002", "+86 199-0000-0002")
    assert is_same_phone("（0418）2900000", "0418-2900000")
    assert not is_same_phone("260921-CE7Q", "260921-PS7P")
    assert not is_same_phone("123456", "123456")
    assert not is_same_phone(None, "19900000002")


def test_a_mistyped_name_has_a_likely_one(district: Sample) -> None:
    """What is nearly a name brings that name up; what is far from all brings nothing."""
    assert similar_names(district.connection, "project", "供水改進工程") == ["供水改造工程"]
    assert similar_names(district.connection, "project", "zzzz") == []


@given(st.text(max_size=8))
def test_whatever_is_typed_is_answered(text: str) -> None:
    """No text breaks the choice, and only what was there is chosen."""
    assert set(found(text)) <= {"1", "2", "3"}
