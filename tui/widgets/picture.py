"""A small picture in a terminal's cells: two pixels a cell in colours, or signs where there are none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events
from textual.app import App
from textual.filter import Monochrome, NoColor
from textual.strip import Strip

from tui.widgets.cells import Span, fit, fit_spans, wrap
from tui.widgets.line_widget import LineWidget

if TYPE_CHECKING:
    from store.values.media.pictures import Preview

UPPER_HALF = "▀"
"""A cell's upper half in the colour of the text, the lower in that of the background. Terminals that draw characters of
ambiguous width two cells wide show it wrongly: the setting ``picture_preview`` has other ways for these."""
SHADES = " .:-=+*#%@"
"""From dark to bright, on a dark background: ASCII, which has one width everywhere."""
_GAP = 2


@dataclass(frozen=True, slots=True)
class PictureStyle:
    """How pictures are drawn: ``blocks`` and ``cells`` in colours, ``signs`` without, ``none``; on a ``dark``
    background or a light one."""

    name: str
    dark: bool = True


NO_PICTURES = PictureStyle("none")


def picture_style(app: App[None], setting: str) -> PictureStyle:
    """How pictures are drawn in this terminal: as the setting says, by half blocks where it leaves that open and there
    are colours."""
    colourless = any(isinstance(each, NoColor | Monochrome) for each in app._filters)
    if setting == "auto":
        setting = "signs" if app.console.color_system in (None, "standard", "windows") else "blocks"
    if setting in ("blocks", "cells") and colourless:
        setting = "signs"
    return PictureStyle(setting, app.current_theme.dark)


def picture_lines(picture: Preview, style: PictureStyle) -> list[list[Span]]:
    """The picture as lines of styled texts; two rows of pixels make one. Their styles are colours."""
    if style.name == "none":
        return []
    rows = [picture.pixels[y * picture.width * 3 : (y + 1) * picture.width * 3] for y in range(picture.height)]
    pairs = [(rows[y], rows[y + 1] if y + 1 < len(rows) else rows[y]) for y in range(0, len(rows), 2)]
    draw = {"blocks": _block_cells, "cells": _whole_cells}.get(style.name)
    if draw is None:
        return [[(_signs(upper, lower, style.dark), "")] for upper, lower in pairs]
    return [_joined(draw(upper, lower)) for upper, lower in pairs]


def _pixels(row: bytes) -> Iterable[tuple[int, int, int]]:
    return zip(row[0::3], row[1::3], row[2::3], strict=True)


def _block_cells(upper: bytes, lower: bytes) -> Iterable[Span]:
    for above, below in zip(_pixels(upper), _pixels(lower), strict=True):
        yield UPPER_HALF, f"#{bytes(above).hex()} on #{bytes(below).hex()}"


def _whole_cells(upper: bytes, lower: bytes) -> Iterable[Span]:
    for above, below in zip(_pixels(upper), _pixels(lower), strict=True):
        mixed = bytes((one + other) // 2 for one, other in zip(above, below, strict=True)).hex()
        yield " ", f"#{mixed} on #{mixed}"


def _joined(cells: Iterable[Span]) -> list[Span]:
    """Neighbours of one colour as one text: each change costs the terminal some 40 bytes."""
    joined: list[Span] = []
    for text, style in cells:
        if joined and joined[-1][1] == style:
            joined[-1] = (joined[-1][0] + text, style)
        else:
            joined.append((text, style))
    return joined


def _signs(upper: bytes, lower: bytes, dark: bool) -> str:
    shades = SHADES if dark else SHADES[::-1]
    return "".join(
        shades[(_brightness(above) + _brightness(below)) * len(shades) // 512]
        for above, below in zip(_pixels(upper), _pixels(lower), strict=True)
    )


def _brightness(pixel: tuple[int, int, int]) -> int:
    red, green, blue = pixel
    return (red * 299 + green * 587 + blue * 114) // 1000


@dataclass(frozen=True, slots=True)
class PictureRow:
    """Pictures beside each other on a page, each with its name below, as many in a row as there is room for."""

    pictures: Sequence[tuple[str, Preview]]
    style: PictureStyle

    def lay_out(self, width: int) -> list[Sequence[Span]]:
        """The lines of the rows."""
        lines: list[Sequence[Span]] = []
        row: list[tuple[str, Preview]] = []
        for name, picture in self.pictures if self.style.name != "none" else ():
            if picture.width > width:
                continue
            if row and sum(each.width + _GAP for _name, each in row) + picture.width > width:
                lines += self._row(row)
                row = []
            row.append((name, picture))
        return lines + self._row(row) if row else lines

    def _row(self, row: Sequence[tuple[str, Preview]]) -> list[Sequence[Span]]:
        drawn = [picture_lines(picture, self.style) for _name, picture in row]
        lines: list[Sequence[Span]] = []
        for y in range(max(map(len, drawn))):
            spans: list[Span] = []
            for (_name, picture), of_picture in zip(row, drawn, strict=True):
                spans += [*(of_picture[y] if y < len(of_picture) else [(" " * picture.width, "")]), (" " * _GAP, "")]
            lines.append(spans)
        names = [(fit(name, picture.width) + " " * _GAP, "muted") for name, picture in row]
        return [*lines, names]


class PictureView(LineWidget):
    """A picture in the middle of the widget, with lines of text below it, or text alone."""

    RESERVES_SCROLL_BAR = False
    DEFAULT_CSS = "PictureView { padding: 0 0 0 1; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._picture: Preview | None = None
        self._texts: Sequence[Span] = ()
        self._lines: list[Sequence[Span]] = []
        self._style = NO_PICTURES

    def room(self, lines_of_text: int = 3) -> tuple[int, int]:
        """The most pixels that a picture can have here: columns, and two for each line."""
        return max(self.line_width, 1), max(2 * (self.size.height - lines_of_text), 2)

    def show(self, picture: Preview | None, texts: Sequence[Span], style: PictureStyle) -> None:
        """Show this; ``texts`` are styled paragraphs, wrapped here."""
        self._picture, self._texts, self._style = picture, texts, style
        self._lay_out()

    def on_resize(self, _event: events.Resize) -> None:
        """Lay out for the new width."""
        self._lay_out()

    def _lay_out(self) -> None:
        width = self.line_width
        lines: list[Sequence[Span]] = []
        if self._picture is not None and self._picture.width <= width:
            left = (width - self._picture.width) // 2
            lines += [[(" " * left, ""), *line] for line in picture_lines(self._picture, self._style)]
        for text, style in self._texts:
            lines += [fit_spans(((line, style),), width) for line in wrap(text, max(width, 2))]
        self._lines = lines
        self.refresh()

    def texts(self) -> list[str]:
        """The lines as plain text."""
        return ["".join(text for text, _style in line).rstrip() for line in self._lines]

    def draw_line(self, y: int) -> Strip:
        """A line of the picture or of the text."""
        return self.line_strip(self._lines[y] if y < len(self._lines) else (), self.rich_style)
