"""Where a text matches a search: match positions and snippets. Pure; the only place that maps folded text back.

A match is what was typed, compared folded (`store.search.tokenizer.fold`), or what its initials and pinyin stand for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from store.search.pinyin import find_pinyin
from store.search.tokenizer import fold

if TYPE_CHECKING:
    from store.search.query import QueryWord

TextRange = tuple[int, int]
"""The positions of the first character and of the one after the last."""
CONTEXT_LENGTH, SNIPPET_LENGTH = 12, 48
_MAX_FOLDED = 20_000
"""At most so many characters of a text are folded one by one."""


def matched_ranges(text: str, words: Sequence[QueryWord], *, allow_pinyin: bool = True) -> list[TextRange]:
    """Where ``text`` matches the words, in order, overlapping ranges merged. ``allow_pinyin``: initials and pinyin
    match, too; texts of lines are searched as typed only, titles and names also by pinyin."""
    folded, origins = _fold_with_origins(text)
    found = sorted(match for word in words if (match := _matched_range(folded, word, allow_pinyin)))
    return list(_merge_overlaps(_original(origins, match) for match in found))


def find_word(text: str, word: str) -> TextRange | None:
    """Where ``text`` has the folded ``word`` first; None where it has not, in its first 20,000 characters."""
    at = text.find(word)
    if at >= 0:
        return at, at + len(word)
    folded, origins = _fold_with_origins(text[:_MAX_FOLDED])
    at = folded.find(word)
    return None if at < 0 else _original(origins, (at, at + len(word)))


def snippet(texts: Sequence[str], words: Sequence[str]) -> str:
    """The part of the first text that has the first of the folded ``words``, around it; empty where none has any."""
    for word in words:
        for text in texts:
            if (match := find_word(text, word)) is not None:
                return snippet_around(text, match)
    return ""


def snippet_around(text: str, match: TextRange) -> str:
    """The part of ``text`` around ``match`` that fits a row of a list, on one line."""
    start = max(0, match[0] - CONTEXT_LENGTH) if len(text) > SNIPPET_LENGTH else 0
    part = " ".join(text[start : start + SNIPPET_LENGTH].split())
    return ("…" if start else "") + part + ("…" if start + SNIPPET_LENGTH < len(text) else "")


def _matched_range(folded: str, word: QueryWord, allow_pinyin: bool) -> TextRange | None:
    at = folded.find(word.text)
    if at >= 0:
        return at, at + len(word.text)
    return find_pinyin(folded, word.text) if allow_pinyin and word.maybe_pinyin else None


def _fold_with_origins(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the position in ``text`` that it came from."""
    pieces = [_fold_character(character) for character in text]
    return "".join(pieces), [at for at, piece in enumerate(pieces) for _ in piece]


def _original(origins: Sequence[int], match: TextRange) -> TextRange:
    """A range of the folded text as a range of the text."""
    return origins[match[0]], origins[match[1] - 1] + 1


def _merge_overlaps(ranges: Iterable[TextRange]) -> Iterable[TextRange]:
    """The ranges, of which those that overlap are merged."""
    before: TextRange | None = None
    for match in ranges:
        if before is not None and match[0] < before[1]:
            before = before[0], max(before[1], match[1])
            continue
        if before is not None:
            yield before
        before = match
    if before is not None:
        yield before


@lru_cache(8192)
def _fold_character(character: str) -> str:
    return fold(character)
