"""A list of a screen as a file or as text: all of its columns, every row, as it is filtered and sorted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from tui.data.rows import RowSource, all_rows
from tui.i18n.dates import whole_dates
from tui.i18n.translate import _
from tui.reports import ExportNote, personal_file, write_report
from tui.reports.csv import guarded
from tui.reports.lists import list_report
from tui.widgets.cells import single_line
from tui.widgets.columns import ListColumn

MAX_CLIPBOARD_ROWS = 2_000
"""Terminals drop long texts for the clipboard, most of them without a word; more rows than these go to a file."""


class ListInView(NamedTuple):
    """A list on the screen: what it is called, how it is filtered and sorted in words, its columns and rows."""

    title: str
    words: str
    columns: Sequence[ListColumn[Any]]
    source: RowSource[Any]

    @property
    def written_columns(self) -> list[ListColumn[Any]]:
        """The columns that have a heading; the others are there for the eye."""
        return [column for column in self.columns if column.heading]

    @property
    def headings(self) -> list[str]:
        """The headings, in the language in use."""
        return [_(column.heading) for column in self.written_columns]

    def rows(self) -> Iterator[list[str | int]]:
        """The cells of each row."""
        columns = self.written_columns
        return ([_value(column, row) for column in columns] for row in all_rows(self.source))


class WrittenList(NamedTuple):
    """The file that a list was written to, and how many rows it has."""

    path: Path
    rows: int


def _value(column: ListColumn[Any], row: object) -> str | int:
    text = column.text(row).strip()
    return int(text) if column.align_right and text.isdecimal() and len(text) < 16 else text


def write_list(shown: ListInView, ending: str, folder: Path, today: str, note: ExportNote) -> WrittenList:
    """Write the list to a file of its own in ``folder``, named by what it is, how it is filtered and the day. ``note``
    keeps for the central's audit that it was written. Raises a `ReportError`; then there is no such file."""
    path = personal_file(ending, shown.title, *shown.words.split("   "), today, folder=folder)
    with whole_dates():
        report = list_report(shown.title, shown.headings, shown.rows(), subtitle=shown.words)
        return WrittenList(path, write_report(report, path, note=note))


def list_as_text(shown: ListInView) -> str | None:
    """The list as text for the clipboard, its cells apart by tabs, as spreadsheet programs paste them; None where it is
    too long for that."""
    with whole_dates():
        rows = list(islice(shown.rows(), MAX_CLIPBOARD_ROWS + 1))
    if len(rows) > MAX_CLIPBOARD_ROWS:
        return None
    lines: list[Sequence[str | int]] = [shown.headings, *rows]
    return "\n".join("\t".join(guarded(single_line(str(cell))) for cell in row) for row in lines)


def cells_of_row(columns: Sequence[ListColumn[Any]], row: object) -> list[tuple[str, str]]:
    """What a row says, by heading; without what is empty."""
    with whole_dates():
        pairs = [(_(column.heading), column.text(row).strip()) for column in columns if column.heading]
    return [(heading, text) for heading, text in pairs if text]
