"""Errors of imports: why a file could not be read. Nothing is written when one of these is raised.

Readers do not know the file's name: `read_table` fills in ``{file}`` by `TableImportError.with_file_name`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

from store.exceptions import GuanjiaError


class TableImportError(GuanjiaError):
    """Base of the errors of a file that is to be imported."""

    code = "intake"
    what = "{file} could not be read: {detail}."
    data = "Nothing was imported; the ledger is as it was."
    remedy = "Check that this is the file you meant."

    def with_file_name(self, file: str) -> Self:
        """The same error with the file's name."""
        return type(self)(**{**self.values, "file": file})


class HolidayRowUnclear(TableImportError):
    """A row of a table of holidays that says no day, or not whether it is off or worked."""

    code = "holiday_unclear"
    what = "{file}, row {row}: “{text}” is no day off and no day worked."
    remedy = "Each row needs a day with its year (or --year), or a first and a last one, and 放假 or 上班."


class HolidayDaysUnclear(TableImportError):
    """Typed holidays that are no days of their year."""

    code = "holiday_unclear"
    what = "“{text}” are no days of the year “{year}”."
    remedy = "Write the year as 2027, days as 1.1 or 1.1-1.3, several with ；. A day is off or worked, not both."


class FileNotThere(TableImportError):
    """No file has this name."""

    code = "no_file"
    what = "There is no file {file}."
    remedy = "Check the name and the folder."


class NotAFile(TableImportError):
    """A folder, a device or a pipe."""

    code = "not_a_file"
    what = "{file} is not a file."
    remedy = "Name the file itself, not the folder that it is in."


class FileUnreadable(TableImportError):
    """The operating system refuses to read it."""

    code = "unreadable"
    value_families: ClassVar[Mapping[str, str]] = {"detail": "file_cause"}
    what = "{file} could not be opened: {detail}."
    remedy = "Close it in other programs, check that you may read it, and try again."


class EmptyFile(TableImportError):
    """The file has no content at all."""

    code = "empty"
    what = "{file} is empty."
    remedy = "Ask for the file again: it may not have been copied completely."


class UnknownFormat(TableImportError):
    """The content is none that can be imported."""

    code = "format"
    what = "Tables are read from Excel, WPS, Word, OpenDocument, HTML, CSV and text files; {file} is none of these."
    remedy = "Open it in an office program and save it as .xlsx or .docx."


class LegacyFormat(TableImportError):
    """A document of before 2007 or in WPS's own format, which only LibreOffice reads."""

    code = "legacy_format"
    what = "{file} is in an old Office or WPS format ({found})."
    remedy = "Save it as .xlsx or .docx in an office program; with LibreOffice installed it is read as it is."


class WrongExtension(TableImportError):
    """The content's format differs from the extension."""

    code = "wrong_extension"
    what = "{file} is named {named} but its content is {found}."
    remedy = "Give it the ending that fits its content, or save it again under the right format."


class PasswordProtected(TableImportError):
    """An encrypted workbook or document."""

    code = "password"
    what = "{file} is protected by a password."
    remedy = "Open it, save a copy without the password, and import the copy."


class Truncated(TableImportError):
    """The file ends in the middle of something."""

    code = "truncated"
    what = "{file} is cut off: its end is missing."
    remedy = "Copy or download it again."


class DamagedFile(TableImportError):
    """The container or its XML is damaged, or has parts that no table needs."""

    code = "damaged_file"
    what = "{file} is damaged or not an Office file ({detail})."
    remedy = "Open it in an office program, save it again, and import that copy."


class TooLarge(TableImportError):
    """Larger than any responsibility table, compressed or uncompressed."""

    code = "too_large"
    value_families: ClassVar[Mapping[str, str]] = {"unit": "size_unit"}
    what = "{file} is far too large for a responsibility table: more than {most} {unit}."
    remedy = "Copy the table alone into a new file and import that."


class CellTooLong(TableImportError):
    """A cell with more characters than any program for tables allows."""

    code = "cell_too_long"
    what = "A cell in row {row} of {file} has more than {most} characters."
    remedy = "Shorten the cell or empty it, and import the file again."


class TooManyNames(TableImportError):
    """A cell names more people or units than one project has: a list in the wrong place, or a hostile file."""

    code = "too_many_names"
    what = "Row {row} of {file} names {names} people or units in one cell; at most {most} can be read."
    remedy = "Shorten the cell to those of this project, and import the file again."


class FullOfFormulas(TableImportError):
    """Cells that should hold names hold formulas."""

    code = "formulas"
    what = "{file} is full of formulas: {found} of its cells are computed, so what they say is not known."
    remedy = "Copy the table, paste it as values into a new file, and import that."


class NotText(TableImportError):
    """A .txt or .csv file whose bytes are no text in any supported encoding."""

    code = "not_text"
    what = "{file} is not text in UTF-8, UTF-16 or GB18030."
    remedy = "Save it again as text or CSV in UTF-8."


class NotATable(TableImportError):
    """Readable, but without a responsibility table."""

    code = "not_a_table"
    what = "No responsibility table was found in {file}: it has no row of column headings."
    remedy = "The table needs headings: 项目名称 and at least one of 包保领导, 项目管家, 企业联系人."


class NoProjects(NotATable):
    """Column headings without a project below them."""

    code = "no_projects"
    what = "The table in {file} has column headings but not one project under them."
    remedy = "Ask for the file again: it may have been cut off."
