"""What an erasure leaves of a draft: however names and phones are written, the erased person's go, others stay."""

from __future__ import annotations

import json

import pytest

from store.domain.erased_drafts import ErasedPeople, draft_without
from store.domain.erasures import ERASED

PEOPLE = ErasedPeople(frozenset({"p1"}), frozenset({"王伟"}), frozenset({"13912345678", "0418-2812345"}))


def left(name: str, text: str, **more: object) -> object:
    """What stands in this field of a visit's draft afterwards."""
    found = draft_without("visit:new", json.dumps({name: text, **more}, ensure_ascii=False), PEOPLE).text
    assert found is not None
    return json.loads(found)[name]


@pytest.mark.parametrize(
    "written",
    [
        "13912345678", "１３９１２３４５６７８", "139 1234 5678", "139-1234-5678", "139－1234－5678", "139—1234—5678",
        "139\u30001234\u30005678", "１３９ １２３４ ５６７８", "139\u200b12345678", "+86 139 1234 5678",
        "＋８６－１３９１２３４５６７８",
        "0086 13912345678", "0418-2812345", "（0418）2812345", "０４１８－２８１２３４５", "0418 281 2345",
    ],
)  # fmt: skip
def test_a_phone_is_found_in_every_width_and_grouping(written: str) -> None:
    """Full-width digits, blanks, dashes, brackets and the country code hide no phone in a text."""
    said = str(left("text", f"请打{written}，谈供水"))
    assert said.removeprefix("请打").removeprefix("（") == f"{ERASED}，谈供水"


@pytest.mark.parametrize("written", ["113912345678", "139123456789", "１13912345678", "139 1234 567", "13912345679"])
def test_another_number_stays(written: str) -> None:
    """A number that merely has the digits in it, lacks one or has another one is somebody else's."""
    assert left("text", f"请打{written}") == f"请打{written}"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("王伟 李四", f"{ERASED} 李四"), ("李四\u3000王 伟", f"李四\u3000{ERASED}"), ("王伟和李四", f"{ERASED}和李四"),
        ("李四 王伟 王伟东、王伟", f"李四 {ERASED} 王伟东、{ERASED}"), ("王伟等5人", f"{ERASED}等5人"),
        ("王伟同志", ERASED), ("王 伟", ERASED), ("王伟（水务局） 李四", f"{ERASED} 李四"),
        ("王伟 局长 李四", f"{ERASED} 李四"),
        ("王伟东", "王伟东"), ("小王伟 李四", "小王伟 李四"), ("王 李四", "王 李四"),
    ],
)  # fmt: skip
def test_a_name_goes_from_a_field_as_the_field_is_read(written: str, expected: str) -> None:
    """A field is parted into names as when the form is saved, also at blanks and 和; a longer name is another one."""
    assert left("who", written) == expected


def test_a_draft_that_no_form_reads_says_nothing_either() -> None:
    """Text that is no JSON object loses the name, and the phone in whatever form."""
    assert draft_without("visit:new", "王伟 139-1234-5678", PEOPLE).text == f"{ERASED} {ERASED}"
