"""Errors of tables of registers. Nothing is written when one of these is raised."""

from __future__ import annotations

from store.importing.exceptions import TableImportError


class RegisterColumnsMissing(TableImportError):
    """No table of the file has the columns that the register cannot do without."""

    code = "unknown_headings"
    what = "{file} has no column for: {missing}. Its columns are: {seen}."
    remedy = "Say which it is: --map “COLUMN={first}”. “guanjia template” writes a table that is taken in."


class RegisterColumnsNotUnderstood(TableImportError):
    """Columns that may hold names are not understood."""

    code = "unknown_columns"
    what = "{file} has columns that may hold names and are not understood: {columns}. Its columns are: {seen}."
    remedy = (
        "Say what each is: --map “COLUMN=FIELD” ({fields}), or “COLUMN=-” to set it aside; --accept sets all aside."
    )


class NoRecords(TableImportError):
    """Headings without rows."""

    code = "no_rows"
    what = "The table in {file} has column headings but no row under them."
