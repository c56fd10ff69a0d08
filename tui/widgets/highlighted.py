"""A passage with parts in styles of their own, such as the two sides of a difference. Only draws: the parts are
computed by presenters (``tui/presenters/differences.py``, ``search_hits.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from store.values.text import sanitize
from tui.widgets.cells import Span, Spans, wrap


@dataclass(frozen=True, slots=True)
class HighlightedPassage:
    """A block for `tui.widgets.page.PageView`: styled texts that are wrapped together."""

    spans: Spans
    indent: int = 0

    def lay_out(self, width: int) -> list[Sequence[Span]]:
        """The wrapped lines; each character keeps its style."""
        chars = [(char, style) for text, style in self.spans for char in sanitize(text).expandtabs(4)]
        lines = wrap("".join(char for char, _style in chars), max(width - self.indent, 2))
        place, laid_out = 0, []
        for line in lines:
            spans: list[Span] = [(" " * self.indent, "")]
            for char in line:
                while chars[place][0] != char:  # white space at a line's end or beginning is not drawn
                    place += 1
                spans = _append_char(spans, chars[place])
                place += 1
            laid_out.append(spans)
        return list(laid_out)


def _append_char(spans: list[Span], char_span: Span) -> list[Span]:
    """The spans of a line with one more character."""
    char, style = char_span
    if spans[-1][1] == style:
        spans[-1] = (spans[-1][0] + char, style)
    else:
        spans.append((char, style))
    return spans
