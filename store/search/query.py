"""Builds the query of a search: typed text, split into words, each as FTS5 expressions over `store.search.tokenizer`.

A word of ideographs and digits is a phrase, and its matches are exact. A word with Latin letters may also be initials
or pinyin, whole or incomplete, mixed with ideographs (``ljxq``, ``linjiang``, ``zhangs``, ``刘jx``). The index finds
candidates by initials and syllables, and `store.search.pinyin.matches_pinyin` verifies them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from store.search.pinyin import DIGRAPHS, all_syllables, matches_pinyin, pinyin_of
from store.search.tokenizer import (
    PEOPLE_PREFIXES,
    TITLE_PREFIXES,
    TokenPrefixes,
    field_expression,
    fold,
    initials_alternatives,
    kind_token,
    start_expression,
    start_initials_alternatives,
    text_expression,
)

MAX_WORDS = 8
MAX_LENGTH = 64
_MAX_SEGMENTATIONS = 12
_SEPARATORS = re.compile(r"[\s、，,。;；]+")
_PHONE = re.compile(r"(?<!\d)(?:(?:[+＋]|00|００)?(?:86|８６)[\s-]?)?([1１](?:[\s.-]?\d){10})(?!\d)")
_LETTERS = re.compile("[a-z]")
_MAX_SYLLABLE_LENGTH = 6
_MAX_PHRASES = 4
"""At most so many alternatives of a syllable pair are written out as phrases."""
_VOWELS = frozenset("aeiouv")


class QueryWord(NamedTuple):
    """A folded word, and the expressions that find it: at a title's start, in a title, among people, in the text.
    ``maybe_pinyin``: it has Latin letters, so matches of its title and people expressions must pass
    `matches_pinyin`."""

    text: str
    maybe_pinyin: bool
    at_start: str
    in_title: str
    in_people: str
    in_text: str


class RankingTier(NamedTuple):
    """One tier of the ranking: the score of its hits and the expression that finds them. ``needs_pinyin_check``: what
    it finds must pass `matches_pinyin`."""

    score: int
    expression: str
    needs_pinyin_check: bool


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search: the words, the number that they may be, and the ranking tiers, best first. A line must name all
    ``people`` (a person's own line has the name itself), and have all ``numbers`` in its number."""

    words: tuple[QueryWord, ...]
    number: str | None
    tiers: tuple[RankingTier, ...]
    people: tuple[QueryWord, ...] = ()
    numbers: tuple[str, ...] = ()


SCORE_NUMBER, SCORE_TITLE_START, SCORE_TITLE, SCORE_PEOPLE, SCORE_TEXT = 5, 4, 3, 2, 1
"""The score of a hit, by where it matched."""


def build_query(text: str, people: Iterable[str] = (), numbers: Iterable[str] = ()) -> SearchQuery | None:
    """The query for ``text``, restricted to lines that name ``people`` and have ``numbers``; None when nothing of it
    can be searched. Never raises."""
    typed = _PHONE.sub(_bare_phone, text[: MAX_WORDS * MAX_LENGTH])
    words, named = _query_words(_SEPARATORS.split(typed)), _query_words(people)
    wanted = tuple(filter(None, (fold(number)[:MAX_LENGTH] for number in numbers)))
    if not (words or named or wanted):
        return None
    alone = [word.text for word in words] if not wanted else [*wanted] if not words else []
    conditions = [*map(_person_expression, named), *(field_expression(number, TITLE_PREFIXES) for number in wanted)]
    check = bool(wanted) or any(word.maybe_pinyin for word in named)
    tiers = _tiers(words) if words else [_filter_only_tier(bool(wanted))]
    checked = tuple(_with_conditions(tiers, conditions, check))
    return SearchQuery(words, alone[0] if len(alone) == 1 else None, checked, named, wanted)


def _bare_phone(phone: re.Match[str]) -> str:
    """A mobile's number as one word, without the country's code, however its digits are grouped."""
    return re.sub(r"\D", "", phone[1])


def _query_words(typed: Iterable[str]) -> tuple[QueryWord, ...]:
    folded = [fold(part)[:MAX_LENGTH] for part in typed]
    return tuple(_query_word(part) for part in list(dict.fromkeys(filter(None, folded)))[:MAX_WORDS])


def _person_expression(word: QueryWord) -> str:
    """The expression that finds the lines that name a person, and the person's own line."""
    return _any_of((word.in_people, _all_of((word.in_title, f'"{kind_token("person")}"'))))


def _filter_only_tier(has_number: bool) -> RankingTier:
    """The only tier of a query without words: its hits are ordered by age alone."""
    return RankingTier(SCORE_TITLE if has_number else SCORE_PEOPLE, "", False)


def _with_conditions(
    tiers: Iterable[RankingTier], conditions: Sequence[str], needs_pinyin_check: bool
) -> Iterable[RankingTier]:
    """The tiers, each with the conditions that every hit must meet."""
    for tier in tiers:
        check = tier.needs_pinyin_check or needs_pinyin_check
        yield RankingTier(tier.score, _all_of([tier.expression, *conditions]), check) if conditions else tier


def _tiers(words: Sequence[QueryWord]) -> Iterable[RankingTier]:
    """The tiers, best first. Each expression also finds the lines of the better tiers, and the last one everything; of
    a single word the last two find people and text alone."""
    spelled = any(word.maybe_pinyin for word in words)
    titles = _all_of(word.in_title for word in words)
    yield RankingTier(
        SCORE_TITLE_START,
        _all_of([_any_of(word.at_start for word in words), *([titles] if len(words) > 1 else [])]),
        spelled,
    )
    yield RankingTier(SCORE_TITLE, titles, spelled)
    if len(words) == 1:
        yield RankingTier(SCORE_PEOPLE, words[0].in_people, spelled)
        yield RankingTier(SCORE_TEXT, words[0].in_text, False)
    else:
        yield RankingTier(SCORE_PEOPLE, _all_of(_any_of((word.in_title, word.in_people)) for word in words), spelled)
        yield RankingTier(
            SCORE_TEXT, _all_of(_any_of((word.in_title, word.in_people, word.in_text)) for word in words), spelled
        )


def _query_word(text: str) -> QueryWord:
    start, body = start_expression(text), text_expression(text)
    titles, people = (field_expression(text, prefixes) for prefixes in (TITLE_PREFIXES, PEOPLE_PREFIXES))
    if _LETTERS.search(text) is None:
        return QueryWord(text, False, start, titles, people, body)
    rows = _segmentations(text)
    start = _any_of((start, _pinyin_expression(rows, TITLE_PREFIXES, True)))
    titles = _any_of((titles, _pinyin_expression(rows, TITLE_PREFIXES, False)))
    return QueryWord(
        text, True, start, titles, _any_of((people, _pinyin_expression(rows, PEOPLE_PREFIXES, False))), body
    )


def _all_of(expressions: Iterable[str]) -> str:
    return _join(" AND ", expressions)


def _any_of(expressions: Iterable[str]) -> str:
    return _join(" OR ", expressions)


def _join(operator: str, expressions: Iterable[str]) -> str:
    found = list(dict.fromkeys(filter(None, expressions)))
    return found[0] if len(found) == 1 else f"({operator.join(found)})" if found else ""


# Words that may be pinyin


class PinyinUnit(NamedTuple):
    """The part of a word that stands for one character: its possible initials, and its syllable (whole, or with
    ``is_prefix`` the beginning of one) or the character itself, where these were typed."""

    initial_letters: str
    syllable: str = ""
    is_prefix: bool = False
    character: str = ""


Segmentation = tuple[PinyinUnit, ...]
_EMPTY_UNIT = PinyinUnit("")


def _segmentations(word: str) -> list[Segmentation]:
    """The segmentations of a word: letter by letter, and into syllables where that is possible."""
    return list(dict.fromkeys([tuple(map(_literal_unit, word)), *_syllable_cuts(word)]))


@cache
def _literal_unit(character: str) -> PinyinUnit:
    if character.isascii():
        return PinyinUnit(character)
    return PinyinUnit("".join(dict.fromkeys(reading[0] for reading in pinyin_of(character))), character=character)


def _syllable_cuts(word: str) -> list[Segmentation]:
    """The segmentations into syllables with the fewest bare initials, where an incomplete syllable or initial at the
    end counts as whole; the shortest first, 12 at most."""
    best: list[list[tuple[int, int, Segmentation]]] = [[] for _ in word] + [[(0, 0, ())]]
    for at in range(len(word) - 1, -1, -1):
        longer = [
            (bare + cost, units + 1, (unit, *row))
            for size, cost, unit in _next_units(word, at)
            for bare, units, row in best[at + size]
        ]
        best[at] = sorted(longer, key=lambda candidate: candidate[:2])[:_MAX_SEGMENTATIONS]
    return [row for bare, _, row in best[0] if bare == best[0][0][0]]


def _next_units(word: str, at: int) -> Iterable[tuple[int, int, PinyinUnit]]:
    """The units that may come next in a word: length, 1 for a bare initial that is not at the end, and the unit."""
    letter, rest = word[at], word[at:]
    if _LETTERS.match(letter) is None:
        yield 1, 0, _literal_unit(letter)
        return
    for size in range(2, min(_MAX_SYLLABLE_LENGTH, len(rest) - 1) + 1):
        if rest[:size] in _full_syllables():
            yield size, 0, PinyinUnit(letter, rest[:size])
    if len(rest) > 1 and rest not in DIGRAPHS and _syllables_with_prefix(rest):
        yield len(rest), 0, PinyinUnit(letter, rest, is_prefix=True)
    for size in (1, 2) if rest.startswith(DIGRAPHS) else (1,):
        yield size, int(size < len(rest)), PinyinUnit(letter)


@cache
def _full_syllables() -> dict[str, None]:
    """The syllables for segmentation, in order: those with a vowel (not hm, ng)."""
    return {syllable: None for syllable in all_syllables() if not _VOWELS.isdisjoint(syllable)}


def _pinyin_expression(segmentations: Iterable[Segmentation], prefixes: TokenPrefixes, at_start: bool) -> str:
    return _any_of(_segmentation_expression(row, prefixes, at_start) for row in segmentations)


def _segmentation_expression(segmentation: Segmentation, prefixes: TokenPrefixes, at_start: bool) -> str:
    """The expression that every title matches which reads like the segmentation, or starts so."""
    heads = [unit.initial_letters for unit in segmentation]
    parts = [*_start_expressions(segmentation, heads, prefixes)] if at_start else []
    if not at_start or len(segmentation) > 3:
        if not all(unit.syllable for unit in segmentation):
            parts += [_any_of(alternatives) for alternatives in initials_alternatives(heads, prefixes)]
        parts += _syllable_expressions(segmentation, prefixes)
    parts += [f'"{prefixes.single}{unit.character}"' for unit in segmentation if unit.character]
    return _all_of(parts)


def _start_expressions(
    segmentation: Segmentation, initial_letters: Sequence[str], prefixes: TokenPrefixes
) -> Iterable[str]:
    """The expressions for the start of a title: its first syllable and its first three initials."""
    if segmentation[0].syllable:
        yield _any_of(f'"{prefixes.start_syllable}{syllable}"' for syllable in _syllables_of(segmentation[0]))
    if len(segmentation) > 1 or not segmentation[0].syllable:
        yield _any_of(start_initials_alternatives(initial_letters, prefixes))


def _syllable_expressions(segmentation: Segmentation, prefixes: TokenPrefixes) -> Iterable[str]:
    """The expressions for the syllables: each together with the next one, where that is whole or has few completions;
    where it has many, their initials side by side."""
    for before, unit, after in zip(
        (_EMPTY_UNIT, *segmentation), segmentation, (*segmentation[1:], _EMPTY_UNIT), strict=False
    ):
        if not unit.syllable:
            continue
        meant = _syllables_of(after) if after.syllable else ()
        if 0 < len(meant) <= _MAX_PHRASES:
            yield _any_of(f'"{prefixes.syllable}{unit.syllable} {prefixes.syllable}{syllable}"' for syllable in meant)
        elif meant:
            yield f'"{prefixes.syllable}{unit.syllable}"'
            yield f'"{prefixes.gram}{unit.initial_letters}{after.initial_letters}"'
        elif after.initial_letters or not before.syllable:
            yield _any_of(f'"{prefixes.syllable}{syllable}"' for syllable in _syllables_of(unit))


def _syllables_of(unit: PinyinUnit) -> tuple[str, ...]:
    return _syllables_with_prefix(unit.syllable) if unit.is_prefix else (unit.syllable,)


@cache
def _syllables_with_prefix(letters: str) -> tuple[str, ...]:
    """The syllables that begin with these letters."""
    return tuple(syllable for syllable in _full_syllables() if syllable.startswith(letters))


def contains_word(text: str, word: QueryWord) -> bool:
    """Whether folded ``text`` contains the word, or what it spells in pinyin."""
    return word.text in text or (word.maybe_pinyin and matches_pinyin(text, word.text))


def name_matches(name: str, query: str) -> bool:
    """Whether a name matches what was typed: characters, initials or pinyin of it. Blank text matches every name."""
    parsed = build_query(query)
    return parsed is None or all(contains_word(fold(name), word) for word in parsed.words)


def starts_with_word(text: str, word: QueryWord) -> bool:
    """Whether folded ``text`` starts with the word, or with what it spells in pinyin."""
    return text.startswith(word.text) or (word.maybe_pinyin and matches_pinyin(text, word.text, only_start=True))
