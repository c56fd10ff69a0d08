"""Screenshots as SVG: Textual's picture with Chinese text at its right width.

Rich sets the length of a text by its characters, not by its cells, so wide characters overlap; and it loads a font from
the network, which an offline office does not have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape
from itertools import groupby

from rich.cells import cell_len

_FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_TEXT = re.compile(r'<text class="([^"]+)" x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"([^>]*)>([^<]+)</text>')
FONTS = "DejaVu Sans Mono, Menlo, Consolas, Noto Sans Mono CJK SC, Source Han Mono SC, Microsoft YaHei, monospace"


def fix_wide_text(svg: str) -> str:
    """``svg`` with every character over its own cells, in fonts of the machine that shows it."""
    return (
        _TEXT.sub(_split_runs, _FONT_FACE.sub("", svg))
        .replace("Fira Code, monospace", FONTS)
        .replace("Fira Code", FONTS)
    )


def _split_runs(match: re.Match[str]) -> str:
    """Split one text into runs of narrow and of wide characters, each at its position."""
    name, x, y, length, rest, text = match.groups()
    plain = unescape(text)
    cell = float(length) / len(plain)
    return "".join(
        f'<text class="{name}" x="{float(x) + start * cell:g}" y="{y}" '
        f'textLength="{cells * cell:g}"{rest}>{shown}</text>'
        for shown, start, cells in _runs(plain)
    )


def _runs(text: str) -> Iterator[tuple[str, int, int]]:
    """Text, first cell and number of cells of each run; blanks draw nothing."""
    start = 0
    for _width, run in groupby(text, key=cell_len):
        part = "".join(run)
        cells = cell_len(part)
        if part.strip():
            yield escape(part).replace(" ", "&#160;"), start, cells
        start += cells
