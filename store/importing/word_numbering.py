"""Computes the numbers that Word writes before paragraphs by itself: they are not in the document's text.

``numbering.xml`` has *abstract lists* with nine levels each and *lists* (``w:num``) that stand on one of them and may
begin anew; a paragraph, or its style, names a list and a level.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from store.importing.xml_events import Attributes, XmlEvents, local_attribute

_DIGITS = "〇一二三四五六七八九"
_DIGITS_OF = {
    **dict.fromkeys(("ideographDigital", "taiwaneseDigital", "japaneseDigitalTenThousand"), _DIGITS),
    "chineseLegalSimplified": "零壹贰叁肆伍陆柒捌玖",
}
_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_SERIES = {
    "ideographTraditional": "甲乙丙丁戊己庚辛壬癸",
    "ideographZodiac": "子丑寅卯辰巳午未申酉戌亥",
    "decimalEnclosedCircle": "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳",
    "decimalEnclosedCircleChinese": "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳",
    "decimalEnclosedParen": "⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇",
    "decimalEnclosedFullstop": "⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛",
    "lowerLetter": "abcdefghijklmnopqrstuvwxyz",
    "upperLetter": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
}
_COUNTING = frozenset(
    f"{language}Counting{size}" for language in ("chinese", "taiwanese", "japanese") for size in ("", "Thousand")
)
_PLAIN = frozenset({"decimal", "decimalZero", "decimalFullWidth", "decimalHalfWidth", "decimalFullWidth2"})
_SILENT = frozenset({"bullet", "none"})
_LEVELS = 9
_LARGEST = 10_000
Key = tuple[str, int]


class NumberLabel(NamedTuple):
    """The number before a paragraph. ``plain``: it is written in Arabic digits; ``since_heading``: the same counted
    from the last section's heading."""

    text: str
    plain: bool
    since_heading: str


@dataclass(slots=True)
class _Level:
    """A level of an abstract list."""

    start: int = 1
    format: str = "decimal"
    text: str = ""
    style: str = ""


@dataclass(slots=True)
class _List:
    """A list: the abstract one that it stands on, its own starts by level, and its own levels."""

    abstract: str = ""
    starts: dict[int, int] = field(default_factory=dict)
    levels: dict[int, _Level] = field(default_factory=dict)


class WordLists(XmlEvents):
    """Reads ``numbering.xml``, and counts as the document goes on."""

    def __init__(self) -> None:
        self._abstracts: dict[str, dict[int, _Level]] = {}
        self._lists: dict[str, _List] = {}
        self._level, self._number = _Level(), 0
        self._abstract = self._list = ""
        self._counts: dict[Key, int] = {}
        self._bases: dict[Key, int] = {}
        self._begun: set[Key] = set()

    def start(self, name: str, attributes: Attributes) -> None:
        """Take the beginning of an element."""
        value = local_attribute(attributes, "val")
        if name == "abstractNum":
            self._abstract, self._list = local_attribute(attributes, "abstractNumId"), ""
            self._abstracts[self._abstract] = {}
        elif name == "num":
            self._list = local_attribute(attributes, "numId")
            self._lists[self._list] = _List()
        elif name == "abstractNumId" and self._list:
            self._lists[self._list].abstract = value
        elif name == "lvlOverride" and self._list:
            self._number = int(local_attribute(attributes, "ilvl", "0"))
        elif name == "startOverride" and self._list:
            self._lists[self._list].starts[self._number] = int(value)
        elif name == "lvl":
            self._start_level(int(local_attribute(attributes, "ilvl", "0")))
        else:
            self._describe_level(name, value)

    def _start_level(self, number: int) -> None:
        self._level = _Level()
        levels = self._lists[self._list].levels if self._list else self._abstracts.setdefault(self._abstract, {})
        levels[number] = self._level

    def _describe_level(self, name: str, value: str) -> None:
        if name == "start":
            self._level.start = int(value)
        elif name == "numFmt":
            self._level.format = value
        elif name == "lvlText":
            self._level.text = value
        elif name == "pStyle":
            self._level.style = value

    def level_of_style(self, number: str, style: str) -> int:
        """The level of a list that belongs to a style."""
        levels = self._levels(self._lists.get(number, _List()))
        return next((place for place, level in levels.items() if level.style == style), 0)

    def _levels(self, which: _List) -> dict[int, _Level]:
        return {**self._abstracts.get(which.abstract, {}), **which.levels}

    def next_label(self, number: str, place: int) -> NumberLabel | None:
        """Count a paragraph of this list and level; None where it has no number to be seen."""
        which = self._lists.get(number)
        levels = self._levels(which) if which else {}
        if which is None or place not in levels:
            return None
        self._count(which, number, place, levels)
        level, key = levels[place], (which.abstract, place)
        if level.format in _SILENT:
            return None
        own, base = self._counts[key], self._bases.get(key, 0)
        text, since_heading = (self._text(which.abstract, levels, place, count) for count in (own, own - base))
        return NumberLabel(text, level.format in _PLAIN, since_heading) if text else None

    def _count(self, which: _List, number: str, place: int, levels: dict[int, _Level]) -> None:
        key = (which.abstract, place)
        if place in which.starts and (number, place) not in self._begun:
            self._counts[key] = which.starts[place] - 1
            self._bases.pop(key, None)
        self._begun.add((number, place))
        self._counts[key] = self._counts.get(key, levels[place].start - 1) + 1
        for deeper in range(place + 1, _LEVELS):
            self._counts.pop((which.abstract, deeper), None)

    def _text(self, abstract: str, levels: dict[int, _Level], place: int, own: int) -> str:
        """The text of a level with this count, and those above it as they stand."""

        def part(match: re.Match[str]) -> str:
            number = int(match[1]) - 1
            level = levels.get(number, _Level())
            return number_text(
                own if number == place else self._counts.get((abstract, number), level.start), level.format
            )

        return re.sub(r"%([1-9])", part, levels[place].text)

    def start_section(self) -> None:
        """A section's heading was passed: from here on rows are counted anew, as people number them."""
        for (abstract, place), count in self._counts.items():
            start = self._abstracts.get(abstract, {}).get(place, _Level()).start
            self._bases[abstract, place] = count - (start - 1)


def number_text(number: int, format: str) -> str:
    """A number in one of Word's formats; in Arabic digits where the format is not known."""
    if not 0 < number < _LARGEST:
        return str(number)
    if format in _COUNTING:
        return _counted(number)
    if digits := _DIGITS_OF.get(format):
        return "".join(digits[int(digit)] for digit in str(number))
    if format in ("lowerRoman", "upperRoman"):
        return _roman(number) if format == "lowerRoman" else _roman(number).upper()
    series = _SERIES.get(format, "")
    return series[number - 1] if number <= len(series) else f"{number:02d}" if format == "decimalZero" else str(number)


def _counted(number: int) -> str:
    """A number below 10,000 as it is said: 十二, 一百零三."""
    text, gap = "", False
    for power, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // power % 10
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + unit
        gap = not digit
    return text.removeprefix("一") if number // 10 == 1 else text or "零"


def _roman(number: int) -> str:
    text = ""
    for value, signs in _ROMAN:
        while number >= value and len(text) < _LARGEST:
            text, number = text + signs, number - value
    return text
