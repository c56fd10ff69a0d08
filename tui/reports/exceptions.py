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


class FormNotReadable(ReportError):
    """A district's own form is not there, or no document."""

    code = "form_unreadable"
    what = "The form {file} cannot be read as a .docx document."
    data = "Nothing was written; without a form the report is written as usual."
    remedy = "Check the file's name, and save it as .docx in Word or WPS."


class FormRefused(ReportError):
    """A form does what no form may: macros, links to other files, computing."""

    code = "form_refused"
    value_families: ClassVar[Mapping[str, str]] = {"detail": "form_fault"}
    what = "The form {file} was not filled in: {detail}."
    data = "Nothing was written, and nothing in the form was carried out."
    remedy = "Take it out of the form; “guanjia report fields” lists what a form may use."


class FormBlank(ReportError):
    """A form has no field at all, like a report that was handed in before."""

    code = "form_blank"
    what = "The form {file} has no field: nothing of this report would be in it."
    data = "Nothing was written."
    remedy = "Put fields into it; “guanjia report fields” lists them."


class FormFieldUnknown(ReportError):
    """A form names a field that its report does not have."""

    code = "form_field"
    what = "The form {file} uses a field that this report does not have: {field}."
    data = "Nothing was written: a paper with a gap would not be noticed."
    remedy = "Correct the field's name; “guanjia report fields” lists those of each report."


class FormTooSmall(ReportError):
    """A report has more rows, or papers, than its form can hold."""

    code = "form_too_small"
    what = "The form {file} holds {most} at most, and there are {rows}."
    data = "Nothing was written: what does not fit would be missing."
    remedy = (
        "Narrow the report, by an issue, a department or a period, or let the form go through “papers” or “tables”."
    )


class FormEnding(ReportError):
    """A form was named for a file of another kind."""

    code = "form_ending"
    what = "A form is filled in as .docx; {file} is none."
    remedy = "Give the file a name that ends in .docx, or leave the form out."


class OneScopeAlone(ReportError):
    """A report of figures was asked for of a person and of a unit at once."""

    code = "one_scope"
    what = "A report is of one person or of one unit, not of both."
    data = "Nothing was written."
    remedy = "Leave one of the two out."


class FormsFolderMissing(ReportError):
    """The folder of the district's own forms, a setting, is not there: a share, a stick, a folder that was moved."""

    code = "forms_folder"
    what = "The folder of own forms, {folder}, is not there."
    data = "Nothing was written: without its form the report would have been laid out otherwise than your office does."
    remedy = "Connect the disk or share, or set or clear forms_folder in the settings. Other formats need no form."


class ReportFolderMissing(ReportError):
    """The folder that a report is written to by itself is not there: a stick, a share."""

    code = "report_folder"
    what = "The folder {folder} is not there."
    data = "The report was not written; one that is already scheduled is tried again every hour."
    remedy = "Connect the disk or share, or schedule the report for another folder."
