"""Reads from an .xlsx package what calamine does not tell: hidden rows and columns, struck-through text, formulas
without a value; and refuses sheets that would take too much memory as a whole.

Streams each part once (``xml_events.py``), so that memory does not grow with formatting.
"""

from __future__ import annotations

import zipfile
from functools import lru_cache
from io import BytesIO

from store.importing.exceptions import DamagedFile, TooLarge
from store.importing.sheet_rows import MAX_AREA, Position, SheetMarks
from store.importing.xml_events import Attributes, PackageParts, XmlEvents, is_on, local_attribute, stream_part

_MAX_COLUMNS = 16_384
_ERROR = "e"
_SHARED = "s"


class WorkbookMarks:
    """The marks of a workbook's sheets."""

    def __init__(self, data: bytes) -> None:
        with zipfile.ZipFile(BytesIO(data)) as package:
            parts = PackageParts(package)
            workbook = workbook_part(parts)
            if workbook is None:
                raise DamagedFile(detail="XLSX")
            book = _Book()
            stream_part(package, workbook, book)
            relations = {id: part for id, _kind, part in parts.relations(workbook)}
            styles, strings = _Styles(), _Strings()
            if part := _related(parts, workbook, "styles"):
                stream_part(package, part, styles)
            if part := _related(parts, workbook, "sharedStrings"):
                stream_part(package, part, strings)
            self._marks: dict[int, SheetMarks] = {}
            for place, id in enumerate(book.sheets):
                if id in relations:
                    sheet = _Sheet(styles.struck(), strings.rich)
                    stream_part(package, relations[id], sheet)
                    self._marks[place] = sheet.marks
                    if drawing := _related(parts, relations[id], "drawing"):
                        boxes = _Boxes()
                        stream_part(package, drawing, boxes)
                        sheet.marks.boxes += boxes.texts

    def of_sheet(self, place: int) -> SheetMarks:
        """The marks of the sheet at this place of the workbook."""
        return self._marks.get(place) or SheetMarks()


def workbook_part(parts: PackageParts) -> str | None:
    """The part that lists the sheets."""
    return _related(parts, "", "officeDocument") or parts.find("xl/workbook.xml")


def _related(parts: PackageParts, source: str, kind: str) -> str | None:
    return next((part for _id, related, part in parts.relations(source) if related == kind), None)


class _Book(XmlEvents):
    """Lists the sheets."""

    def __init__(self) -> None:
        self.sheets: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        """Take the beginning of an element."""
        if name == "sheet":
            self.sheets.append(local_attribute(attributes, "id"))


class _Styles(XmlEvents):
    """Finds the cell formats whose font is struck through."""

    def __init__(self) -> None:
        self._fonts: list[bool] = []
        self._formats: list[int] = []
        self._inside = ""

    def start(self, name: str, attributes: Attributes) -> None:
        """Take the beginning of an element."""
        if name in ("fonts", "cellXfs", "cellStyleXfs", "dxfs"):
            self._inside = name
        elif name == "font" and self._inside == "fonts":
            self._fonts.append(False)
        elif name == "strike" and self._inside == "fonts" and self._fonts:
            self._fonts[-1] = is_on(attributes.get("val", "1"))
        elif name == "xf" and self._inside == "cellXfs":
            self._formats.append(int(attributes.get("fontId", "0")))

    def struck(self) -> frozenset[str]:
        """Their numbers, as cells name them."""
        struck = {number for number, font in enumerate(self._fonts) if font}
        return frozenset(str(number) for number, font in enumerate(self._formats) if font in struck)


class _Boxes(XmlEvents):
    """Collects the texts of the shapes over a sheet."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._box: list[str] = []
        self._in_text = False

    def start(self, name: str, attributes: Attributes) -> None:
        """Take the beginning of an element."""
        if name == "sp":
            self._box = []
        self._in_text = name == "t"

    def text(self, text: str) -> None:
        """Take text."""
        if self._in_text:
            self._box.append(text)

    def end(self, name: str) -> None:
        """Take the end of an element."""
        self._in_text = False
        if name == "sp" and "".join(self._box).strip():
            self.texts.append(" ".join(self._box))


Run = tuple[str, bool | None]
"""A piece of text, and whether it is struck through; None: as its cell is."""


class _RichText:
    """Collects the runs of a text, without phonetic guides; none for a text that is not parted into runs."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self._struck: bool | None = None
        self._in_run = self._phonetic = self._open = False

    def start(self, name: str, attributes: Attributes) -> None:
        """An element within the text."""
        if name == "r":
            self._in_run, self._struck = True, None
        elif name == "rPr":
            self._struck = False
        elif name == "strike":
            self._struck = is_on(attributes.get("val", "1"))
        elif name == "rPh":
            self._phonetic = True
        self._open = name == "t" and self._in_run and not self._phonetic

    def end(self, name: str) -> None:
        """An element within the text ends."""
        self._phonetic = self._phonetic and name != "rPh"
        self._in_run = self._in_run and name != "r"
        self._open = False

    def text(self, text: str) -> None:
        """Text of the element that is open."""
        if self._open:
            self.runs.append((text, self._struck))


class _Strings(XmlEvents):
    """Keeps the runs of those shared strings that have any."""

    def __init__(self) -> None:
        self.rich: dict[str, list[Run]] = {}
        self._number = -1
        self._open = _RichText()

    def start(self, name: str, attributes: Attributes) -> None:
        """Take the beginning of an element."""
        if name == "si":
            self._number += 1
            self._open = _RichText()
        else:
            self._open.start(name, attributes)

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if name == "si" and self._open.runs:
            self.rich[str(self._number)] = self._open.runs
        self._open.end(name)

    def text(self, text: str) -> None:
        """Take text."""
        self._open.text(text)


class _Sheet(XmlEvents):
    """Collects the marks of one sheet, and measures it."""

    def __init__(self, struck_formats: frozenset[str], rich_strings: dict[str, list[Run]]) -> None:
        self.marks = SheetMarks()
        self._formats, self._strings = struck_formats, rich_strings
        self._row = self._column = 0
        self._type = self._style = self._value = ""
        self._formula = self._in_value = self._valued = False
        self._inline: _RichText | None = None
        self._edges: tuple[int, int, int, int] | None = None

    def start(self, name: str, attributes: Attributes) -> None:
        """Take the beginning of an element."""
        if name == "c":
            self._start_cell(attributes)
        elif name == "v":
            self._valued = self._in_value = True
        elif name == "f":
            self._formula = True
        elif name == "is":
            self._valued, self._inline = True, _RichText()
        elif self._inline:
            self._inline.start(name, attributes)
        elif name == "row":
            self._start_row(attributes)
        elif name == "col":
            self._columns(attributes)

    def text(self, text: str) -> None:
        """Take text."""
        if self._in_value:
            self._value += text
        elif self._inline:
            self._inline.text(text)

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if name == "v":
            self._in_value = False
        elif name == "c":
            self._end_cell()
        elif self._inline:
            self._inline.end(name)

    def _start_row(self, attributes: Attributes) -> None:
        self._row = int(attributes.get("r", self._row + 1))
        self._column = -1
        if is_on(attributes.get("hidden", "0")) or attributes.get("ht") == "0":
            self.marks.hidden_rows.add(self._row)

    def _columns(self, attributes: Attributes) -> None:
        if is_on(attributes.get("hidden", "0")) or attributes.get("width") == "0":
            first, last = int(attributes.get("min", "1")), int(attributes.get("max", "1"))
            self.marks.hidden_columns.update(range(first - 1, min(last, _MAX_COLUMNS)))

    def _start_cell(self, attributes: Attributes) -> None:
        reference = attributes.get("r", "")
        self._column = _column_of(reference) if reference else self._column + 1
        self._type, self._style = attributes.get("t", ""), attributes.get("s", "0")
        self._formula, self._valued, self._value, self._inline = False, False, "", None

    def _end_cell(self) -> None:
        position = (self._row, self._column)
        if self._type == _ERROR or (self._formula and not self._value and self._type != "str"):
            self.marks.uncomputed.setdefault(self._row, []).append(self._column)
        elif self._valued:
            self._strike(position, self._style in self._formats)
            self._measure(*position)
        self._inline = None

    def _strike(self, position: Position, struck: bool) -> None:
        runs = (
            self._inline.runs if self._inline else self._strings.get(self._value, []) if self._type == _SHARED else []
        )
        shown = [text for text, own in runs if not (struck if own is None else own)]
        if runs and len(shown) < len(runs):
            self.marks.partly_struck[position] = "".join(shown)
        elif struck and not runs:
            self.marks.struck.add(position)

    def _measure(self, row: int, column: int) -> None:
        top, left, bottom, right = self._edges or (row, column, row, column)
        if self._edges and top <= row <= bottom and left <= column <= right:
            return
        self._edges = (min(top, row), min(left, column), max(bottom, row), max(right, column))
        top, left, bottom, right = self._edges
        if (bottom - top + 1) * (right - left + 1) > MAX_AREA:
            raise TooLarge(most=MAX_AREA, unit="cells")


def _column_of(reference: str) -> int:
    return _column_named(reference.rstrip("0123456789"))


@lru_cache(512)
def _column_named(letters: str) -> int:
    column = 0
    for sign in letters:
        if not sign.isalpha():
            break
        column = column * 26 + ord(sign.upper()) - ord("A") + 1
    return column - 1
