"""Write the template of a register: the headings that an import knows, drop-downs, an example on a sheet of its own,
and where it is wanted, what the ledger says.

> The table itself has no example row, so that none can be taken in; the headings are Chinese, as the registers are.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from store.importing.records.shape import RecordRegister
from tui.i18n.translate import _
from tui.reports import ExportNote, check_target, written_aside
from tui.reports.exceptions import UnknownReportFormat
from tui.reports.report import PROGRAM

_ROWS = 1_000
"""So many rows have drop-downs and cells of text."""
_WIDTHS = {"project": 32, "title": 40, "text": 40, "progress": 40, "measure": 40}


def write_template(
    register: RecordRegister,
    path: Path,
    rows: Sequence[Sequence[str]] = (),
    *,
    overwrite: bool = False,
    note: ExportNote = lambda *_export: None,
) -> None:
    """Write the template to ``path``, with these rows; ``note`` is called before they leave as a file. Raises a
    `ReportError`; then ``path`` is as it was."""
    if path.suffix.lower() != ".xlsx":
        raise UnknownReportFormat(file=path.name)
    check_target(path, overwrite=overwrite)
    noted = partial(note, f"template {register.name}", "xlsx", len(rows)) if rows else lambda: None
    with written_aside(path, noted, overwrite=overwrite) as temporary:
        _write(register, temporary, rows)


def _write(register: RecordRegister, path: Path, rows: Sequence[Sequence[str]]) -> None:
    workbook = Workbook(str(path), {"constant_memory": True})
    workbook.set_properties({"title": register.title, "author": PROGRAM})
    head = workbook.add_format({"bold": True, "border": 1, "bg_color": "#E7EEF7", "align": "center", "text_wrap": True})
    text = workbook.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    sheet, example = workbook.add_worksheet(register.title), workbook.add_worksheet("填表示例")
    fields = register.template_fields
    for place, field in enumerate(fields):
        width = _WIDTHS.get(field.name, 16)
        sheet.set_column(place, place, width, text)
        example.set_column(place, place, width, text)
        if field.choices:
            allowed = {"validate": "list", "source": list(field.choices)}
            sheet.data_validation(1, place, len(rows) + _ROWS, place, allowed)
    _write_row(sheet, 0, [field.heading for field in fields], head)
    for number, row in enumerate(rows, 1):
        _write_row(sheet, number, row, text)
    _write_row(example, 0, [_("How a row is filled in. This sheet is not read; * must be filled in.")], None)
    _write_row(example, 2, [field.heading + (" *" if field.required else "") for field in fields], head)
    _write_row(example, 3, [field.example for field in fields], text)
    sheet.freeze_panes(1, 0)
    workbook.close()


def _write_row(sheet: Worksheet, number: int, texts: Sequence[str], look: Format | None) -> None:
    for place, text in enumerate(texts):
        if text:
            sheet.write_string(number, place, text, look)
