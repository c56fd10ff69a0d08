"""What is left of lines about a person who was erased."""

from __future__ import annotations

import pytest

from store.domain.erasures import ERASED, erased_line, mentions, names_whom, owners_of, says_nothing, telling_words
from store.ledger.line import Body, Line, new_id

WHO = new_id()


def line(kind: str, body: Body) -> Line:
    """A line of the person."""
    return Line(WHO if kind == "person" else new_id(), kind, None, 1, new_id(), new_id(), False, body)


@pytest.mark.parametrize(
    ("kind", "body", "left"),
    [
        ("person", {"name": "金丝雀", "phone": "1", "title": "科长", "unit_id": WHO, "later": 1}, {"name": ERASED}),
        ("person", {"name": "金", "retired_on": "2026-01-01"}, {"name": ERASED, "retired_on": "2026-01-01"}),
        ("contact", {"person_id": WHO, "phone": "1", "label": "家"}, {"person_id": WHO, "phone": ERASED}),
        ("contact", {"further_of": WHO, "phone": "1", "note": "n"}, {"further_of": WHO, "phone": ERASED}),
    ],
)
def test_whose_it_is_stays_and_nothing_else(kind: str, body: Body, left: Body) -> None:
    """Name, phone, title, unit, notes and what a later version adds go; doing it twice changes nothing."""
    told = line(kind, body)
    assert owners_of(told) == {WHO}
    assert erased_line(told) == told._replace(body=left)
    assert says_nothing(erased_line(told))
    assert not says_nothing(told)
    assert erased_line(erased_line(told)) == erased_line(told)


def test_a_units_phone_and_other_lines_are_about_nobody() -> None:
    """Only people are erased."""
    assert owners_of(line("contact", {"unit_id": WHO, "phone": "1"})) == frozenset()
    assert owners_of(line("visit", {"participants": ["金丝雀"]})) == frozenset()


def test_the_words_that_tell_are_names_and_phones_however_written() -> None:
    """A phone is known by its digits too; what is erased already tells nothing."""
    words = telling_words([{"name": "金丝雀", "title": "科长"}, {"phone": "+86 199-1234-5678"}, {"phone": ERASED}])
    assert words == {"金丝雀", "+86 199-1234-5678", "19912345678"}
    assert mentions("电话19912345678", words)
    assert not mentions("科长", words)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("张三身份证.jpg", True),
        ("张三.jpg", True),
        ("现场照片 张三签字", True),
        ("张三和张三丰.jpg", True),
        ("张三丰.jpg", False),
        ("张三丰身份证复印件.pdf", False),
        ("张三峰谈供水情况", False),
        ("张三谈供水情况", True),
        ("19912345678.jpg", True),
    ],
)
def test_who_has_a_longer_name_is_somebody_else(text: str, named: bool) -> None:
    """张三 is not named where only 张三丰 is, known or not; a sentence that goes on names 张三 all the same."""
    assert names_whom(text, {"张三", "19912345678"}, {"张三峰"}) is named
