"""Why a file could not be taken in. Nothing is ever written when one of these is raised.

Readers do not know the file's name: `read_table` fills in ``{file}`` with `IntakeError.named`.
"""

from __future__ import annotations

from typing import Self

from store.exceptions import GuanjiaError


class IntakeError(GuanjiaError):
    """Base of what can be wrong with a file that is to be imported."""

    code = "intake"
    what = "{file} could not be read: {detail}."
    data = "Nothing was imported; the ledger is as it was."
    todo = "Check that this is the file you meant."

    def named(self, file: str) -> Self:
        """This error, saying which file it is about."""
        return type(self)(**{**self.values, "file": file})


class FileNotThere(IntakeError):
    """No file has this name."""

    code = "no_file"
    what = "There is no file {file}."
    todo = "Check the name and the folder."


class NotAFile(IntakeError):
    """A folder, a device or a pipe."""

    code = "not_a_file"
    what = "{file} is not a file."
    todo = "Name the file itself, not the folder that it is in."


class FileUnreadable(IntakeError):
    """The operating system refuses to read it."""

    code = "unreadable"
    what = "{file} could not be opened: {detail}."
    todo = "Close it in other programs, check that you may read it, and try again."


class EmptyFile(IntakeError):
    """The file has no content at all."""

    code = "empty"
    what = "{file} is empty."
    todo = "Ask for the file again: it may not have been copied completely."


class UnknownFormat(IntakeError):
    """The name ends in nothing that intake reads."""

    code = "format"
    what = "Tables are read from .txt, .docx, .xlsx, .csv and .tsv files; {file} is none of these."
    todo = "Open it in an office program and save it as .xlsx or .docx."


class LegacyFormat(IntakeError):
    """An Office file of before 2007, or WPS's own format."""

    code = "legacy_format"
    what = "{file} is in an old Office or WPS format ({found})."
    todo = "Open it in an office program and save it as .xlsx or .docx."


class WrongExtension(IntakeError):
    """The content is another format than the name says."""

    code = "wrong_extension"
    what = "{file} is named {named} but its content is {found}."
    todo = "Give it the ending that fits its content, or save it again under the right format."


class PasswordProtected(IntakeError):
    """An encrypted workbook or document."""

    code = "password"
    what = "{file} is protected by a password."
    todo = "Open it, save a copy without the password, and import the copy."


class Truncated(IntakeError):
    """The file ends in the middle of something."""

    code = "truncated"
    what = "{file} is cut off: its end is missing."
    todo = "Copy or download it again."


class DamagedFile(IntakeError):
    """The container or its XML is not sound, or has parts that no table needs."""

    code = "damaged_file"
    what = "{file} is damaged or not an Office file ({detail})."
    todo = "Open it in an office program, save it again, and import that copy."


class TooLarge(IntakeError):
    """More than a responsibility table can be, packed or unfolded."""

    code = "too_large"
    what = "{file} is far too large for a responsibility table ({detail})."
    todo = "Copy the table alone into a new file and import that."


class FullOfFormulas(IntakeError):
    """Cells that ought to hold names hold formulas."""

    code = "formulas"
    what = "{file} is full of formulas: {found} of its cells are computed, so what they say is not known."
    todo = "Copy the table, paste it as values into a new file, and import that."


class NotText(IntakeError):
    """A .txt or .csv file whose bytes are no text in any encoding that is read."""

    code = "not_text"
    what = "{file} is not text in UTF-8, UTF-16 or GB18030."
    todo = "Save it again as text or CSV in UTF-8."


class NotATable(IntakeError):
    """Readable, but no responsibility table is in it."""

    code = "not_a_table"
    what = "No responsibility table was found in {file}: it has no row of column headings."
    todo = "The table needs headings: 项目名称 and at least one of 包保领导, 项目管家, 企业联系人."


class NoProjects(NotATable):
    """Column headings, and no project under them."""

    code = "no_projects"
    what = "The table in {file} has column headings but not one project under them."
    todo = "Ask for the file again: it may have been cut off."
