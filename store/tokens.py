"""The words of the lookup's index: how text is folded and cut up. `indexing` writes them, `search` asks for them.

Text is folded to letters, digits and ideographs, in one case and one width, so that spaces and punctuation never stand
between people and what they look for. Then every position becomes one token, so that any substring is a phrase: an
ideograph is a token by itself; in a run of Latin letters and digits each position holds the three characters from there
on (``2019续`` is ``201 019 19 9 续``), since single digits would be in nearly every line.

Each field has its own mark before its tokens, so that a title is found at once although the texts are full of the same
word. Marks are punctuation: folding removes it from what people type, so nothing typed can be a mark or an operator.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import product
from typing import NamedTuple

_NOISE = re.compile(r"[\W_]+")
_RUN = re.compile("([0-9a-z]+)")
_NAMES = re.compile(r"[\s、，,;；/]+")
_GRAM = 3
KIND_MARK = "¢"


class Marks(NamedTuple):
    """The marks of one field: of its ``character`` tokens; of its ``syllable`` tokens, each followed by the initial
    that comes ``after`` it; of its initials, ``single`` and up to three in a row (``gram``). ``start`` marks the first
    token of a title, ``start_gram`` its first initial and its first three, ``start_syllable`` its first syllable."""

    character: str
    single: str
    gram: str
    syllable: str
    after: str
    start: str
    start_gram: str = ""
    start_syllable: str = ""


TITLE = Marks("¶", "¦", "§", "¬", "´", "¡", "¿", "°")
PEOPLE = Marks("«", "¥", "¤", "»", "¨", "±")
TEXT_SINGLE = "£"
"""The mark of the letters and digits that are somewhere in the text."""


def fold(text: str) -> str:
    """``text`` as it is compared: letters, digits and ideographs only, NFKD, no accents, one case. Works character by
    character, so that a substring folds to a substring."""
    text = _NOISE.sub("", text)
    if not unicodedata.is_normalized("NFKD", text):
        text = _NOISE.sub("", unicodedata.normalize("NFKD", text))
    return text.casefold()


def kind_token(kind: str) -> str:
    """The token that every line of a kind has."""
    return KIND_MARK + fold(kind)


def names_in(people: str) -> list[str]:
    """The names in a list of people as it is written, ``张三、李四``."""
    return [name for name in _NAMES.split(people) if name]


def split_runs(folded: str) -> list[str]:
    """Folded text cut up: other characters and runs of Latin letters and digits by turns, beginning and ending with
    others, if only an empty string."""
    return _RUN.split(folded)


def stream(folded: str) -> list[str]:
    """The tokens of folded text, one for each position, without marks."""
    tokens: list[str] = []
    for place, piece in enumerate(split_runs(folded)):
        tokens += [piece[at : at + _GRAM] for at in range(len(piece))] if place % 2 else piece
    return tokens


def phrase(word: str, mark: str, start: str = "") -> str:
    """The FTS5 expression that finds folded ``word`` exactly, anywhere in the tokens with ``mark``, or only where a
    string starts, if ``start`` is given."""
    tail = _tail(word)
    tokens = stream(word)
    if len(tail) >= _GRAM:
        tokens = tokens[: 1 - _GRAM]
    elif tail:
        tokens = tokens[: len(tokens) - len(tail) + 1]
    marked = [mark + token for token in tokens]
    if start:
        marked[:1] = (
            [start + tokens[0], *marked[:1]] if len(tokens) > 1 or len(tail) != len(word) else [start + tokens[0]]
        )
    return f'"{" ".join(marked)}"' + ("*" if 0 < len(tail) < _GRAM else "")


def _tail(word: str) -> str:
    """The run at the end of a word: it may go on in the text."""
    pieces = split_runs(word)
    return pieces[-2] if len(pieces) > 1 and not pieces[-1] else ""


def initials(row: Sequence[Iterable[str]], marks: Marks) -> list[list[str]]:
    """What stands in the index for a row of possible initials: alternatives, of which each list must have one."""
    if len(row) == 1:
        return [[f'"{marks.single}{letter}"' for letter in row[0]]]
    windows = [row[at : at + _GRAM] for at in range(max(1, len(row) - _GRAM + 1))]
    return [_grams(window, marks.gram, len(row) == 2) for window in windows]


def first_initials(row: Sequence[Iterable[str]], marks: Marks) -> list[str]:
    """What stands in the index for a title that starts with a row of possible initials: alternatives."""
    return _grams(row[:_GRAM], marks.start_gram, len(row) == 2)


def _grams(window: Sequence[Iterable[str]], mark: str, begun: bool) -> list[str]:
    return [f'"{mark}{"".join(letters)}"{"*" if begun else ""}' for letters in product(*window)]
