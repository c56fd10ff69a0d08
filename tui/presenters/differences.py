"""The differences of two texts, word by word.

A Chinese character is a word, a run of Latin letters or digits is one. A single unchanged word between two changes is
merged into them: one changed phrase is easier to read than fragments.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from tui.widgets.cells import Span, Spans

REMOVED_MARK, ADDED_MARK = ("[-", "-]", "bad"), ("{+", "+}", "good")
"""The marks of removed and added parts: the glyphs around them and their style."""
_WORDS = re.compile(r"[A-Za-z0-9]+(?:\.[0-9]+)?|\s+|.", re.DOTALL)
_MAX_WORDS = 3000
"""Texts of more words are compared sentence by sentence."""
_SENTENCES = re.compile(r"[^。；;\n]*[。；;\n]?")
_SHORT_RUN = 1


def diff_spans(old: str, new: str) -> tuple[Spans, Spans]:
    """The old text with the removed parts marked, and the new text with the added ones."""
    olds, news = _parts(old, new)
    before: list[Span] = []
    after: list[Span] = []
    for same, i, j, m, n in _runs(olds, news):
        if same:
            before.append(("".join(olds[i:j]), ""))
            after.append(("".join(news[m:n]), ""))
        else:
            before += _mark_spans("".join(olds[i:j]), REMOVED_MARK)
            after += _mark_spans("".join(news[m:n]), ADDED_MARK)
    return tuple(before), tuple(after)


def _parts(old: str, new: str) -> tuple[list[str], list[str]]:
    olds, news = _WORDS.findall(old), _WORDS.findall(new)
    if max(len(olds), len(news)) > _MAX_WORDS:
        return [part for part in _SENTENCES.findall(old) if part], [part for part in _SENTENCES.findall(new) if part]
    return olds, news


def _mark_spans(text: str, mark: tuple[str, str, str]) -> list[Span]:
    opens, closes, style = mark
    return [(f"{opens}{text}{closes}", style)] if text else []


def _runs(olds: Sequence[str], news: Sequence[str]) -> list[tuple[bool, int, int, int, int]]:
    """Runs of words: whether they are equal, and their positions in both texts."""
    matcher = SequenceMatcher(None, olds, news, autojunk=False)
    runs: list[tuple[bool, int, int, int, int]] = []
    opcodes = matcher.get_opcodes()
    for place, (tag, i, j, m, n) in enumerate(opcodes):
        same = tag == "equal" and not (0 < place < len(opcodes) - 1 and j - i <= _SHORT_RUN)
        if runs and not same and not runs[-1][0]:
            runs[-1] = (False, runs[-1][1], j, runs[-1][3], n)
        else:
            runs.append((same, i, j, m, n))
    return runs
