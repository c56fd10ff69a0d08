"""Names that would become new lines: which are asked about, and what they may have meant."""

from __future__ import annotations

import pytest

from store.commands.exceptions import NameLikeKnown
from store.commands.new_names import find_new_names, refuse_likenesses
from store.commands.people import ensure_department
from store.values.name_cores import name_core
from tests.store.queries.sample import Sample


def likenesses(district: Sample, kind: str, typed: str) -> list[str] | None:
    """The names that a typed one may mean; None where it is known."""
    new = find_new_names(district.connection, [("unit" if kind == "unit" else "person", typed)])
    return [one.name for one in new[0].candidates] if new else None


def test_an_unfinished_or_respelt_name_is_asked_about(district: Sample) -> None:
    """A part, initials, 同志, a title, the unit or the district before it, one slip: all may mean who is here."""
    for name in ("区自然资源局", "发改局", "市场监督管理局"):
        ensure_department(district.ledger, name)
    meant = {
        "甲": "甲建国", "甲建国同志": "甲建国", "甲建国 局长": "甲建国", "甲建国（科长）": "甲建国",
        "局长甲建国": "甲建国", "甲建郭": "甲建国", "甲国建": "甲建国", "住建局甲建国": "甲建国", "jjg": "甲建国",
        "甲建国 19900009999": "甲建国", "别人 19900000001": "甲建国",
    }  # fmt: skip
    for typed, name in meant.items():
        assert likenesses(district, "person", typed) == [name], typed
    offices = {
        "发": "发改局", "fgj": "发改局", "自然资源局": "区自然资源局", "新邱区自然资源局": "区自然资源局",
        "阜新市新邱区自然资源局": "区自然资源局", "区市场监督管理局": "市场监督管理局", "住建局发改局": "发改局",
        "发该局": "发改局", "自然资局": "区自然资源局",
    }  # fmt: skip
    for typed, name in offices.items():
        assert name in (likenesses(district, "unit", typed) or []), typed
    with pytest.raises(NameLikeKnown) as refused:
        refuse_likenesses(district.connection, [("unit", "供电公司"), ("unit", "发")])
    assert refused.value.values["text"] == "发"
    assert "发改局" in str(refused.value.values["candidates"])


def test_what_is_known_or_like_nothing_is_not_asked_about(district: Sample) -> None:
    """A whole name, a phone, an id mean the line that has them; another name is new."""
    for typed in (
        "甲建国",
        "甲 建国",
        "19900000001",
        "+86 199 0000 0001",
        "甲建国 19900000001",
        district.water,
        "",
        " ",
    ):
        assert likenesses(district, "person", typed) is None, typed
    assert likenesses(district, "unit", "住建局") is None
    assert likenesses(district, "unit", "供电公司") == likenesses(district, "person", "辛一") == []
    refuse_likenesses(district.connection, [("unit", "供电公司"), ("person", "辛一")])


def test_offices_that_differ_keep_different_cores() -> None:
    """Only the district and its level are left out: 市场监管局 is no 场监管局, and two bureaus stay two."""
    assert name_core("unit", "市场监管局") == name_core("unit", "区市场监管局") == "市场监管局"
    assert name_core("unit", "教育局") != name_core("unit", "体育局")
    assert name_core("person", "艾力·买买提") == name_core("person", "艾力•买买提同志")
    assert name_core("person", "局长") == "局长"
