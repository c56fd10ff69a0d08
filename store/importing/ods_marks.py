"""Reads from an .ods workbook what calamine does not tell: hidden rows and columns, merged cells, struck-through text,
errors in place of values."""

from __future__ import annotations

import zipfile
from io import BytesIO

from store.importing.exceptions import DamagedFile, TooLarge
from store.importing.sheet_rows import MAX_AREA, SheetMarks
from store.importing.workbook_process import Range
from store.importing.xml_events import Attributes, PackageParts, XmlEvents, local_attribute, stream_part

_CELLS = frozenset({"table-cell", "covered-table-cell"})
_NOTE = "annotation"
_ASIDE = frozenset({_NOTE, "text-box", "custom-shape"})
"""Elements whose text is not in the cell: a note, which is no part of the table, and boxes."""
_HIDDEN = frozenset({"collapse", "filter"})
_MOST_HIDDEN = 1 << 20
_LONGEST_CHAIN = 20


def ods_marks(data: bytes) -> tuple[list[SheetMarks], list[list[Range]]]:
    """The marks and the merged cells of the sheets in the workbook's order. Raises `TooLarge` for a sheet that takes
    too much memory as a whole."""
    with zipfile.ZipFile(BytesIO(data)) as package:
        parts = PackageParts(package)
        events = _Content()
        for name in ("styles.xml", "content.xml"):
            if part := parts.find(name):
                stream_part(package, part, events)
    if not events.sheets:
        raise DamagedFile(detail="ODS")
    return events.sheets, events.merged


class _Content(XmlEvents):
    """Collects the marks of all sheets."""

    def __init__(self) -> None:
        self.sheets: list[SheetMarks] = []
        self.merged: list[list[Range]] = []
        self._style = ""
        self._strikes: dict[str, bool] = {}
        self._parents: dict[str, str] = {}
        self._row = self._column = self._repeated = self._columns = 0
        self._row_hidden = False
        self._cell: Attributes = {}
        self._lines: list[str] = []
        self._spans: list[bool] = []
        self._in_cell = self._any_struck = self._paragraph = False
        self._aside = ""
        self._box: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        """Take the beginning of an element."""
        if self._aside:
            return
        if name in _ASIDE:
            self._aside, self._box = name, []
        elif self._in_cell:
            self._start_in_cell(name, attributes)
        elif name == "style":
            self._style = local_attribute(attributes, "name")
            self._parents[self._style] = local_attribute(attributes, "parent-style-name")
        elif name == "text-properties":
            lines = {local_attribute(attributes, f"text-line-through-{kind}") for kind in ("style", "type")} - {""}
            if lines:
                self._strikes[self._style] = "none" not in lines
        elif name == "table":
            self.sheets.append(SheetMarks())
            self.merged.append([])
            self._row = self._columns = 0
        elif self.sheets:
            self._start_in_table(name, attributes)

    def _start_in_table(self, name: str, attributes: Attributes) -> None:
        if name == "table-column":
            self._start_column(attributes)
        elif name == "table-row":
            self._repeated = _amount(attributes, "number-rows-repeated")
            self._row_hidden = local_attribute(attributes, "visibility") in _HIDDEN
            self._column = 0
        elif name in _CELLS:
            self._in_cell, self._cell, self._lines, self._any_struck = True, attributes, [], False
            self._box = []
            self._spans = [self._is_struck(local_attribute(attributes, "style-name"), False)]

    def _is_struck(self, style: str, around: bool) -> bool:
        """Whether a style strikes through; where neither it nor those that it stands on say, as what is around it."""
        for _step in range(_LONGEST_CHAIN):
            if style in self._strikes:
                return self._strikes[style]
            style = self._parents.get(style, "")
        return around

    def _start_in_cell(self, name: str, attributes: Attributes) -> None:
        if name == "p":
            self._paragraph = True
            self._lines.append("")
        elif name == "span":
            self._spans.append(self._is_struck(local_attribute(attributes, "style-name"), self._spans[-1]))
        elif name == "s" and self._lines:
            self._lines[-1] += " " * min(_amount(attributes, "c"), 99)

    def text(self, text: str) -> None:
        """Take text."""
        if self._aside:
            self._box.append(text)
        elif self._paragraph and self._spans[-1]:
            self._any_struck |= bool(text.strip())
        elif self._paragraph:
            self._lines[-1] += text

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if self._aside:
            self._end_aside(name)
        elif name == "p":
            self._paragraph = False
        elif name == "span" and len(self._spans) > 1:
            self._spans.pop()
        elif name in _CELLS and self._in_cell:
            self._in_cell = False
            self._end_cell()
        elif name == "table-row" and self.sheets:
            if self._row_hidden:
                last = min(self._row + self._repeated, _MOST_HIDDEN)
                self.sheets[-1].hidden_rows.update(range(self._row + 1, last + 1))
            self._row += self._repeated

    def _end_aside(self, name: str) -> None:
        if name == self._aside:
            self._aside = ""
            if name != _NOTE and self.sheets and "".join(self._box).strip():
                self.sheets[-1].boxes.append(" ".join(self._box))

    def _start_column(self, attributes: Attributes) -> None:
        amount = _amount(attributes, "number-columns-repeated")
        if local_attribute(attributes, "visibility") in _HIDDEN:
            self.sheets[-1].hidden_columns.update(range(self._columns, min(self._columns + amount, _MOST_HIDDEN)))
        self._columns += amount

    def _end_cell(self) -> None:
        amount = _amount(self._cell, "number-columns-repeated")
        position = (self._row + 1, self._column)
        has_value = local_attribute(self._cell, "value-type") != ""
        shown = "\n".join(self._lines)
        if self._any_struck:
            self.sheets[-1].partly_struck[position] = shown
        elif self._box:
            self.sheets[-1].without_boxes[position] = shown
        if local_attribute(self._cell, "formula") and (not has_value or shown.startswith(("#", "Err:"))):
            self.sheets[-1].uncomputed.setdefault(position[0], []).append(position[1])
        down = _amount(self._cell, "number-rows-spanned")
        across = _amount(self._cell, "number-columns-spanned")
        if down > 1 or across > 1:
            self.merged[-1].append((position[0] - 1, position[1], position[0] + down - 2, position[1] + across - 1))
        if has_value and (self._row + self._repeated) * (self._column + amount) > MAX_AREA:
            raise TooLarge(most=MAX_AREA, unit="cells")
        self._column += amount


def _amount(attributes: Attributes, name: str) -> int:
    return max(int(local_attribute(attributes, name, "1")), 1)
