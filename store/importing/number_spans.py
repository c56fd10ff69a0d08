"""Writes numbers of rows and letters of columns for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from string import ascii_uppercase

_MOST_SPANS = 12
"""How many rows or columns a warning lists."""


def column_letters(column: int) -> str:
    """The letters of a column, which is counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, len(ascii_uppercase))
        letters = ascii_uppercase[rest] + letters
    return letters


def spans_text(numbers: Iterable[int], name: Callable[[int], str] = str) -> str:
    """Ascending numbers for people: “3–5, 8”, shortened where they are many."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    texts = [name(first) if first == last else f"{name(first)}–{name(last)}" for first, last in spans[:_MOST_SPANS]]
    return ", ".join(texts) + (" …" if len(spans) > _MOST_SPANS else "")
