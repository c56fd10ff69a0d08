"""Reads .docx documents: the text of every table cell, and the paragraphs between tables as rows of one cell.

Walks the XML that python-docx parsed, because its own ``row.cells`` follows merged cells without bound and leaves out
text inserted with tracked changes or held in content controls.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import docx
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from store.importing.cell_source import MAX_COLUMNS, Cell, CellSource, ReadBudget, SourceRow
from store.importing.exceptions import DamagedFile, TableImportError, TooLarge
from store.importing.zip_safety import check_package

_P, _TBL, _TR, _TC, _T = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc"), qn("w:t")
_SPECIAL_CHARACTERS = {qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:tab"): "\t", qn("w:noBreakHyphen"): "-"}
_TRANSPARENT = frozenset(qn(tag) for tag in ("w:sdt", "w:sdtContent", "w:customXml", "w:smartTag", "w:ins", "w:moveTo"))
"""Elements that only wrap others: content controls and insertions of tracked changes."""
_HIDDEN_ELEMENTS = frozenset(
    {qn("w:del"), qn("w:moveFrom"), qn("w:pPr"), qn("w:rPr"), qn("w:sdtPr"), _TBL, qn("w:txbxContent")}
)
"""Elements whose text a reader does not see at that place: deletions, properties, nested tables, text boxes."""


def read(data: bytes) -> CellSource:
    """The rows, each table a block; a cell merged over columns counts once, one merged over rows is repeated. Raises a
    `TableImportError`."""
    check_package(data)
    try:
        document = docx.Document(BytesIO(data))
        return CellSource(tuple(_BodyReader(ReadBudget()).rows(document.element.body)))
    except TableImportError:
        raise
    except Exception as error:  # python-docx raises arbitrary exceptions for damaged documents
        raise DamagedFile(detail=type(error).__name__) from None


class _BodyReader:
    """Reads a document within one budget."""

    def __init__(self, budget: ReadBudget) -> None:
        self.budget = budget

    def rows(self, body: BaseOxmlElement) -> Iterator[SourceRow]:
        """The rows of all tables and the paragraphs between them."""
        block = 0
        for element in _children(body, {_P, _TBL}):
            if element.tag == _TBL:
                block += 1
                yield from self._table(element, block)
            elif text := _text(element).strip():
                yield SourceRow(None, (Cell(self.budget.count_text(text)),), block)

    def _table(self, table: BaseOxmlElement, block: int) -> Iterator[SourceRow]:
        above: list[Cell] = []
        for number, row in enumerate(_children(table, {_TR}), 1):
            cells: list[Cell] = [Cell()] * _amount(row, "w:trPr/w:gridBefore")
            for cell in _children(row, {_TC}):
                cells += self._cell(cell, above[len(cells)] if len(cells) < len(above) else Cell())
                self._check_width(cells)
            above = cells
            self.budget.count_row(len(cells))
            yield SourceRow(number, tuple(cells), block)

    def _cell(self, cell: BaseOxmlElement, above: Cell) -> list[Cell]:
        merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
        if merge is not None and merge.get(qn("w:val"), "continue") == "continue":
            first = above._replace(merged=bool(above.text))
        else:
            first = Cell(self.budget.count_text(_cell_text(cell)))
        return [first, *[Cell()] * (max(_amount(cell, "w:tcPr/w:gridSpan"), 1) - 1)]

    @staticmethod
    def _check_width(cells: list[Cell]) -> None:
        if len(cells) > MAX_COLUMNS:
            raise TooLarge(detail=f"> {MAX_COLUMNS} columns")


def _amount(element: BaseOxmlElement, path: str) -> int:
    """A number of grid columns, bounded, since a few bytes can claim 2,000 million."""
    amount = element.find("/".join(qn(step) for step in path.split("/")))
    return min(int(amount.get(qn("w:val"), "0")), MAX_COLUMNS) if amount is not None else 0


def _children(element: BaseOxmlElement, tags: set[str]) -> Iterator[BaseOxmlElement]:
    """The nearest descendants with these tags, through elements that only wrap."""
    for child in element:
        if child.tag in tags:
            yield child
        elif child.tag in _TRANSPARENT:
            yield from _children(child, tags)


def _cell_text(cell: BaseOxmlElement) -> str:
    return "\n".join(_text(paragraph) for paragraph in _children(cell, {_P}))


def _text(element: BaseOxmlElement) -> str:
    parts: list[str] = []
    waiting = list(reversed(element))
    while waiting:
        child = waiting.pop()
        if child.tag == _T:
            parts.append(child.text or "")
        elif child.tag in _SPECIAL_CHARACTERS:
            parts.append(_SPECIAL_CHARACTERS[child.tag])
        elif child.tag not in _HIDDEN_ELEMENTS:
            waiting.extend(reversed(child))
    return "".join(parts)
