"""Write the template of a register: the headings that an import knows, drop-downs, an example on a sheet of its own.

> The table itself has no example row, so that none can be taken in; the headings are Chinese, as the registers are.
"""

from __future__ import annotations

from pathlib import Path

from xlsxwriter import Workbook

from store.importing.records.fields import RecordRegister
from tui.i18n.translate import _
from tui.reports import check_target, written_aside
from tui.reports.exceptions import UnknownReportFormat
from tui.reports.report import PROGRAM

_ROWS = 1_000
"""So many rows have drop-downs and cells of text."""
_WIDTHS = {"project": 32, "title": 40, "text": 40, "progress": 40, "measure": 40}


def write_template(register: RecordRegister, path: Path, *, overwrite: bool = False) -> None:
    """Write the template to ``path``. Raises a `ReportError`; then ``path`` is as it was."""
    if path.suffix.lower() != ".xlsx":
        raise UnknownReportFormat(file=path.name)
    check_target(path, overwrite=overwrite)
    with written_aside(path, overwrite=overwrite) as temporary:
        _write(register, temporary)


def _write(register: RecordRegister, path: Path) -> None:
    workbook = Workbook(str(path))
    workbook.set_properties({"title": register.title, "author": PROGRAM})
    head = workbook.add_format({"bold": True, "border": 1, "bg_color": "#E7EEF7", "align": "center", "text_wrap": True})
    text = workbook.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    sheet, example = workbook.add_worksheet(register.title), workbook.add_worksheet("填表示例")
    example.write_string(0, 0, _("How a row is filled in. This sheet is not read; * must be filled in."))
    for place, field in enumerate(register.fields):
        width = _WIDTHS.get(field.name, 16)
        sheet.set_column(place, place, width, text)
        example.set_column(place, place, width, text)
        sheet.write_string(0, place, field.heading, head)
        example.write_string(2, place, field.heading + (" *" if field.required else ""), head)
        example.write_string(3, place, field.example, text)
        if field.choices:
            sheet.data_validation(1, place, _ROWS, place, {"validate": "list", "source": list(field.choices)})
    sheet.freeze_panes(1, 0)
    workbook.close()
