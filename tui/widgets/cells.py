"""Text in terminal cells: sanitized, cut and padded, so that full-width (Chinese) characters align.

Characters of ambiguous width (``…``, ``●``, ``▲``) are drawn one cell wide by some terminals and two by others, so
nothing here uses them: a cut is shown by ``»``, which is narrow everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from store.values.text import sanitize

if TYPE_CHECKING:
    from textual.content import Content

CUT_MARK = "»"
_LINE_BREAKS = str.maketrans({"\n": " ", "\t": " ", "\u2028": " ", "\u2029": " "})
Span = tuple[str, str]
"""Some text and the name of its style (a component class without its prefix; "" is plain)."""
Spans = tuple[Span, ...]
Cell = str | Spans
"""The content of a column for a row."""


def single_line(text: str) -> str:
    """``text`` on one line, without control characters."""
    return sanitize(text).translate(_LINE_BREAKS)


def plain_content(text: str) -> Content:
    """``text`` for a widget: sanitized, with its line ends, never parsed as markup."""
    from textual.content import Content  # noqa: PLC0415 - a command cuts and pads text without Textual

    return Content(sanitize(text).expandtabs(4))


def fit(text: str, width: int, *, right: bool = False) -> str:
    """``text`` in exactly ``width`` cells: padded, or cut with a mark; never half a wide character."""
    length = cell_len(text)
    if length > width:
        return "" if width < 1 else set_cell_size(text, width - 1) + CUT_MARK
    space = " " * (width - length)
    return space + text if right else text + space


def shorten(text: str, width: int = 40) -> str:
    """``text`` on one line in at most ``width`` cells, for a message that names something."""
    return fit(single_line(text), min(width, cell_len(single_line(text))))


def fit_spans(spans: Iterable[Span], width: int) -> list[Span]:
    """Styled texts in exactly ``width`` cells together."""
    fitted: list[Span] = []
    left = width
    parts = [(single_line(text), style) for text, style in spans]
    for place, (text, style) in enumerate(parts):
        follows = any(later for later, _style in parts[place + 1 :])
        length = cell_len(text)
        if length > left or (follows and length == left):
            fitted.append((fit(text + " ", left), style))
            return fitted
        fitted.append((text, style))
        left -= length
    return [*fitted, (" " * left, "")] if left else fitted


def wrap(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` cells. Chinese breaks anywhere but before closing punctuation; Latin
    words stay whole where they fit."""
    return [line for paragraph in sanitize(text).expandtabs(4).split("\n") for line in _wrap_one(paragraph, width)]


_NEVER_FIRST = frozenset("，。、；：？！）》」』】〉”’…—%,.;:?!)]}")


def _wrap_one(text: str, width: int) -> list[str]:
    lines, line, used = [], "", 0
    for piece in _pieces(text, max(width, 2)):
        length = cell_len(piece.rstrip())
        if used + length > width and line:
            lines.append(line.rstrip())
            line, used = "", 0
        line += piece if line else piece.lstrip() or ""
        used = cell_len(line)
    return [*lines, line.rstrip()]


def _pieces(text: str, longest: int) -> list[str]:
    """The parts of ``text`` between which a line may end, none longer than ``longest`` cells."""
    pieces: list[str] = []
    size = 0
    for char in text:
        wide, last = cell_len(char), pieces[-1][-1] if pieces else ""
        joins = char in _NEVER_FIRST or char.isspace() or (wide < 2 and cell_len(last) < 2 and not last.isspace())
        if last and joins and size + wide <= longest:
            pieces[-1] += char
            size += wide
        else:
            pieces.append(char)
            size = wide
    return pieces
