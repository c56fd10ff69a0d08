"""Parses section headings of a table: “一、计划续建项目（20项）” has a category and the declared number of projects."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from store.values.han_variants import fold_variants

_NUMERALS = "〇零一二三四五六七八九十百"
_FIRST = re.compile(rf"[{_NUMERALS}]+[、.,:]|第[{_NUMERALS}]+(部分|类|章|批)")
_SECOND = re.compile(rf"\([{_NUMERALS}]+\)")
_COUNT = re.compile(rf"(\d{{1,4}}|[{_NUMERALS}]{{1,6}})[个项]")
_BRACKETED = re.compile(rf"\((?:共|计|合计|总计)*{_COUNT.pattern}(?:项目)?\)")
_TOTAL = re.compile(rf"(?:共|计){_COUNT.pattern}")
_CATEGORIES = (
    ("continuing", "续建|结转"),
    ("new", "新建|新开工|拟开工|计划开工"),
    ("advancing", "推进|前期|谋划|储备"),
)
_LONGEST = 60
_PLAIN = re.compile(
    r"(?:(?:\(?[A-Za-z\d]{1,4}[.、:)]|(?:[A-Za-z]|第[一二三四])类[.、:]?))?(?:20\d\d年度?)?(?:计划|拟|跨年度?|重点|重大|区级|县级|市级|省级|本年|当年|年度|今年|正在)*"
    r"(?:续建|结转|新建|新开工|拟开工|计划开工|推进|前期|谋划|储备)(?:类|的|阶段|工作)?(?:重点|重大|建设|产业)*(?:项目|工程)?"
    rf"(?:\(.*\)|(?:[:,]|合计|总计|共计|共|计)*{_COUNT.pattern}(?:项目)?)?[:]?"
)
_FRAMED = re.compile(r"[【〔〖\[<《★☆●■◆▲*※]+(.+?)[】〕〗\]>》]*")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?:年|$)")
_WRITTEN_YEAR = re.compile(r"二[〇零○oO0][〇零○oO0一二三四五六七八九]{2}年")


class SectionHeading(NamedTuple):
    """A parsed section heading. ``level`` is 1 for “一、” and 2 for “（一）”."""

    title: str
    category: str | None
    declared: int | None
    level: int


def is_section_heading(text: str) -> bool:
    """Whether a line is a section heading."""
    plain = _plain(text)
    if not plain or len(plain) > _LONGEST:
        return False
    numbered = _FIRST.match(plain) or _SECOND.match(plain)
    return bool(numbered or (_BRACKETED.search(plain) and category_in(plain)))


def is_plain_section(text: str) -> bool:
    """Whether a line is a section heading without a numeral: 续建项目, 新开工项目3个."""
    return len(text) <= _LONGEST and _PLAIN.fullmatch(_plain(text)) is not None


def parse_section_heading(text: str) -> SectionHeading:
    """The parsed section heading."""
    plain = _plain(text)
    count = _BRACKETED.search(plain) or _TOTAL.search(plain) or re.search(rf"(?:项目|工程){_COUNT.pattern}$", plain)
    title = re.sub(r"\s*\n\s*", "", text).strip()
    return SectionHeading(
        title, category_in(plain), _number(count[1]) if count else None, 2 if _SECOND.match(plain) else 1
    )


def category_in(text: str) -> str | None:
    """The category of project that a title names; None where it names none or several."""
    plain = fold_variants(text)
    categories = [category for category, pattern in _CATEGORIES if re.search(pattern, plain)]
    return categories[0] if len(categories) == 1 else None


def title_category(text: str) -> str | None:
    """The category that the title of a whole table names: 新建项目责任表. A title speaks of 推进 in any case."""
    return category_in(re.sub(r"(?<!正在)推进(?!前期|类)", "", text))


def is_numeral(text: str) -> bool:
    """Whether a number cell holds a section's Chinese numeral."""
    return re.fullmatch(rf"\(?[{_NUMERALS}]+\)?", _plain(text)) is not None


def year_in(text: str) -> int | None:
    """The year that a title names, in digits or written out."""
    plain = _plain(text)
    if digits := _YEAR.search(plain):
        return int(digits[1])
    if written := _WRITTEN_YEAR.search(plain):
        return int("".join(str(max(0, "〇一二三四五六七八九".find(sign))) for sign in written[0][:4]))
    return None


def _plain(text: str) -> str:
    """The text half-width and simplified, without spaces, frames and bullets: 【续建项目】, ★续建项目."""
    plain = fold_variants(re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)))
    framed = _FRAMED.fullmatch(plain)
    return framed[1] if framed else plain


def _number(text: str) -> int:
    """An integer below 1000, in digits or written out."""
    if text.isdigit():
        return int(text)
    total = digit = 0
    for sign in text:
        if sign in "十百":
            total += max(digit, 1) * (10 if sign == "十" else 100)
            digit = 0
        else:
            digit = max(0, "零一二三四五六七八九".find(sign))
    return total + digit
