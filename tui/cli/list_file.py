"""``guanjia … list --out FILE``: what a list would print goes to a file, one row after the other.

Every command named ``list`` has the option (`tui.cli.groups.Command`). The columns and cells are those that it prints.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tui.cli.export_note import note_export
from tui.cli.output import Cell, show
from tui.cli.progress import progress_bar
from tui.cli.session import latest_session
from tui.i18n.translate import _
from tui.reports import check_target, write_report
from tui.reports.exceptions import ReportError


class WrittenFile(NamedTuple):
    """A file with a table, and how many rows it has."""

    rows: int
    file: str


def show_written(written: WrittenFile) -> None:
    """Tell which file was written."""
    show(_("Written to {file}; rows: {rows}").format(file=written.file, rows=written.rows))


class ListFile:
    """The file that a command's table goes to; its name without the ending is the table's title. Raises a `ReportError`
    where a file of that name must not be written."""

    def __init__(self, path: Path, *, overwrite: bool) -> None:
        check_target(path, overwrite=overwrite)
        self.written: WrittenFile | None = None
        self._path, self._overwrite = path, overwrite

    def write(self, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
        """Write the table. Raises a `ReportError`; then the file is as it was."""
        from tui.reports.lists import list_report

        session = latest_session()
        if session is None:
            raise ReportError(file=self._path, detail="")
        report = list_report(self._path.stem, columns, rows)
        with progress_bar(_("Writing"), None) as tick:
            note = partial(note_export, session)
            count = write_report(report, self._path, tick, overwrite=self._overwrite, note=note)
        self.written = WrittenFile(count, str(self._path))
