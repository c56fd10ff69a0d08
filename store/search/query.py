"""What a lookup asks of the index: typed text, cut into words, each as FTS5 expressions over `store.search.tokenizer`.

A word of ideographs and digits is a phrase: what it finds is exact. A word with Latin letters may also be initials or
pinyin, whole or begun, mixed with ideographs (``ljxq``, ``linjiang``, ``zhangs``, ``刘jx``). The index narrows these
down by initials and syllables, and `reads` decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from store.search.pinyin import readings_of, syllables
from store.search.tokenizer import (
    PEOPLE,
    TITLE,
    Marks,
    at_start,
    first_initials,
    fold,
    in_field,
    in_text,
    initials,
    kind_token,
)

MAX_WORDS = 8
MAX_LENGTH = 64
_ROWS = 12
_BETWEEN = re.compile(r"[\s、，,。;；]+")
_LETTERS = re.compile("[a-z]")
_LONGEST = 6
_MANY = 4
"""So many phrases are asked for one by one."""
_VOWELS = frozenset("aeiouv")
_TWO_LETTERS = ("zh", "ch", "sh")


class Word(NamedTuple):
    """A folded word that was typed, and the expressions that find it: at a title's start, in a title, among people, in
    the text. ``spelled``: it has Latin letters, so what its title and people expressions find must pass `reads`."""

    text: str
    spelled: bool
    start: str
    title: str
    people: str
    body: str


class Rank(NamedTuple):
    """One rank of hits: the score they get and the expression that finds them. ``spelled``: what it finds must pass
    `reads`."""

    score: int
    expression: str
    spelled: bool


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: the words, the number it may be, and the ranks, best first. ``people`` must all be named by a
    line, or be its own name if it is a person's; ``numbers`` must all be in its number."""

    words: tuple[Word, ...]
    number: str | None
    ranks: tuple[Rank, ...]
    people: tuple[Word, ...] = ()
    numbers: tuple[str, ...] = ()


NUMBER, START, TITLES, AMONG_PEOPLE, ANYWHERE = 5, 4, 3, 2, 1
"""The scores."""


def question(text: str, people: Iterable[str] = (), numbers: Iterable[str] = ()) -> Question | None:
    """What ``text`` asks, among the lines that name ``people`` and have ``numbers``; None when there is nothing in it
    to look for. Never raises."""
    words, named = _words(_BETWEEN.split(text[: MAX_WORDS * MAX_LENGTH])), _words(people)
    wanted = tuple(filter(None, (fold(number)[:MAX_LENGTH] for number in numbers)))
    if not (words or named or wanted):
        return None
    alone = [word.text for word in words] if not wanted else [*wanted] if not words else []
    kept = [*map(_named_by, named), *(in_field(number, TITLE) for number in wanted)]
    spelled = bool(wanted) or any(one.spelled for one in named)
    ranks = tuple(_kept(_ranks(words) if words else [_alone(bool(wanted))], kept, spelled))
    return Question(words, alone[0] if len(alone) == 1 else None, ranks, named, wanted)


def _words(typed: Iterable[str]) -> tuple[Word, ...]:
    folded = [fold(part)[:MAX_LENGTH] for part in typed]
    return tuple(_word(part) for part in list(dict.fromkeys(filter(None, folded)))[:MAX_WORDS])


def _named_by(word: Word) -> str:
    """What finds the lines that name somebody, and the person's own."""
    return _any((word.people, _all((word.title, f'"{kind_token("person")}"'))))


def _alone(numbered: bool) -> Rank:
    """The only rank of a question without words: nothing tells its hits apart but their age."""
    return Rank(TITLES if numbered else AMONG_PEOPLE, "", False)


def _kept(ranks: Iterable[Rank], kept: Sequence[str], spelled: bool) -> Iterable[Rank]:
    """The ranks with what every hit must have besides."""
    for rank in ranks:
        narrowed = Rank(rank.score, _all([rank.expression, *kept]), rank.spelled or spelled)
        yield narrowed if kept else rank


def _ranks(words: Sequence[Word]) -> Iterable[Rank]:
    """Each rank's expression finds the better ranks' lines again, and the last one everything, unless there is but one
    word: then people and text alone are asked for."""
    spelled = any(word.spelled for word in words)
    titles = _all(word.title for word in words)
    yield Rank(START, _all([_any(word.start for word in words), *([titles] if len(words) > 1 else [])]), spelled)
    yield Rank(TITLES, titles, spelled)
    if len(words) == 1:
        yield Rank(AMONG_PEOPLE, words[0].people, spelled)
        yield Rank(ANYWHERE, words[0].body, False)
    else:
        yield Rank(AMONG_PEOPLE, _all(_any((word.title, word.people)) for word in words), spelled)
        yield Rank(ANYWHERE, _all(_any((word.title, word.people, word.body)) for word in words), spelled)


def _word(text: str) -> Word:
    start, body = at_start(text), in_text(text)
    titles, people = (in_field(text, marks) for marks in (TITLE, PEOPLE))
    if _LETTERS.search(text) is None:
        return Word(text, False, start, titles, people, body)
    rows = _rows(text)
    start = _any((start, _spelled(rows, TITLE, True)))
    titles = _any((titles, _spelled(rows, TITLE, False)))
    return Word(text, True, start, titles, _any((people, _spelled(rows, PEOPLE, False))), body)


def _all(expressions: Iterable[str]) -> str:
    return _joined(" AND ", expressions)


def _any(expressions: Iterable[str]) -> str:
    return _joined(" OR ", expressions)


def _joined(operator: str, expressions: Iterable[str]) -> str:
    found = list(dict.fromkeys(filter(None, expressions)))
    return found[0] if len(found) == 1 else f"({operator.join(found)})" if found else ""


# Words that may be pinyin


class Unit(NamedTuple):
    """What stands for one character of a title: its possible initials, and its syllable, whole or ``begun``, or the
    character itself, where these were typed."""

    heads: str
    syllable: str = ""
    begun: bool = False
    character: str = ""


Row = tuple[Unit, ...]
_NOTHING = Unit("")


def _rows(word: str) -> list[Row]:
    """The ways to read a word: letter by letter, and as syllables where it can be cut into them."""
    return list(dict.fromkeys([tuple(map(_unit, word)), *_cuts(word)]))


@cache
def _unit(character: str) -> Unit:
    if character.isascii():
        return Unit(character)
    return Unit("".join(dict.fromkeys(reading[0] for reading in readings_of(character))), character=character)


def _cuts(word: str) -> list[Row]:
    """The ways to cut a word into syllables with the fewest bare initials, a begun syllable or initial at the end
    counting as whole; the shortest first, a dozen at most."""
    best: list[list[tuple[int, int, Row]]] = [[] for _ in word] + [[(0, 0, ())]]
    for at in range(len(word) - 1, -1, -1):
        longer = [
            (bare + cost, units + 1, (unit, *row))
            for size, cost, unit in _pieces(word, at)
            for bare, units, row in best[at + size]
        ]
        best[at] = sorted(longer, key=lambda found: found[:2])[:_ROWS]
    return [row for bare, _, row in best[0] if bare == best[0][0][0]]


def _pieces(word: str, at: int) -> Iterable[tuple[int, int, Unit]]:
    """What a word may go on with: how many characters, whether that is a bare initial in the middle, and the unit."""
    letter, rest = word[at], word[at:]
    if _LETTERS.match(letter) is None:
        yield 1, 0, _unit(letter)
        return
    for size in range(2, min(_LONGEST, len(rest) - 1) + 1):
        if rest[:size] in _spoken():
            yield size, 0, Unit(letter, rest[:size])
    if len(rest) > 1 and rest not in _TWO_LETTERS and _begun(rest):
        yield len(rest), 0, Unit(letter, rest, begun=True)
    for size in (1, 2) if rest.startswith(_TWO_LETTERS) else (1,):
        yield size, int(size < len(rest)), Unit(letter)


@cache
def _spoken() -> dict[str, None]:
    """The syllables that a word may be cut into, in order: not those that are mere sounds (hm, ng)."""
    return {syllable: None for syllable in syllables() if not _VOWELS.isdisjoint(syllable)}


def _spelled(rows: Iterable[Row], marks: Marks, at_start: bool) -> str:
    return _any(_narrowed(row, marks, at_start) for row in rows)


def _narrowed(row: Row, marks: Marks, at_start: bool) -> str:
    """What every title that reads like ``row``, or starts so, has in the index."""
    heads = [unit.heads for unit in row]
    parts = [*_first(row, heads, marks)] if at_start else []
    if not at_start or len(row) > 3:
        if not all(unit.syllable for unit in row):
            parts += [_any(alternatives) for alternatives in initials(heads, marks)]
        parts += _sounds(row, marks)
    parts += [f'"{marks.single}{unit.character}"' for unit in row if unit.character]
    return _all(parts)


def _first(row: Row, heads: Sequence[str], marks: Marks) -> Iterable[str]:
    """The start of a title that reads like ``row``: its first syllable and its first three initials."""
    if row[0].syllable:
        yield _any(f'"{marks.start_syllable}{syllable}"' for syllable in _meant(row[0]))
    if len(row) > 1 or not row[0].syllable:
        yield _any(first_initials(heads, marks))


def _sounds(row: Row, marks: Marks) -> Iterable[str]:
    """Each syllable of a row, with the one after it where that is whole or can be told by a few; where many begin so,
    their initials side by side have to do."""
    for before, unit, after in zip((_NOTHING, *row), row, (*row[1:], _NOTHING), strict=False):
        if not unit.syllable:
            continue
        meant = _meant(after) if after.syllable else ()
        if 0 < len(meant) <= _MANY:
            yield _any(f'"{marks.syllable}{unit.syllable} {marks.syllable}{syllable}"' for syllable in meant)
        elif meant:
            yield f'"{marks.syllable}{unit.syllable}"'
            yield f'"{marks.gram}{unit.heads}{after.heads}"'
        elif after.heads or not before.syllable:
            yield _any(f'"{marks.syllable}{syllable}"' for syllable in _meant(unit))


def _meant(unit: Unit) -> tuple[str, ...]:
    return _begun(unit.syllable) if unit.begun else (unit.syllable,)


@cache
def _begun(letters: str) -> tuple[str, ...]:
    """The syllables that begin with some letters."""
    return tuple(syllable for syllable in _spoken() if syllable.startswith(letters))


def reads(text: str, word: str, *, only_start: bool = False) -> bool:
    """Whether folded ``text`` has in it what ``word`` spells: each character is named by itself, by a reading or by the
    reading's initial (of two letters, too: zh, ch, sh); the last one may be a begun reading."""
    return read_at(text, word, only_start=only_start) is not None


def read_at(text: str, word: str, *, only_start: bool = False) -> tuple[int, int] | None:
    """From where to where folded ``text`` first `reads` as ``word``."""
    dead: set[tuple[int, int]] = set()

    def end(at: int, done: int) -> int | None:
        if done == len(word):
            return at
        if at == len(text) or (at, done) in dead:
            return None
        for size in _named(text[at], word[done:]):
            if (found := end(at + 1, done + size)) is not None:
                return found
        dead.add((at, done))
        return None

    starts = range(1 if only_start else len(text))
    return next(((at, found) for at in starts if (found := end(at, 0)) is not None), None)


def has(text: str, word: Word) -> bool:
    """Whether folded ``text`` has in it what ``word`` says or spells."""
    return word.text in text or (word.spelled and reads(text, word.text))


def fits(told: str, typed: str) -> bool:
    """Whether a name is meant by what was typed: characters, initials or pinyin of it; by nothing typed, any."""
    asked = question(typed)
    return asked is None or all(has(fold(told), one) for one in asked.words)


def starts(text: str, word: Word) -> bool:
    """Whether folded ``text`` starts with what ``word`` says or spells."""
    return text.startswith(word.text) or (word.spelled and reads(text, word.text, only_start=True))


def _named(character: str, rest: str) -> Iterable[int]:
    """How many characters of ``rest`` may name ``character``."""
    if rest[0] == character:
        yield 1
    for reading in readings_of(character):
        if reading.startswith(rest):
            yield len(rest)
        elif rest.startswith(reading):
            yield len(reading)
        if reading[0] == rest[0]:
            yield 1
            if len(rest) > 1 and reading[:2] == rest[:2] and rest.startswith(_TWO_LETTERS):
                yield 2
