"""Reads “XML spreadsheet 2003”, which many systems export as .xls: one XML document with all sheets."""

from __future__ import annotations

from dataclasses import dataclass, field

from store.importing.cell_source import MAX_CELLS, MAX_COLUMNS, CellSource
from store.importing.exceptions import DamagedFile, TableImportError, TooLarge
from store.importing.sheet_rows import SheetMarks, workbook_rows
from store.importing.workbook_process import Range, WorkbookSheet, cell_text
from store.importing.xml_events import Attributes, XmlEvents, is_on, local_attribute, stream_document

_MAX_ROW = 1 << 20


def read(data: bytes) -> CellSource:
    """The rows of all visible sheets, each sheet a block. Raises a `TableImportError`."""
    workbook = _Workbook()
    try:
        stream_document(data, workbook)
    except TableImportError:
        raise
    except Exception as error:  # expat's errors, and numbers that are none
        raise DamagedFile(detail=type(error).__name__) from None
    sheets = (
        WorkbookSheet(place, sheet.name, sheet.visible, sheet.merged, sorted(sheet.rows.items()))
        for place, sheet in enumerate(workbook.sheets)
    )
    return workbook_rows(sheets, lambda place: workbook.sheets[place].marks)


@dataclass(slots=True)
class _XmlSheet:
    """A sheet that is being read."""

    name: str
    visible: bool = True
    rows: dict[int, list[str]] = field(default_factory=dict)
    merged: list[Range] = field(default_factory=list)
    marks: SheetMarks = field(default_factory=SheetMarks)


class _Workbook(XmlEvents):
    """Collects the sheets."""

    def __init__(self) -> None:
        self.sheets: list[_XmlSheet] = []
        self._row = self._column = self._width = self._cells = 0
        self._style = self._struck_style = self._type = self._element = ""
        self._text: list[str] = []
        self._struck_styles = set[str]()
        self._cell: Attributes = {}

    def start(self, name: str, attributes: Attributes) -> None:
        """Take the beginning of an element."""
        self._element = name
        if name == "Worksheet":
            self.sheets.append(_XmlSheet(local_attribute(attributes, "Name")))
        elif name == "Table":
            self._row = self._width = 0
        elif name == "Column":
            self._start_column(attributes)
        elif name == "Row":
            self._start_row(attributes)
        elif name == "Cell":
            self._column = int(local_attribute(attributes, "Index", str(self._column + 1)))
            self._cell, self._type, self._text = attributes, "", []
        elif name == "Data":
            self._type = local_attribute(attributes, "Type")
        elif name == "Style":
            self._style = local_attribute(attributes, "ID")
        elif name == "Font" and is_on(local_attribute(attributes, "StrikeThrough", "0")):
            self._struck_styles.add(self._style)

    def text(self, text: str) -> None:
        """Take text."""
        if self._type:
            self._text.append(text)
        elif self._element == "Visible" and self.sheets and text.strip():
            self.sheets[-1].visible = "Hidden" not in text

    def end(self, name: str) -> None:
        """Take the end of an element."""
        self._element = ""
        if name == "Cell":
            self._end_cell()
        elif name == "Data":
            self._text, self._type = [self._value("".join(self._text))], ""

    def _start_column(self, attributes: Attributes) -> None:
        first = int(local_attribute(attributes, "Index", str(self._width + 1)))
        self._width = first + min(int(local_attribute(attributes, "Span", "0")), MAX_COLUMNS)
        if is_on(local_attribute(attributes, "Hidden", "0")) and first <= MAX_COLUMNS:
            self.sheets[-1].marks.hidden_columns.update(range(first - 1, self._width))

    def _start_row(self, attributes: Attributes) -> None:
        self._row = int(local_attribute(attributes, "Index", str(self._row + 1)))
        self._column = 0
        if is_on(local_attribute(attributes, "Hidden", "0")):
            self.sheets[-1].marks.hidden_rows.add(self._row)

    def _value(self, text: str) -> str:
        if self._type == "Number":
            return cell_text(float(text))
        if self._type == "Error":
            self.sheets[-1].marks.uncomputed.setdefault(self._row, []).append(self._column - 1)
            return ""
        return text.removesuffix("T00:00:00.000") if self._type == "DateTime" else text

    def _end_cell(self) -> None:
        sheet, text = self.sheets[-1], "".join(self._text)
        self._cells += 1
        if self._column > MAX_COLUMNS:
            raise TooLarge(most=MAX_COLUMNS, unit="columns")
        if self._row > _MAX_ROW or self._cells > MAX_CELLS:
            raise TooLarge(most=MAX_CELLS, unit="cells")
        if text:
            row = sheet.rows.setdefault(self._row, [])
            row += [""] * (self._column - len(row))
            row[self._column - 1] = text
        if local_attribute(self._cell, "StyleID") in self._struck_styles:
            sheet.marks.struck.add((self._row, self._column - 1))
        if local_attribute(self._cell, "Formula") and not text and not self._text:
            sheet.marks.uncomputed.setdefault(self._row, []).append(self._column - 1)
        self._merge(sheet)

    def _merge(self, sheet: _XmlSheet) -> None:
        down = min(int(local_attribute(self._cell, "MergeDown", "0")), _MAX_ROW)
        across = min(int(local_attribute(self._cell, "MergeAcross", "0")), MAX_COLUMNS)
        if down or across:
            left = self._column - 1
            sheet.merged.append((self._row - 1, left, self._row - 1 + down, left + across))
        self._column += across
