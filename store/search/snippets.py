"""A few words around what a lookup found, taken from the lines themselves: the index holds no text."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from store.db.connection import Connection
from store.search.tokenizer import fold

CONTEXT_LENGTH, SNIPPET_LENGTH = 12, 48
_EXCLUDED_COLUMNS = frozenset(
    ("id", "district", "project_id", "stamp", "device_id", "author_id", "deleted", "base", "extra", "digest")
)
_MAX_FOLDED = 20_000
"""So many characters of a text are looked through where it must be folded character by character."""


def snippets(connection: Connection, hits: Iterable[tuple[str, str]], words: Sequence[str]) -> dict[str, str]:
    """For each hit, given as kind and id, what its line says around the first of the folded ``words`` that it has.
    One statement for each kind."""
    found: dict[str, str] = {}
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, line in hits:
        by_kind[kind].append(line)
    for kind, lines in by_kind.items():
        query = f'SELECT * FROM "{kind}" WHERE id IN (SELECT value FROM json_each(?))'
        cursor = connection.execute(query, (json.dumps(lines),))
        names = [column[0] for column in cursor.description]
        told = [at for at, name in enumerate(names) if name not in _EXCLUDED_COLUMNS and not name.endswith("_id")]
        id_at = names.index("id")
        for row in cursor:
            found[row[id_at]] = _first_snippet([row[at] for at in told if isinstance(row[at], str)], words)
    return found


def _first_snippet(texts: Sequence[str], words: Sequence[str]) -> str:
    for word in words:
        for text in texts:
            if (span := find_word(text, word)) is not None:
                return snippet_around(text, span)
    return ""


def find_word(text: str, word: str) -> tuple[int, int] | None:
    """Where ``text`` has the folded ``word``: from which character to which. None when it has not."""
    at = text.find(word)
    if at >= 0:
        return at, at + len(word)
    folded, origin = [], []
    for index, character in enumerate(text[:_MAX_FOLDED]):
        piece = _fold_character(character)
        folded.append(piece)
        origin += [index] * len(piece)
    at = "".join(folded).find(word)
    return None if at < 0 else (origin[at], origin[at + len(word) - 1] + 1)


def snippet_around(text: str, span: tuple[int, int]) -> str:
    """The part of ``text`` that a line of a list has room for, with ``span`` in it, on one line."""
    start = max(0, span[0] - CONTEXT_LENGTH) if len(text) > SNIPPET_LENGTH else 0
    part = " ".join(text[start : start + SNIPPET_LENGTH].split())
    return ("…" if start else "") + part + ("…" if start + SNIPPET_LENGTH < len(text) else "")


@lru_cache(8192)
def _fold_character(character: str) -> str:
    return fold(character)
