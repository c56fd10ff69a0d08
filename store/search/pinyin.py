"""The readings of Chinese characters (pinyin without tones, most usual first), and what typed pinyin matches.

Importing pypinyin costs 0.3 s and 65 MB, so a reduced table is shipped (``pinyin.txt``) and read when a reading is
first needed, in a millisecond. `build_table` generates it; pypinyin is a dependency of development only:

    python -m store.search.pinyin > store/search/pinyin.txt

Of several readings the table has those in use: the first one, those that a phrase in pypinyin's dictionary uses, and
those of surnames and place names (曾 zēng, 单 shàn, 区 ōu). With all historical readings every third title would match
something that nobody says. A character that is in no phrase has its first two.
"""

from __future__ import annotations

import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

DIGRAPHS = ("zh", "ch", "sh")
"""Initials of two letters."""
_FIRST_CODE_POINT, _LAST_CODE_POINT = 0x3400, 0x9FFF
_FIRST_GROUP_CODE = 0xAC00
_MAX_RARE_READINGS = 2
_NO_READING = " "
_NAME_READINGS = """
    区ou 盖ge 覃qin 缪miao 员yun 黑he 种chong 繁po 召shao 费bi 谌shen 洗xian 祭zhai 适kuo 洞tong
"""
"""Readings of surnames and place names that are in no phrase of pypinyin's dictionary."""


class _Table(NamedTuple):
    groups: tuple[str, ...]
    main: str
    rest: str
    rest_codes: str


@cache
def _load_table() -> _Table:
    lines = Path(__file__).with_name("pinyin.txt").read_text("utf-8").split("\n")
    return _Table(tuple(lines[0].split("|")), *lines[1:])


def pinyin_of(character: str) -> tuple[str, ...]:
    """The readings of a character, ``v`` for ü: ``("xing", "hang", "heng")`` for 行; none for a letter."""
    found = _load_table()
    at = ord(character) - _FIRST_CODE_POINT
    if 0 <= at <= _LAST_CODE_POINT - _FIRST_CODE_POINT:
        code = found.main[at]
    else:
        at = -1 if character.isascii() else found.rest.find(character)
        code = found.rest_codes[at] if at >= 0 else _NO_READING
    return tuple(found.groups[ord(code) - _FIRST_GROUP_CODE].split()) if code != _NO_READING else ()


@cache
def all_syllables() -> tuple[str, ...]:
    """Every syllable that a character can be read as, in order."""
    return tuple(sorted(set(" ".join(_load_table().groups).split())))


# Matching what was typed


def matches_pinyin(text: str, word: str, *, only_start: bool = False) -> bool:
    """Whether folded ``text`` contains what ``word`` spells: each character is given by itself, by a reading or by a
    reading's initial (zh, ch and sh count as one); the last one may be the beginning of a reading."""
    return find_pinyin(text, word, only_start=only_start) is not None


def find_pinyin(text: str, word: str, *, only_start: bool = False) -> tuple[int, int] | None:
    """The range in which folded ``text`` first `matches_pinyin`; None where it does not."""
    dead: set[tuple[int, int]] = set()

    def end(at: int, done: int) -> int | None:
        if done == len(word):
            return at
        if at == len(text) or (at, done) in dead:
            return None
        for size in _matched_lengths(text[at], word[done:]):
            if (found := end(at + 1, done + size)) is not None:
                return found
        dead.add((at, done))
        return None

    starts = range(1 if only_start else len(text))
    return next(((at, found) for at in starts if (found := end(at, 0)) is not None), None)


def _matched_lengths(character: str, rest: str) -> Iterable[int]:
    """How many characters of ``rest`` may stand for ``character``."""
    if rest[0] == character:
        yield 1
    for reading in pinyin_of(character):
        if reading.startswith(rest):
            yield len(rest)
        elif rest.startswith(reading):
            yield len(reading)
        if reading[0] == rest[0]:
            yield 1
            if len(rest) > 1 and reading[:2] == rest[:2] and rest.startswith(DIGRAPHS):
                yield 2


# Building the table


def build_table() -> str:
    """The text of ``pinyin.txt``: groups of readings, the code of each character in U+3400–U+9FFF, then all other
    characters and their codes."""
    found = _all_readings()
    groups = sorted(set(found.values()))
    code = {group: chr(_FIRST_GROUP_CODE + index) for index, group in enumerate(groups)}
    main = "".join(
        code[found[c]] if c in found else _NO_READING for c in map(chr, range(_FIRST_CODE_POINT, _LAST_CODE_POINT + 1))
    )
    rest = sorted(c for c in found if not _FIRST_CODE_POINT <= ord(c) <= _LAST_CODE_POINT and not _folds_away(c))
    return "\n".join(["|".join(map(" ".join, groups)), main, "".join(rest), "".join(code[found[c]] for c in rest)])


def _all_readings() -> dict[str, tuple[str, ...]]:
    from pypinyin.constants import PINYIN_DICT  # noqa: PLC0415 - 0.3 s, and only developers have it

    alive = _common_readings()
    for pair in _NAME_READINGS.split():
        alive[pair[0]].add(pair[1:])
    found = {}
    for number, listed in PINYIN_DICT.items():
        character = chr(number)
        known = [reading for reading in dict.fromkeys(map(_strip_tone, listed.split(","))) if reading]
        used = alive.get(character)
        kept = [*known[:1], *filter(used.__contains__, known)] if used else known[:_MAX_RARE_READINGS]
        if kept:
            found[character] = tuple(dict.fromkeys([*kept, *sorted(_name_readings(character))]))
    return found


def _common_readings() -> dict[str, set[str]]:
    from pypinyin.phrases_dict import phrases_dict  # noqa: PLC0415

    alive: dict[str, set[str]] = defaultdict(set)
    for phrase, readings in phrases_dict.items():
        for character, heard in zip(phrase, readings, strict=True):
            alive[character].update(map(_strip_tone, heard))
    return alive


def _name_readings(character: str) -> set[str]:
    return {pair[1:] for pair in _NAME_READINGS.split() if pair[0] == character}


def _strip_tone(reading: str) -> str:
    """A reading without its tone: ``lǜ`` becomes ``lv``, ``ḿ`` becomes ``m``."""
    marked = unicodedata.normalize("NFD", reading).replace("u\u0308", "v")
    return "".join(letter for letter in marked if letter.isascii() and letter.isalpha())


def _folds_away(character: str) -> bool:
    """Whether folding replaces this character by another, so that the index never has it."""
    return unicodedata.normalize("NFKD", character) != character


if __name__ == "__main__":
    sys.stdout.write(build_table())
