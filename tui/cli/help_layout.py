"""How help is laid out: columns and lines by display width, since Chinese characters are two cells wide and stand
without blanks; placeholders in the person's language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click
from rich.cells import cell_len

from tui.i18n.translate import N_, _

PLACEHOLDERS = (
    N_("ADDRESS"), N_("CODE"), N_("COMMAND"), N_("DATE"), N_("DIR"), N_("FILE"), N_("ISSUE"), N_("ISSUE=TEXT"),
    N_("N"), N_("COLUMN=FIELD"), N_("DEVICE"), N_("ID|NAME"), N_("PROJECT"), N_("VALUE"), N_("[VALUE]"),
    N_("[LATER]"), N_("[CODE]"), N_("[ADDRESS]"), N_("TEXT…"), N_("NAME"), N_("PERIOD"), N_("TIME"),
    N_("TITLE"), N_("YUAN"), N_("YYYY-MM"), N_("[COMMAND|TOPIC]…"), N_("URL"), N_("DAYS"), N_("FILE|DIR"),
    N_("FILE|DIR…"), N_("URL|FILE"), N_("[ISSUE]"), N_("[FILE]"), N_("REPORT"), N_("NAME=VALUE"),
)  # fmt: skip
"""What stands for a value in help; each has words in the catalogs."""
_LINE_END = "，。；：、）」”！？…,.;:)]}!?|"
"""Characters that do not begin a line."""


class WideFormatter(click.HelpFormatter):
    """Click's formatter, for wide characters."""

    def write_text(self, text: str) -> None:
        """Paragraphs, wrapped."""
        indent, width = " " * self.current_indent, max(self.width - self.current_indent, 10)
        for paragraph in text.split("\n\n"):
            is_kept = paragraph.startswith("\b")
            lines = paragraph[1:].strip("\n").splitlines() if is_kept else wrap_cells(paragraph, width)
            self.write("\n".join(f"{indent}{line}" for line in lines) + "\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """A list of terms and what they mean: the terms in a column, as wide as the widest that fits."""
        rows = list(rows)
        first = min(max((cell_len(term) for term, _text in rows), default=0), col_max) + col_spacing
        indent = " " * self.current_indent
        for term, text in rows:
            lines = list(wrap_cells(text, max(self.width - first - self.current_indent, 10)))
            fits = cell_len(term) <= first - col_spacing
            head = term + " " * (first - cell_len(term)) + lines.pop(0) if fits and lines else term
            self.write(f"{indent}{head.rstrip()}\n")
            for line in lines:
                self.write(f"{indent}{' ' * first}{line}\n")


class WideContext(click.Context):
    """A context whose help is laid out by display width."""

    formatter_class = WideFormatter


def translate_placeholder(metavar: str | None) -> str | None:
    """What stands for a value in help, in the person's language."""
    return None if metavar is None else _(metavar)


def wrap_cells(text: str, width: int) -> Iterator[str]:
    """The text in lines of at most ``width`` cells, broken at blanks or between wide characters."""
    line, used = "", 0
    for piece in _pieces(" ".join(text.split())):
        size = cell_len(piece)
        if used + cell_len(piece.rstrip()) > width and line.strip():
            yield line.rstrip()
            line, used = piece.lstrip(), cell_len(piece.lstrip())
        else:
            line, used = line + piece, used + size
    if line.strip():
        yield line.rstrip()


def _pieces(text: str) -> Iterator[str]:
    """The parts of a line that stay together: words with the blank after them, single wide characters with the
    punctuation that follows them."""
    piece = ""
    for character in text:
        is_wide = cell_len(character) > 1
        begins = piece and character not in _LINE_END and (is_wide or piece[-1] == " " or cell_len(piece[-1]) > 1)
        if begins and character != " ":
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece
