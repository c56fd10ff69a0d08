"""A short code in letters that a whole room can read. Each dot is two cells of ``##`` on a colour: ASCII, since block
elements are of ambiguous width, and readable without colours."""

from __future__ import annotations

from tui.widgets.cells import Span
from tui.widgets.page import BlankLine, PageBlock, StyledLine

_ROWS = 5
_GLYPHS = {
    "0": "75557", "1": "26227", "2": "71747", "3": "71317", "4": "55711", "5": "74717", "6": "74757", "7": "71222",
    "8": "75757", "9": "75717", "A": "25755", "B": "65656", "C": "34443", "D": "65556", "E": "74647", "F": "74644",
    "G": "34553", "H": "55755", "J": "11152", "K": "55655", "M": "57755", "N": "65555", "P": "65644", "Q": "25563",
    "R": "75765", "S": "34216", "T": "72222", "V": "55552", "W": "55775", "X": "55255", "Y": "55222", "Z": "71247",
}  # fmt: skip
"""Of each character five rows of three dots, the leftmost worth 4."""
_DOT, _NONE, _APART = ("##", "blue"), ("  ", ""), ("  ", "")


def large_code(code: str) -> list[PageBlock]:
    """A code of groups with dashes between them, two groups a line: 68 cells wide."""
    blocks: list[PageBlock] = []
    groups = code.split("-")
    for first in range(0, len(groups), 2):
        if blocks:
            blocks.append(BlankLine())
        line = " ".join(groups[first : first + 2])
        blocks += [StyledLine(tuple(_row(line, row))) for row in range(_ROWS)]
    return blocks


def _row(text: str, row: int) -> list[Span]:
    spans: list[Span] = []
    for character in text:
        bits = int(_GLYPHS[character][row]) if character in _GLYPHS else None
        spans += [_DOT if bits & bit else _NONE for bit in (4, 2, 1)] if bits is not None else []
        spans.append(_APART)
    return spans
