"""The words of the lookup's index: how text is folded and cut up. `indexing` writes them, `search` asks for them.

Text is folded to letters, digits and ideographs, in one case and one width, so that spaces and punctuation never stand
between people and what they look for. Then every position becomes one token, so that any substring is a phrase: an
ideograph is a token by itself; in a run of Latin letters and digits each position holds the three characters from there
on (``2019续`` is ``201 019 19 9 续``), since single digits would be in nearly every line. In titles and names an
ideograph holds the one after it, too (``临江新区`` is ``临江 江新 新区 区``): two common characters are rare together.

Each field has its own mark before its tokens, so that a title is found at once although the texts are full of the same
word. Marks are punctuation: folding removes it from what people type, so nothing typed can be a mark or an operator.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import product
from typing import NamedTuple

_IGNORED = re.compile(r"[\W_]+")
_RUN = re.compile("([0-9a-z]+)")
_NAME_SEPARATORS = re.compile(r"[\s、，,;；/]+")
_GRAM_LENGTH = 3
START_LENGTH = 4
"""So many characters of a title's start are found by one token, whatever the title goes on with."""
MAX_ROWID = 2**28 - 1
"""The index's rowid of line ``n`` is so much less ``n``: FTS5 goes forward a third faster than backward, and forward is
then from the newest line on. More changes than that are still in order, below zero."""
KIND_PREFIX = "¢"


class TokenPrefixes(NamedTuple):
    """The marks of one field: of its ``character`` tokens, in their order; of what is somewhere in it, ``single``
    characters and initials; of its initials by two and three in a row (``gram``); of its syllables. ``start`` marks the
    beginnings of a title, ``start_gram`` its first one, two and three initials, ``start_syllable`` its first
    syllable."""

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
"""The mark of the letters and digits that are somewhere in the text."""


def fold(text: str) -> str:
    """``text`` as it is compared: letters, digits and ideographs only, NFKD, no accents, one case. Works character by
    character, so that a substring folds to a substring."""
    text = _IGNORED.sub("", text)
    if not unicodedata.is_normalized("NFKD", text):
        text = _IGNORED.sub("", unicodedata.normalize("NFKD", text))
    return text.casefold()


def kind_token(kind: str) -> str:
    """The token that every line of a kind has."""
    return KIND_PREFIX + fold(kind)


def split_names(people: str) -> list[str]:
    """The names in a list of people as it is written, ``张三、李四``."""
    return [name for name in _NAME_SEPARATORS.split(people) if name]


def split_runs(folded: str) -> list[str]:
    """Folded text cut up: other characters and runs of Latin letters and digits by turns, beginning and ending with
    others, if only an empty string."""
    return _RUN.split(folded)


def text_tokens(folded: str) -> list[str]:
    """The tokens of folded text, one for each position, without marks."""
    tokens: list[str] = []
    for place, piece in enumerate(split_runs(folded)):
        tokens += _trigrams(piece) if place % 2 else piece
    return tokens


def title_tokens(folded: str) -> list[str]:
    """The tokens of a folded title or name, one for each position, without marks."""
    tokens: list[str] = []
    for place, piece in enumerate(split_runs(folded)):
        tokens += _trigrams(piece) if place % 2 else _bigrams(piece)
    return tokens


def _bigrams(ideographs: str) -> list[str]:
    return [ideographs[at : at + 2] for at in range(len(ideographs))]


def _trigrams(characters: str) -> list[str]:
    return [characters[at : at + _GRAM_LENGTH] for at in range(len(characters))]


def start_tokens(folded: str) -> list[str]:
    """The beginnings of a folded title, the longest last: it stands before the title's other tokens."""
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
    tokens, begun = _stable_tokens(word, title_tokens(word))
    if not _trailing_run(word):
        begun = bool(_trailing_run(word[:-1]))
        tokens = tokens if begun else tokens[:-1]
    return _phrase([prefixes.character + token for token in tokens], begun)


def start_expression(word: str) -> str:
    """The FTS5 expression that finds the titles that start with folded ``word``."""
    first = f'"{TITLE_PREFIXES.start}{word[:START_LENGTH]}'
    return f'{first}"' if len(word) <= START_LENGTH else f"{first} {field_expression(word, TITLE_PREFIXES)[1:]}"


def _stable_tokens(word: str, tokens: list[str]) -> tuple[list[str], bool]:
    """The tokens of a word that may go on in the text: those that are the same then, and whether the last of them may
    be longer."""
    tail = len(_trailing_run(word))
    if tail >= _GRAM_LENGTH:
        return tokens[: 1 - _GRAM_LENGTH], False
    return (tokens[: len(tokens) - tail + 1], True) if tail else (tokens, False)


def _phrase(tokens: Sequence[str], is_prefix: bool) -> str:
    return f'"{" ".join(tokens)}"' + ("*" if is_prefix else "")


def _trailing_run(word: str) -> str:
    """The run at the end of a word: it may go on in the text."""
    pieces = split_runs(word)
    return pieces[-2] if len(pieces) > 1 and not pieces[-1] else ""


def initials_alternatives(initial_sets: Sequence[Iterable[str]], prefixes: TokenPrefixes) -> list[list[str]]:
    """What stands in the index for a row of possible initials: alternatives, of which each list must have one."""
    if len(initial_sets) == 1:
        return [_grams(initial_sets, prefixes.single)]
    return [
        _grams(initial_sets[at : at + _GRAM_LENGTH], prefixes.gram)
        for at in range(max(1, len(initial_sets) - _GRAM_LENGTH + 1))
    ]


def start_initials_alternatives(initial_sets: Sequence[Iterable[str]], prefixes: TokenPrefixes) -> list[str]:
    """What stands in the index for a title that starts with a row of possible initials: alternatives."""
    return _grams(initial_sets[:_GRAM_LENGTH], prefixes.start_gram)


def _grams(window: Sequence[Iterable[str]], prefix: str) -> list[str]:
    return [f'"{prefix}{"".join(letters)}"' for letters in product(*window)]
