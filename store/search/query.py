"""What a lookup asks of the index: typed text, cut into words, each as FTS5 expressions over `store.search.tokenizer`.

A word of ideographs and digits is a phrase: what it finds is exact. A word with Latin letters may also be initials or
pinyin, whole or begun, mixed with ideographs (``ljxq``, ``linjiang``, ``zhangs``, ``刘jx``). The index narrows these
down by initials and syllables, and `matches_pinyin` decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from store.search.pinyin import all_syllables, pinyin_of
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
_LETTERS = re.compile("[a-z]")
_MAX_SYLLABLE_LENGTH = 6
_MAX_PHRASES = 4
"""So many phrases are asked for one by one."""
_VOWELS = frozenset("aeiouv")
_DIGRAPHS = ("zh", "ch", "sh")


class QueryWord(NamedTuple):
    """A folded word that was typed, and the expressions that find it: at a title's start, in a title, among people, in
    the text. ``spelled``: it has Latin letters, so what its title and people expressions find must pass
    `matches_pinyin`."""

    text: str
    maybe_pinyin: bool
    at_start: str
    in_title: str
    in_people: str
    in_text: str


class RankingTier(NamedTuple):
    """One rank of hits: the score they get and the expression that finds them. ``spelled``: what it finds must pass
    `matches_pinyin`."""

    score: int
    expression: str
    needs_pinyin_check: bool


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What was asked: the words, the number it may be, and the ranks, best first. ``people`` must all be named by a
    line, or be its own name if it is a person's; ``numbers`` must all be in its number."""

    words: tuple[QueryWord, ...]
    number: str | None
    tiers: tuple[RankingTier, ...]
    people: tuple[QueryWord, ...] = ()
    numbers: tuple[str, ...] = ()


SCORE_NUMBER, SCORE_TITLE_START, SCORE_TITLE, SCORE_PEOPLE, SCORE_TEXT = 5, 4, 3, 2, 1
"""The scores."""


def build_query(text: str, people: Iterable[str] = (), numbers: Iterable[str] = ()) -> SearchQuery | None:
    """What ``text`` asks, among the lines that name ``people`` and have ``numbers``; None when there is nothing in it
    to look for. Never raises."""
    words, named = _query_words(_SEPARATORS.split(text[: MAX_WORDS * MAX_LENGTH])), _query_words(people)
    wanted = tuple(filter(None, (fold(number)[:MAX_LENGTH] for number in numbers)))
    if not (words or named or wanted):
        return None
    alone = [word.text for word in words] if not wanted else [*wanted] if not words else []
    kept = [*map(_person_expression, named), *(field_expression(number, TITLE_PREFIXES) for number in wanted)]
    spelled = bool(wanted) or any(one.maybe_pinyin for one in named)
    ranks = tuple(_with_conditions(_tiers(words) if words else [_filter_only_tier(bool(wanted))], kept, spelled))
    return SearchQuery(words, alone[0] if len(alone) == 1 else None, ranks, named, wanted)


def _query_words(typed: Iterable[str]) -> tuple[QueryWord, ...]:
    folded = [fold(part)[:MAX_LENGTH] for part in typed]
    return tuple(_query_word(part) for part in list(dict.fromkeys(filter(None, folded)))[:MAX_WORDS])


def _person_expression(word: QueryWord) -> str:
    """What finds the lines that name somebody, and the person's own."""
    return _any_of((word.in_people, _all_of((word.in_title, f'"{kind_token("person")}"'))))


def _filter_only_tier(has_number: bool) -> RankingTier:
    """The only rank of a question without words: nothing tells its hits apart but their age."""
    return RankingTier(SCORE_TITLE if has_number else SCORE_PEOPLE, "", False)


def _with_conditions(
    ranks: Iterable[RankingTier], conditions: Sequence[str], needs_pinyin_check: bool
) -> Iterable[RankingTier]:
    """The ranks with what every hit must have besides."""
    for rank in ranks:
        narrowed = RankingTier(
            rank.score, _all_of([rank.expression, *conditions]), rank.needs_pinyin_check or needs_pinyin_check
        )
        yield narrowed if conditions else rank


def _tiers(words: Sequence[QueryWord]) -> Iterable[RankingTier]:
    """Each rank's expression finds the better ranks' lines again, and the last one everything, unless there is but one
    word: then people and text alone are asked for."""
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
    titles, people = (field_expression(text, marks) for marks in (TITLE_PREFIXES, PEOPLE_PREFIXES))
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
    """What stands for one character of a title: its possible initials, and its syllable, whole or ``begun``, or the
    character itself, where these were typed."""

    initial_letters: str
    syllable: str = ""
    is_prefix: bool = False
    character: str = ""


Segmentation = tuple[PinyinUnit, ...]
_EMPTY_UNIT = PinyinUnit("")


def _segmentations(word: str) -> list[Segmentation]:
    """The ways to read a word: letter by letter, and as syllables where it can be cut into them."""
    return list(dict.fromkeys([tuple(map(_literal_unit, word)), *_syllable_cuts(word)]))


@cache
def _literal_unit(character: str) -> PinyinUnit:
    if character.isascii():
        return PinyinUnit(character)
    return PinyinUnit("".join(dict.fromkeys(reading[0] for reading in pinyin_of(character))), character=character)


def _syllable_cuts(word: str) -> list[Segmentation]:
    """The ways to cut a word into syllables with the fewest bare initials, a begun syllable or initial at the end
    counting as whole; the shortest first, a dozen at most."""
    best: list[list[tuple[int, int, Segmentation]]] = [[] for _ in word] + [[(0, 0, ())]]
    for at in range(len(word) - 1, -1, -1):
        longer = [
            (bare + cost, units + 1, (unit, *row))
            for size, cost, unit in _next_units(word, at)
            for bare, units, row in best[at + size]
        ]
        best[at] = sorted(longer, key=lambda found: found[:2])[:_MAX_SEGMENTATIONS]
    return [row for bare, _, row in best[0] if bare == best[0][0][0]]


def _next_units(word: str, at: int) -> Iterable[tuple[int, int, PinyinUnit]]:
    """What a word may go on with: how many characters, whether that is a bare initial in the middle, and the unit."""
    letter, rest = word[at], word[at:]
    if _LETTERS.match(letter) is None:
        yield 1, 0, _literal_unit(letter)
        return
    for size in range(2, min(_MAX_SYLLABLE_LENGTH, len(rest) - 1) + 1):
        if rest[:size] in _full_syllables():
            yield size, 0, PinyinUnit(letter, rest[:size])
    if len(rest) > 1 and rest not in _DIGRAPHS and _syllables_with_prefix(rest):
        yield len(rest), 0, PinyinUnit(letter, rest, is_prefix=True)
    for size in (1, 2) if rest.startswith(_DIGRAPHS) else (1,):
        yield size, int(size < len(rest)), PinyinUnit(letter)


@cache
def _full_syllables() -> dict[str, None]:
    """The syllables that a word may be cut into, in order: not those that are mere sounds (hm, ng)."""
    return {syllable: None for syllable in all_syllables() if not _VOWELS.isdisjoint(syllable)}


def _pinyin_expression(segmentations: Iterable[Segmentation], prefixes: TokenPrefixes, at_start: bool) -> str:
    return _any_of(_segmentation_expression(row, prefixes, at_start) for row in segmentations)


def _segmentation_expression(segmentation: Segmentation, prefixes: TokenPrefixes, at_start: bool) -> str:
    """What every title that reads like ``row``, or starts so, has in the index."""
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
    """The start of a title that reads like ``row``: its first syllable and its first three initials."""
    if segmentation[0].syllable:
        yield _any_of(f'"{prefixes.start_syllable}{syllable}"' for syllable in _syllables_of(segmentation[0]))
    if len(segmentation) > 1 or not segmentation[0].syllable:
        yield _any_of(start_initials_alternatives(initial_letters, prefixes))


def _syllable_expressions(segmentation: Segmentation, prefixes: TokenPrefixes) -> Iterable[str]:
    """Each syllable of a row, with the one after it where that is whole or can be told by a few; where many begin so,
    their initials side by side have to do."""
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
    """The syllables that begin with some letters."""
    return tuple(syllable for syllable in _full_syllables() if syllable.startswith(letters))


def matches_pinyin(text: str, word: str, *, only_start: bool = False) -> bool:
    """Whether folded ``text`` has in it what ``word`` spells: each character is named by itself, by a reading or by the
    reading's initial (of two letters, too: zh, ch, sh); the last one may be a begun reading."""
    return find_pinyin(text, word, only_start=only_start) is not None


def find_pinyin(text: str, word: str, *, only_start: bool = False) -> tuple[int, int] | None:
    """From where to where folded ``text`` first `matches_pinyin` as ``word``."""
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


def contains_word(text: str, word: QueryWord) -> bool:
    """Whether folded ``text`` has in it what ``word`` says or spells."""
    return word.text in text or (word.maybe_pinyin and matches_pinyin(text, word.text))


def name_matches(name: str, query: str) -> bool:
    """Whether a name is meant by what was typed: characters, initials or pinyin of it; by nothing typed, any."""
    asked = build_query(query)
    return asked is None or all(contains_word(fold(name), one) for one in asked.words)


def starts_with_word(text: str, word: QueryWord) -> bool:
    """Whether folded ``text`` starts with what ``word`` says or spells."""
    return text.startswith(word.text) or (word.maybe_pinyin and matches_pinyin(text, word.text, only_start=True))


def _matched_lengths(character: str, rest: str) -> Iterable[int]:
    """How many characters of ``rest`` may name ``character``."""
    if rest[0] == character:
        yield 1
    for reading in pinyin_of(character):
        if reading.startswith(rest):
            yield len(rest)
        elif rest.startswith(reading):
            yield len(reading)
        if reading[0] == rest[0]:
            yield 1
            if len(rest) > 1 and reading[:2] == rest[:2] and rest.startswith(_DIGRAPHS):
                yield 2
