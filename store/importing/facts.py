"""Facts of a project that tables give in columns of their own: category, stage, investment."""

from __future__ import annotations

import re
import unicodedata

from store.importing.sections import category_in
from store.values.han_variants import fold_variants

NUMBER_PREFIXES = {"continuing": "续", "new": "新", "advancing": "推"}
"""The prefix of a project's number, by category; the number in the table follows."""
_PREFIXED = re.compile(r"\(?([续新推])建?[-—]?(\d{1,6})\)?[.、]?")
_STAGES = (
    ("producing", "已?投产|投入(?:生产|使用|运营)|运营"),
    ("completed", "竣工|完工|建成|已?完成"),
    ("building", "在建|建设中|施工|续建|正在建设"),
    ("started", "已?开工"),
    ("landed", "落地"),
    ("signed", "签约|签订"),
    ("planning", "前期|谋划|储备|拟建|筹建|规划|洽谈|在谈"),
)
_AMOUNT = re.compile(r"(?:约|总投资|计划投资|预计)*[:]?(\d+(?:\.\d+)?)(亿元?|万元?|元)?(?:人民币|左右)?")
_FACTORS = {"元": 1, "万": 10_000, "万元": 10_000, "亿": 100_000_000, "亿元": 100_000_000}
_UNIT = re.compile(r"(?:单位|金额单位|投资单位)?[:]?(亿元|万元|元|亿|万)")
_MOST = 10**15


def prefixed_number(text: str) -> tuple[str, int] | None:
    """The category and the number that a number with a prefix says (续3), as this program's own reports write it."""
    found = _PREFIXED.fullmatch(_plain(text))
    if found is None:
        return None
    return next(category for category, prefix in NUMBER_PREFIXES.items() if prefix == found[1]), int(found[2])


def category_of(text: str) -> str | None:
    """The category that a cell names, or None: 续建, 新开工, 前期 …"""
    plain = _plain(text)
    return next((category for category, prefix in NUMBER_PREFIXES.items() if prefix == plain), category_in(plain))


def stage_of(text: str) -> str | None:
    """The stage that a cell names, or None."""
    plain = _plain(text)
    return next((stage for stage, pattern in _STAGES if re.search(pattern, plain)), None)


def yuan_unit(text: str) -> int | None:
    """How many yuan the unit of money is that a heading or a line above a table states: （万元）, 单位：亿元."""
    unit = money_unit(text)
    return _FACTORS[unit] if unit else None


def money_unit(text: str) -> str:
    """The unit of money that a heading or a line above a table states; empty where it states none."""
    plain = _plain(text)
    found = re.search(rf"\({_UNIT.pattern}\)|单位:?(亿元|万元|元)|(?:[/,、]|投资额?|总额|规模){_UNIT.pattern}$", plain)
    return next(filter(None, found.groups())) if found else ""


def investment_of(text: str, unit: int | None) -> int | None:
    """The yuan that a cell states; ``unit`` is the unit of a number without one. None where it is not clear."""
    found = _AMOUNT.fullmatch(_plain(text).replace(",", ""))
    factor = (_FACTORS[found[2]] if found[2] else unit) if found else None
    if found is None or factor is None:
        return None
    yuan = round(float(found[1]) * factor)
    return yuan if yuan <= _MOST else None


def _plain(text: str) -> str:
    return fold_variants(re.sub(r"\s+", "", unicodedata.normalize("NFKC", text[:100])))
