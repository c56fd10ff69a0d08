"""Reports: tables out, as offices hand them in (R14, R27, R37, R47, R50). Start reading here.

> Describe, then write: a builder says what a report holds (``report.py``), one writer per format writes it row by row.
> A report is written beside its place and moved there whole: what is interrupted leaves nothing half-written.
> Whatever people typed stays text: no cell is ever computed by a spreadsheet program.
"""

from __future__ import annotations

import os
import tempfile
from importlib import import_module
from pathlib import Path

from tui.reports.exceptions import ReportNotWritten, UnknownReportFormat
from tui.reports.report import ProgressCallback, Report, RowStream

FORMATS = (".xlsx", ".docx", ".csv", ".json", ".md")


def check_format(path: Path) -> str:
    """The writer for a file of this name. Raises `UnknownReportFormat`."""
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise UnknownReportFormat(file=path.name)
    return suffix[1:]


def write_report(report: Report, path: Path, tick: ProgressCallback = lambda: None) -> int:
    """Write the report to ``path``, in the format that its name ends in; gives how many rows it has. ``tick`` is called
    for each. Raises a `ReportError`; then, and when it is interrupted, ``path`` is as it was."""
    writer = import_module(f"tui.reports.{check_format(path)}")  # each format's library is loaded only for its files
    rows = RowStream(tick)
    try:
        # Beside the target: the move is then within one disk, and nothing of the ledger lies about in /tmp.
        with tempfile.TemporaryDirectory(prefix=".report-", dir=path.absolute().parent) as folder:
            made = Path(folder) / f"report{path.suffix.lower()}"
            writer.write(report, made, rows)
            _fsync(made)
            os.replace(made, path)
    except OSError as error:
        raise ReportNotWritten(file=path, detail=error.strerror or type(error).__name__) from None
    return rows.count


def _fsync(made: Path) -> None:
    """See to it that a power cut after the move cannot leave an empty file."""
    with made.open("rb") as file:
        os.fsync(file.fileno())
