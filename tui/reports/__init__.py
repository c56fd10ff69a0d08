"""Reports as files: .xlsx, .docx, .csv, .json, .md (R14, R27, R37, R47, R50).

Use: `write_report` and `check_format` of this module, `options.REPORTS` and `options.resolve_options`. A builder
(``tables``, ``responsibility``, ``summary``, ``meeting_sheet``, ``evaluation``) describes a `report.Report`; a writer
(``xlsx``, ``docx``, ``csv``, ``json``, ``md``) writes it row by row. Both may import ``store`` and ``tui.i18n`` alone.

> A report is written to a temporary file beside its target and moved there: an interrupted write leaves the target as
> it was.
> A file that is there already is overwritten only where the caller says so.
> Control characters reach no file, and typed text stays text: no cell is computed by a spreadsheet program.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from store.values.file_causes import FULL, READ_ONLY, file_cause
from tui.reports.exceptions import (
    FormEnding,
    ReportDiskFull,
    ReportError,
    ReportFileExists,
    ReportNotWritten,
    UnknownReportFormat,
)
from tui.reports.report import ProgressCallback, Report, RowStream

ExportNote = Callable[[str, str, int], object]
"""Keeps for the central's audit what leaves as a file (`store.writer.export_records.record_export`)."""
FORMATS = (".xlsx", ".docx", ".csv", ".json", ".md")


def check_format(path: Path) -> str:
    """The format that the file's name ends in: the name of its writer module. Raises `UnknownReportFormat`."""
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise UnknownReportFormat(file=path.name)
    return suffix[1:]


def check_target(path: Path, *, overwrite: bool = False) -> None:
    """Raise `UnknownReportFormat`, or `ReportFileExists` where something is there that must not be overwritten."""
    check_format(path)
    require_free(path, overwrite=overwrite)


def require_free(path: Path, *, overwrite: bool = False) -> None:
    """Raise `ReportFileExists` where something is there that must not be overwritten."""
    if not overwrite and (path.exists() or path.is_symlink()):
        raise ReportFileExists(file=path)


MAX_STEM_BYTES = 200
"""So long is the name of a file before its ending: disks take 255 bytes, with a number and the ending."""


def free_path(path: Path) -> Path:
    """This path, or where something is there already the next one with a number: ``summary (2).xlsx``."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem} ({number}){path.suffix}")
    return free


def personal_file(ending: str, *parts: str, folder: Path | None = None) -> Path:
    """A file that is not there yet in ``folder``, or among the person's own, named by these parts in their language:
    ``汇总分析-2026-05-20.xlsx``. The longest parts are cut where no file may have so long a name."""
    words = [re.sub(r"[^\w-]+", "-", part.strip()).strip("-") for part in parts if part.strip()]
    stems = ("-".join(word[:longest] for word in words) for longest in range(MAX_STEM_BYTES, 0, -1))
    stem = next(stem for stem in stems if len(stem.encode()) <= MAX_STEM_BYTES)
    return free_path((folder or Path.home()) / f"{stem}{ending}")


def write_report(
    report: Report,
    path: Path,
    tick: ProgressCallback = lambda: None,
    *,
    overwrite: bool = False,
    note: ExportNote,
    form: Path | None = None,
) -> int:
    """Write the report to ``path``, in the format that its name ends in, or into a copy of a district's own ``form``; a
    file that is there already is replaced with ``overwrite`` only. Returns the number of rows; calls ``tick`` for each,
    and ``note`` with the report's name, its format and its rows before the file is in its place, so that no report
    leaves without. Raises a `ReportError`; then, and when it is interrupted, ``path`` is as it was."""
    check_target(path, overwrite=overwrite)
    if form is not None and check_format(path) != "docx":
        raise FormEnding(file=path.name)
    writer = import_module(f"tui.reports.{check_format(path)}")  # each format's library is loaded only for its files
    rows = RowStream(tick)

    def note_rows() -> None:
        note(report.name, path.suffix.lower()[1:], rows.count)

    with written_aside(path, note_rows, overwrite=overwrite) as temporary:
        if form is not None:
            import_module("tui.reports.forms").fill_form(form, report.sanitized(), temporary, rows)
        else:
            writer.write(report.sanitized(), temporary, rows)
    return rows.count


@contextlib.contextmanager
def written_aside(path: Path, note: Callable[[], object] = lambda: None, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary file to write, which is flushed and moved to ``path`` after the block; ``note`` is called right
    before. Raises a `ReportError`; then, and when it is interrupted, ``path`` is as it was."""
    try:
        # Beside the target: the move stays within one disk, and nothing of the ledger is left in /tmp.
        with tempfile.TemporaryDirectory(prefix=".report-", dir=path.absolute().parent) as folder:
            temporary = Path(folder) / f"report{path.suffix.lower()}"
            yield temporary
            _fsync(temporary)
            require_free(path, overwrite=overwrite)  # somebody may have made it meanwhile
            note()
            os.replace(temporary, path)
    except OSError as error:
        raise to_report_error(error, path) from None


def to_report_error(error: OSError, path: Path) -> ReportError:
    """What kept ``path`` from being written: no room, or another fault of its disk or folder."""
    cause = file_cause(error.errno)
    refused = ReportDiskFull if cause in (FULL, READ_ONLY) else ReportNotWritten
    return refused(file=path, detail=cause)


def _fsync(path: Path) -> None:
    """Flush the file to the disk, or a power cut after the move could leave an empty file."""
    with path.open("rb+") as file:  # Windows flushes none that is open for reading alone
        os.fsync(file.fileno())
