"""What in a text matched a lookup: the very characters that were typed, or those that initials and pinyin mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from store.search.query import Word, read_at
from store.search.tokenizer import fold

Place = tuple[int, int]
"""From which character to which."""


def places(text: str, words: Sequence[Word], *, spelled: bool = True) -> list[Place]:
    """Where ``text`` has the words, in order, those that overlap as one; what they spell only where ``spelled``: what
    a line says at length is found as it is typed alone, titles and names by their readings, too."""
    folded, origin = _folded(text)
    found = sorted(place for word in words if (place := _place(folded, word, spelled)))
    return list(_joined((origin[start], origin[end - 1] + 1) for start, end in found))


def _place(folded: str, word: Word, spelled: bool) -> Place | None:
    at = folded.find(word.text)
    if at >= 0:
        return at, at + len(word.text)
    return read_at(folded, word.text) if spelled and word.spelled else None


def _folded(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters which one of ``text`` it came from."""
    pieces = [_fold_one(character) for character in text]
    return "".join(pieces), [at for at, piece in enumerate(pieces) for _ in piece]


def _joined(found: Iterable[Place]) -> Iterable[Place]:
    """The places with those that overlap made one."""
    before: Place | None = None
    for place in found:
        if before is not None and place[0] < before[1]:
            before = before[0], max(before[1], place[1])
            continue
        if before is not None:
            yield before
        before = place
    if before is not None:
        yield before


@lru_cache(8192)
def _fold_one(character: str) -> str:
    return fold(character)
