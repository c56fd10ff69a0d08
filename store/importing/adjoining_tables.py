"""Parts the rows of a file into tables: by sheets and Word tables, and where one of another kind begins in a sheet.

> What stands below a responsibility table with headings of its own (a list of phones, of issues, of sums) is another
> table, and so is a sheet of people: neither is ever read on as projects.

Next: ``table.py``, which judges each table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from store.importing.cell_parsing import is_blank, parse_people
from store.importing.cell_source import SourceRow
from store.importing.columns import ColumnMapping, ImportColumns, detect_heading
from store.importing.headings import LONGEST_HEADING, PERSON_ROLES, meaning_of, normalize_heading

_LOOK_AHEAD = 3
_FIRST_ROWS = 20
_NARROWEST = 3
"""The least number of columns of a row of a table."""
_KNOWN_SHARE = 0.6
"""Of the cells of a row of headings without a column of numbers at least this share must be known words."""
_DATA = re.compile(r"\d{3}|[:：]\s*$|^\s*[\d.,%()-]+\s*$")
_LONGEST_NAME = 4


def grouped_tables(rows: Sequence[SourceRow], mapping: ColumnMapping) -> Iterator[tuple[int, list[SourceRow]]]:
    """The rows of each table, with the number of its sheet or Word table. Paragraphs belong to the table below them."""
    waiting: list[SourceRow] = []
    blocks: dict[int, list[SourceRow]] = {}
    for row in rows:
        if row.number is None:
            waiting.append(row)
            continue
        blocks.setdefault(row.block, []).extend((*waiting, row))
        waiting = []
    if waiting and blocks:
        blocks[max(blocks)] += waiting
    for number, lines in blocks.items():
        for part in _parts(lines, mapping):
            yield number, part


def continues_table(rows: Sequence[SourceRow], columns: ImportColumns, mapping: ColumnMapping) -> bool:
    """Whether a table goes on with these columns of the one before: it is as wide, has no headings of its own, and
    its rows are no people."""
    lines = [row for row in rows if row.number is not None]
    width = max((len(row.cells) for row in lines), default=0)
    if not width == len(columns) >= _NARROWEST:
        return False
    first = lines[:_FIRST_ROWS]
    cells = [row.cells for row in first]
    if any(detect_heading(cells[at : at + _LOOK_AHEAD], mapping) is not None for at in range(len(cells))):
        return False
    return not any(map(_has_headings, first)) and not _lists_people(first, columns)


def _parts(rows: list[SourceRow], mapping: ColumnMapping) -> Iterator[list[SourceRow]]:
    """The tables that stand one below the other in these rows."""
    start = at = 0
    known: set[str] = set()
    other = below = False
    while at < len(rows):
        row = rows[at]
        if row.number is None or not _may_be_headings(row):
            below = below or row.number is not None
            at += 1
            continue
        ahead = _filled_from(rows, at)
        heading = detect_heading([rows[place].cells for place in ahead], mapping)
        if heading is not None or (known and below and not other and _is_other(row, known)):
            if (heading is None) != other:
                cut = _with_title(rows, at)
                yield rows[start:cut]
                start = cut
            other, below = heading is None, False
            known |= (
                {label for place in ahead[: heading.height] for label in _labels(rows[place])} if heading else set()
            )
            at = ahead[heading.height - 1] + 1 if heading else at + 1
        else:
            below = True
            at += 1
    yield rows[start:]


def _filled_from(rows: Sequence[SourceRow], at: int) -> list[int]:
    ahead = range(at, min(at + 2 * _LOOK_AHEAD, len(rows)))
    return [place for place in ahead if any(cell.text.strip() for cell in rows[place].cells)][:_LOOK_AHEAD]


def _with_title(rows: Sequence[SourceRow], at: int) -> int:
    """Where a table with headings at ``at`` begins: the lines of one cell directly above are its title."""
    while at and sum(not is_blank(cell.text) for cell in rows[at - 1].cells) == 1 and rows[at - 1].number is not None:
        at -= 1
    return at


def _labels(row: SourceRow) -> list[str]:
    return [label for cell in row.cells if (label := normalize_heading(cell.text))]


def _may_be_headings(row: SourceRow) -> bool:
    """Whether a row has no numbers in it, and not one text in all its cells (a section's heading, filled cell by cell):
    asked of every row of a long table."""
    texts = [cell.text for cell in row.cells if cell.text and not cell.merged]
    return len(set(texts)) > 1 and not any(cell.formula for cell in row.cells) and not any(map(_DATA.search, texts))


def _has_headings(row: SourceRow) -> bool:
    """Whether a row is one of headings, of whatever table: a column of numbers, or words that are known as such."""
    labels = _labels(row)
    if len(labels) < _NARROWEST or not _may_be_headings(row) or any(len(label) > LONGEST_HEADING for label in labels):
        return False
    meanings = [meaning_of(label) for label in labels]
    known = sum(meaning is not None for meaning in meanings)
    return meanings[0] == "number" or known >= max(2, _KNOWN_SHARE * len(labels))


def _is_other(row: SourceRow, known: set[str]) -> bool:
    """Whether a row has headings of a table that is not the one above, whose headings may be repeated in part."""
    return _has_headings(row) and not set(_labels(row)) <= known


def _lists_people(rows: Sequence[SourceRow], columns: ImportColumns) -> bool:
    """Whether the rows are people: names stand in the projects' column, and nobody in those of who serves them."""
    fields = [set((column.field or "").split("&")) for column in columns]
    name = next(at for at, each in enumerate(fields) if "name" in each)
    roles = [at for at, each in enumerate(fields) if each & {*PERSON_ROLES}]
    filled = [[cell.text.strip() for cell in row.cells] for row in rows if len(row.cells) == len(columns)]
    filled = [texts for texts in filled if not is_blank(texts[name])]
    named = [texts for texts in filled if len(texts[name]) <= _LONGEST_NAME and parse_people(texts[name]).people]
    served = [texts for texts in filled if any(parse_people(texts[at]).people for at in roles)]
    return bool(filled) and 2 * len(named) >= len(filled) > 2 * len(served)
