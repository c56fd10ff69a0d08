"""What in a text matched a lookup: the very characters that were typed, or those that initials and pinyin mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from store.search.query import QueryWord, find_pinyin
from store.search.tokenizer import fold

TextRange = tuple[int, int]
"""From which character to which."""


def matched_ranges(text: str, words: Sequence[QueryWord], *, allow_pinyin: bool = True) -> list[TextRange]:
    """Where ``text`` has the words, in order, those that overlap as one; what they spell only where ``spelled``: what
    a line says at length is found as it is typed alone, titles and names by their readings, too."""
    folded, origin = _fold_with_origins(text)
    found = sorted(place for word in words if (place := _matched_range(folded, word, allow_pinyin)))
    return list(_merge_overlaps((origin[start], origin[end - 1] + 1) for start, end in found))


def _matched_range(folded: str, word: QueryWord, allow_pinyin: bool) -> TextRange | None:
    at = folded.find(word.text)
    if at >= 0:
        return at, at + len(word.text)
    return find_pinyin(folded, word.text) if allow_pinyin and word.maybe_pinyin else None


def _fold_with_origins(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters which one of ``text`` it came from."""
    pieces = [_fold_character(character) for character in text]
    return "".join(pieces), [at for at, piece in enumerate(pieces) for _ in piece]


def _merge_overlaps(ranges: Iterable[TextRange]) -> Iterable[TextRange]:
    """The places with those that overlap made one."""
    before: TextRange | None = None
    for place in ranges:
        if before is not None and place[0] < before[1]:
            before = before[0], max(before[1], place[1])
            continue
        if before is not None:
            yield before
        before = place
    if before is not None:
        yield before


@lru_cache(8192)
def _fold_character(character: str) -> str:
    return fold(character)
