"""Reads .docx documents: the text of every table cell, and the paragraphs between tables as rows of one cell.

> What a reader of the document sees is read: numbers that Word counts, insertions, text boxes, tables inside cells.
> Deletions are not read; text that is struck through or hidden is not read, and told.

Streams the document (``xml_events.py``), so that memory does not grow with formatting.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO

from store.importing.cell_source import CellSource
from store.importing.exceptions import DamagedFile, TableImportError
from store.importing.sections import category_in, is_section_heading
from store.importing.table_assembler import TableAssembler
from store.importing.word_numbering import NumberLabel, WordLists
from store.importing.word_styles import HIDES, STRIKES, WordStyles
from store.importing.xml_events import (
    Attributes,
    PackageParts,
    XmlEvents,
    is_on,
    local_attribute,
    stream_document,
    stream_part,
)
from store.importing.zip_safety import check_package

_DOCUMENT = "word/document.xml"
_SKIPPED = frozenset(
    (
        *("del", "moveFrom", "instrText", "delText", "delInstrText", "rt", "Fallback", "oMath", "oMathPara"),
        *("sdtPr", "sdtEndPr", "tblPr", "tblPrEx", "tblGrid", "sectPr"),
        *("pPrChange", "rPrChange", "tcPrChange", "trPrChange", "numberingChange"),
    )
)
"""Elements whose text is not seen at that place: deletions, phonetic guides, second versions of a drawing, properties
and what they were before a change."""
_TABLES = re.compile(r"Excel|ET\.|KET|Word|WPS|Et", re.IGNORECASE)
"""Programs whose embedded files may hold a table; the others draw formulas and charts."""
_SIGNS = {"br": "\n", "cr": "\n", "tab": "\t", "ptab": "\t", "noBreakHyphen": "-"}


def read(data: bytes) -> CellSource:
    """The rows, each table a block; a cell merged over columns counts once, one merged over rows is repeated. Raises a
    `TableImportError`."""
    try:
        if not data.startswith(b"PK"):
            return _read_single(data)
        check_package(data)
        with zipfile.ZipFile(BytesIO(data)) as package:
            return _read(package)
    except TableImportError:
        raise
    except Exception as error:  # expat's errors, and numbers that are none
        raise DamagedFile(detail=type(error).__name__) from None


def _read_single(data: bytes) -> CellSource:
    """A document that Word wrote as one XML file."""
    reader = _DocumentReader(WordStyles(), WordLists())
    stream_document(data, reader)
    return reader.source()


def _read(package: zipfile.ZipFile) -> CellSource:
    parts = PackageParts(package)
    related = {kind: part for _id, kind, part in reversed(parts.relations(""))}
    document = related.get("officeDocument") or parts.find(_DOCUMENT)
    if document is None:
        raise DamagedFile(detail="DOCX")
    styles, lists = WordStyles(), WordLists()
    beside = {kind: part for _id, kind, part in reversed(parts.relations(document))}
    for kind, events in (("styles", styles), ("numbering", lists)):
        if kind in beside:
            stream_part(package, beside[kind], events)
    reader = _DocumentReader(styles, lists)
    stream_part(package, document, reader)
    return reader.source()


@dataclass(slots=True)
class _Paragraph:
    """A paragraph that is being read; ``struck`` and ``hidden`` are those of its open run."""

    parts: list[str] = field(default_factory=list)
    style: str = ""
    number: str | None = None
    level: int | None = None
    struck: bool = False
    hidden: bool = False


@dataclass(slots=True)
class _Row:
    """A row that is being read: its properties, those of its open cell, and the numbers before its cells' text."""

    hidden: bool = False
    deleted: bool = False
    columns: int = 1
    repeats: bool = False
    label: NumberLabel | None = None
    labels: dict[int, str] = field(default_factory=dict)


class _DocumentReader(XmlEvents):
    """Reads the events of a document."""

    def __init__(self, styles: WordStyles, lists: WordLists) -> None:
        self.tables = TableAssembler()
        self._has_body = self._in_body = False
        self._styles, self._lists = styles, lists
        self._skipping = 0
        self._in_text = False
        self._properties = ""
        self._paragraphs: list[_Paragraph] = []
        self._rows: list[_Row] = []
        self._starts: dict[str, Callable[[], None]] = {
            "p": lambda: self._paragraphs.append(_Paragraph()),
            "r": self._start_run,
            "tbl": self.tables.start_table,
            "tr": lambda: self._rows.append(_Row()),
            "tc": self._start_cell,
        }
        self._ends: dict[str, Callable[[], None]] = {
            "p": self._end_paragraph,
            "tc": self._end_cell,
            "tr": self._end_row,
            "tbl": self.tables.end_table,
            "body": self._end_body,
        }

    def start(self, name: str, attributes: Attributes) -> None:
        """Take the beginning of an element."""
        if self._skipping:
            self._skipping += 1
        elif not self._in_body:
            self._in_body = name == "body" and not self._has_body
            self._has_body |= self._in_body
        elif self._properties:
            self._take_property(name, attributes)
        elif name in ("pPr", "rPr", "tcPr", "trPr"):
            self._properties = name
        elif name in _SKIPPED:
            self._skipping = 1
        elif name == "altChunk" or (name == "OLEObject" and _TABLES.match(local_attribute(attributes, "ProgID"))):
            self.tables.warn("embedded_file")
        elif action := self._starts.get(name):
            action()
        elif name in _SIGNS:
            self._add(_SIGNS[name])
        self._in_text = name == "t" and not self._skipping

    def end(self, name: str) -> None:
        """Take the end of an element."""
        self._in_text = False
        if self._skipping:
            self._skipping -= 1
        elif self._properties:
            self._properties = "" if name == self._properties else self._properties
        elif action := self._ends.get(name):
            action()

    def text(self, text: str) -> None:
        """Take text."""
        if self._in_text:
            self._add(text)

    def source(self) -> CellSource:
        """All that was read."""
        if not self._has_body:
            raise DamagedFile(detail="DOCX")
        return self.tables.source()

    def _end_body(self) -> None:
        self._in_body = False

    def _add(self, text: str) -> None:
        """Text of the open run, unless it is struck through or hidden."""
        if not self._paragraphs:
            return
        paragraph = self._paragraphs[-1]
        if not (paragraph.struck or paragraph.hidden):
            paragraph.parts.append(text)
        elif text.strip():
            (self.tables.note_struck if paragraph.struck else self.tables.note_hidden_text)()

    def _take_property(self, name: str, attributes: Attributes) -> None:
        value = local_attribute(attributes, "val", "1")
        if name in _SKIPPED or (name == "rPr" and self._properties == "pPr"):  # there of the paragraph's mark
            self._skipping = 1
            if self._rows and self._properties == "trPr" and name == "del":
                self._rows[-1].deleted = True
        elif self._properties == "pPr" and self._paragraphs:
            self._take_paragraph_property(self._paragraphs[-1], name, value)
        elif self._properties == "rPr" and self._paragraphs:
            self._take_run_property(self._paragraphs[-1], name, value)
        elif self._rows:
            self._take_row_property(self._rows[-1], name, local_attribute(attributes, "val"))

    def _take_paragraph_property(self, paragraph: _Paragraph, name: str, value: str) -> None:
        if name == "pStyle":
            paragraph.style = value
        elif name == "numId":
            paragraph.number = value
        elif name == "ilvl":
            paragraph.level = int(value)

    def _take_run_property(self, paragraph: _Paragraph, name: str, value: str) -> None:
        if name in STRIKES:
            paragraph.struck = is_on(value)
        elif name in HIDES:
            paragraph.hidden = is_on(value)
        elif name == "rStyle":
            style = self._styles.resolve(value)
            paragraph.struck = paragraph.struck if style.struck is None else style.struck
            paragraph.hidden = paragraph.hidden if style.hidden is None else style.hidden

    def _take_row_property(self, row: _Row, name: str, value: str) -> None:
        if name == "gridSpan":
            row.columns = int(value or "1")
        elif name == "vMerge":
            row.repeats = value != "restart"
        elif name == "gridBefore":
            self.tables.skip_columns(int(value or "0"))
        elif name == "hidden":
            row.hidden = is_on(value)

    def _start_run(self) -> None:
        if self._paragraphs:
            paragraph = self._paragraphs[-1]
            style = self._styles.resolve(paragraph.style) if paragraph.style else None
            paragraph.struck, paragraph.hidden = bool(style and style.struck), bool(style and style.hidden)

    def _end_paragraph(self) -> None:
        if not self._paragraphs:
            return
        paragraph = self._paragraphs.pop()
        text, label = "".join(paragraph.parts), self._label(paragraph)
        if not self.tables.in_cell:
            self.tables.paragraph(f"{label.text}{text}" if label and text.strip() else text)
            return
        self.tables.paragraph(text)
        if label and self._rows and not self._rows[-1].label:
            self._rows[-1].label = label

    def _label(self, paragraph: _Paragraph) -> NumberLabel | None:
        style = self._styles.resolve(paragraph.style)
        number = style.number if paragraph.number is None else paragraph.number
        if number is None or (self._rows and self._rows[-1].deleted):
            return None
        level = style.level if paragraph.level is None else paragraph.level
        if level is None:
            level = self._lists.level_of_style(number, paragraph.style)
        return self._lists.next_label(number, level)

    def _start_cell(self) -> None:
        self.tables.start_cell()
        if self._rows:
            self._rows[-1].columns, self._rows[-1].repeats, self._rows[-1].label = 1, False, None

    def _end_cell(self) -> None:
        row = self._rows[-1] if self._rows else _Row()
        if row.label and self.tables.is_cell_empty():
            self.tables.paragraph(row.label.since_heading if row.label.plain else row.label.text)
        elif row.label:
            row.labels[self.tables.column] = row.label.text
        self.tables.end_cell(row.columns, repeats=row.repeats)

    def _end_row(self) -> None:
        if not self._rows:
            return
        row = self._rows.pop()
        filled = self.tables.filled_columns()
        if len(filled) == 1 and filled[0] in row.labels:
            self.tables.prefix(filled[0], row.labels[filled[0]])
        heading = self.tables.row_text()
        self.tables.end_row(row.hidden)
        if is_section_heading(heading) or (len(filled) <= 1 and category_in(heading)):
            self._lists.start_section()
