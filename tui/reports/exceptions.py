"""Errors of reports. The target file is then as it was before: absent, or the older report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from store.exceptions import GuanjiaError


class ReportError(GuanjiaError):
    """Base class of the errors of reports."""

    code = "report"
    what = "The report {file} could not be written: {detail}."
    data = "The ledger was only read; a file of that name is as it was."
    remedy = "Check the name and the folder."


class UnknownReportFormat(ReportError):
    """The file name ends in no known format."""

    code = "report_format"
    what = "Reports are written as .xlsx, .docx, .csv, .json or .md; {file} is none of these."
    remedy = "Give the file a name that ends in one of them."


class ReportFileExists(ReportError):
    """There is a file of that name, perhaps corrected by hand."""

    code = "file_exists"
    what = "There is already a file {file}."
    data = "It was not touched, and nothing was written."
    remedy = "Name another file, or add --overwrite on the command line if it may be replaced."


class ReportNotWritten(ReportError):
    """The operating system refused to write: folder, permission, or a full disk."""

    code = "report_file"
    value_families: ClassVar[Mapping[str, str]] = {"detail": "file_cause"}
    remedy = "Check that the folder exists, that you may write there, and that the file is not open elsewhere."


class ReportDiskFull(ReportNotWritten):
    """The disk that the report was to be written to has no room for it, or cannot be written at all."""

    remedy = "Free some space on that disk, or write the report to another disk or folder; then write it again."


class HandOverSheetNotWritten(ReportNotWritten):
    """The sheet that goes with a hand-over; the hand-over was taken back, since the sheet is made with it alone."""

    data = "No project was handed over: each is with the butler that it had before."
    remedy = "Free some space, or name a file in a folder where you may write; then hand over again."


class IssueFinished(ReportError):
    """A notice was asked for an issue that is closed or cancelled, or not here."""

    code = "issue_finished"
    what = "Issue {number} is closed or cancelled: nobody supervises a finished issue."
    data = "The ledger was only read, and nothing was written."
    remedy = "Reopen the issue first if it is not settled after all, or name another one."


class CalendarFormat(ReportError):
    """A calendar was to be written to a file that is named as something else."""

    code = "calendar_format"
    what = "A calendar is written as .ics; {file} is none."
    remedy = "Give the file a name that ends in .ics."
