"""The tokens of the search index: how text is folded and split. ``index.py`` writes them, ``query.py`` asks for them.

Text is folded to letters, digits and ideographs, in one case and one width, so that spaces and punctuation never
prevent a match. Then every position becomes one token, so that any substring is a phrase: an ideograph is a token by
itself; in a run of Latin letters and digits each position has the three characters from there on (``2019续`` is ``201
019 19 9 续``), since single digits would be in nearly every line. In titles and names an ideograph also has the one
after it (``临江新区`` is ``临江 江新 新区 区``): two common characters are rare together.

Each field has its own prefix before its tokens, so that a title is found at once although the texts are full of the
same word. Prefixes are punctuation, which folding removes from what people type, so nothing typed can be a prefix or an
operator. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import product
from typing import NamedTuple

from store.values.han_variants import fold_variants

_IGNORED = re.compile(r"[\W_]+")
_RUN = re.compile("([0-9a-z]+)")
_NAME_SEPARATORS = re.compile(r"[\s、，,;；/]+")
_GRAM_LENGTH = 3
START_LENGTH = 4
"""Beginnings of a title up to so many characters are tokens of their own."""
MAX_ROWID = 2**28 - 1
"""The rowid of line ``n`` in the index is this minus ``n``: FTS5 reads forward a third faster than backward, and
forward is then newest first. Beyond that many changes rowids are negative and still in order."""
KIND_PREFIX = "¢"


class TokenPrefixes(NamedTuple):
    """The prefixes of one field's tokens: of its characters in order (``character``); of characters and initials
    anywhere in it (``single``); of its initials by twos and threes (``gram``); of its syllables (``syllable``); of the
    beginnings of a title (``start``), its first one, two and three initials (``start_gram``) and its first syllable
    (``start_syllable``)."""

    character: str
    single: str
    gram: str
    syllable: str
    start: str = ""
    start_gram: str = ""
    start_syllable: str = ""


TITLE_PREFIXES = TokenPrefixes("¶", "¦", "§", "¬", "¡", "¿", "°")
PEOPLE_PREFIXES = TokenPrefixes("«", "¥", "¤", "»")
TEXT_SINGLE_PREFIX = "£"
"""The prefix of the letters and digits anywhere in the text."""


def fold(text: str) -> str:
    """``text`` as it is compared: letters, digits and ideographs only, NFKD, no accents, one case, one form of each
    ideograph. Works character by character, so that a substring folds to a substring."""
    text = _IGNORED.sub("", fold_variants(text))  # first: private code points are no letters
    if not unicodedata.is_normalized("NFKD", text):
        text = _IGNORED.sub("", fold_variants(unicodedata.normalize("NFKD", text)))
    return text.casefold()


def kind_token(kind: str) -> str:
    """The token that every line of this kind has."""
    return KIND_PREFIX + fold(kind)


def split_names(people: str) -> list[str]:
    """The names in a list of people as it is written, ``张三、李四``."""
    return [name for name in _NAME_SEPARATORS.split(people) if name]


def split_runs(folded: str) -> list[str]:
    """Folded text split into other characters and runs of Latin letters and digits, alternating; the first and last
    piece are other characters, possibly none."""
    return _RUN.split(folded)


def text_tokens(folded: str) -> list[str]:
    """The tokens of folded text, one for each position, without prefixes."""
    tokens: list[str] = []
    for at, piece in enumerate(split_runs(folded)):
        tokens += _trigrams(piece) if at % 2 else piece
    return tokens


def title_tokens(folded: str) -> list[str]:
    """The tokens of a folded title or name, one for each position, without prefixes."""
    tokens: list[str] = []
    for at, piece in enumerate(split_runs(folded)):
        tokens += _trigrams(piece) if at % 2 else _bigrams(piece)
    return tokens


def _bigrams(ideographs: str) -> list[str]:
    return [ideographs[at : at + 2] for at in range(len(ideographs))]


def _trigrams(characters: str) -> list[str]:
    return [characters[at : at + _GRAM_LENGTH] for at in range(len(characters))]


def start_tokens(folded: str) -> list[str]:
    """The beginnings of a folded title, the longest last, since it must precede the title's other tokens."""
    return [folded[:length] for length in range(1, min(len(folded), START_LENGTH) + 1)]


def text_expression(word: str) -> str:
    """The FTS5 expression that finds folded ``word`` exactly, anywhere in a text."""
    if len(word) == 1 and word.isascii():
        return f'"{TEXT_SINGLE_PREFIX}{word}"'
    return _phrase(*_stable_tokens(word, text_tokens(word)))


def field_expression(word: str, prefixes: TokenPrefixes) -> str:
    """The FTS5 expression that finds folded ``word`` exactly, anywhere in a title or name."""
    if len(word) == 1:
        return f'"{prefixes.single}{word}"'
    tokens, is_prefix = _stable_tokens(word, title_tokens(word))
    if not _trailing_run(word):
        is_prefix = bool(_trailing_run(word[:-1]))
        tokens = tokens if is_prefix else tokens[:-1]
    return _phrase([prefixes.character + token for token in tokens], is_prefix)


def start_expression(word: str) -> str:
    """The FTS5 expression that finds the titles that start with folded ``word``."""
    first = f'"{TITLE_PREFIXES.start}{word[:START_LENGTH]}'
    return f'{first}"' if len(word) <= START_LENGTH else f"{first} {field_expression(word, TITLE_PREFIXES)[1:]}"


def _stable_tokens(word: str, tokens: list[str]) -> tuple[list[str], bool]:
    """The tokens of a word that are the same however the text continues after it, and whether the last of them may be
    longer in the text."""
    tail = len(_trailing_run(word))
    if tail >= _GRAM_LENGTH:
        return tokens[: 1 - _GRAM_LENGTH], False
    return (tokens[: len(tokens) - tail + 1], True) if tail else (tokens, False)


def _phrase(tokens: Sequence[str], is_prefix: bool) -> str:
    return f'"{" ".join(tokens)}"' + ("*" if is_prefix else "")


def _trailing_run(word: str) -> str:
    """The run of letters and digits at the end of a word, which may be longer in the text."""
    pieces = split_runs(word)
    return pieces[-2] if len(pieces) > 1 and not pieces[-1] else ""


def initials_alternatives(initial_sets: Sequence[Iterable[str]], prefixes: TokenPrefixes) -> list[list[str]]:
    """The index terms for a sequence of possible initials: a list of alternatives for each position, all required."""
    if len(initial_sets) == 1:
        return [_grams(initial_sets, prefixes.single)]
    return [
        _grams(initial_sets[at : at + _GRAM_LENGTH], prefixes.gram)
        for at in range(max(1, len(initial_sets) - _GRAM_LENGTH + 1))
    ]


def start_initials_alternatives(initial_sets: Sequence[Iterable[str]], prefixes: TokenPrefixes) -> list[str]:
    """The index terms for a title that starts with a sequence of possible initials: alternatives."""
    return _grams(initial_sets[:_GRAM_LENGTH], prefixes.start_gram)


def _grams(window: Sequence[Iterable[str]], prefix: str) -> list[str]:
    return [f'"{prefix}{"".join(letters)}"' for letters in product(*window)]
