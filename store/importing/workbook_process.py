"""Reads the cells of a workbook with calamine; run as a program, does so in a process of its own.

> Formats that no scan of ours bounds before (.xls, .xlsb, .ods) are read in a process with limits of memory and time:
> a few bytes can claim 17,000 million cells, and a library that cannot allocate them ends its process.

Imports nothing of ours, since the program is started by its path: `workbook.py` starts it, ``xlsx.py`` calls
`workbook_sheets`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from io import BytesIO
from typing import NamedTuple

if sys.platform != "win32":  # which has no such limits
    import resource

from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

MAX_MEMORY_BYTES = 1 << 30
MAX_CPU_SECONDS = 60
EXIT_PASSWORD, EXIT_TOO_LARGE, EXIT_DAMAGED = 3, 4, 5
"""How the program ends when it has no cells to print."""
_EXACT = 10**15
"""From here on a spreadsheet's numbers, which have 15 digits, may have lost some."""
_DIGITS = 15
Range = tuple[int, int, int, int]
"""Top, left, bottom, right, from 0."""


class WorkbookSheet(NamedTuple):
    """A sheet: its place in the workbook, from 0; ``rows`` are those that are not empty, with their numbers from 1,
    without empty cells at the end. ``merged`` is None where calamine does not know."""

    place: int
    name: str
    visible: bool
    merged: list[Range] | None
    rows: Iterable[tuple[int, list[str]]]


def workbook_sheets(data: bytes) -> Iterator[WorkbookSheet]:
    """The sheets of a workbook in its order; the cells of hidden ones are read only when asked for. Raises a
    ``CalamineError``, or anything else for a damaged file."""
    with CalamineWorkbook.from_filelike(BytesIO(data)) as workbook:
        for place, about in enumerate(workbook.sheets_metadata):
            if about.typ is not SheetTypeEnum.WorkSheet:
                continue
            sheet = workbook.get_sheet_by_index(place)
            ranges = sheet.merged_cell_ranges
            merged = [(*first, *last) for first, last in ranges] if ranges is not None else None
            yield WorkbookSheet(place, about.name, about.visible is SheetVisibleEnum.Visible, merged, _rows(sheet))


def _rows(sheet: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    top, left = sheet.start or (0, 0)
    for number, values in enumerate(sheet.iter_rows(), 1):
        if values.count("") == len(values):
            continue
        texts = [cell_text(value) for value in values]
        if any(texts):
            while not texts[-1]:
                texts.pop()
            padding = [""] * left if number > top else []  # iter_rows counts empty rows above, not columns
            yield number, padding + texts


def cell_text(value: object) -> str:
    """A cell's value as text, as a person sees it. A number that lost digits keeps its exponent, so that nobody takes
    it for exact."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return _number_text(value)
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        return value.date().isoformat()
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)


def _number_text(value: float) -> str:
    if abs(value) < _EXACT:
        return str(int(value)) if value == int(value) else f"{value:.{_DIGITS}g}"
    return f"{value:.{_DIGITS - 1}E}"  # also for what is no number


def main() -> int:
    """Read a workbook from standard input, print each sheet as a line of JSON: a `WorkbookSheet`, of a hidden one
    only the first row."""
    _limit()
    try:
        return _print_sheets(sys.stdin.buffer.read(), int(sys.argv[1]))
    except PasswordError:
        return EXIT_PASSWORD
    except MemoryError:
        return EXIT_TOO_LARGE
    except BaseException:  # a panic of the library is no Exception
        return EXIT_DAMAGED


def _print_sheets(data: bytes, most: int) -> int:
    for sheet in workbook_sheets(data):
        rows = []
        for number, texts in sheet.rows:
            most -= len(texts) + sum(map(len, texts))
            if most < 0:
                return EXIT_TOO_LARGE
            rows.append((number, texts))
            if not sheet.visible:
                break
        print(json.dumps(sheet._replace(rows=rows)))
    return 0


def _limit() -> None:
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main())
