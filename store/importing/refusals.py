"""Errors of tables that could be read but are not taken: another register's, or with columns that nobody explained.

Nothing is written when one of these is raised; each says how to go on.
"""

from __future__ import annotations

from store.importing.exceptions import NotATable, TableImportError


class OtherTableRefused(TableImportError):
    """A table whose title or columns are another register's."""

    code = "other_table"
    what = "{file} is not a responsibility table, but a table of another kind."
    remedy = "If it is one all the same, set its other columns aside: guanjia import FILE --map “COLUMN=-”."


class IssueLedgerRefused(OtherTableRefused):
    """Rows are issues."""

    code = "issue_ledger"
    what = "{file} is an issue ledger, not a responsibility table."
    remedy = "To take its issues in with their history: guanjia import FILE --as issues."


class VisitLogRefused(OtherTableRefused):
    """Rows are visits, meetings or work done."""

    code = "visit_log"
    what = "{file} is a log of visits or work, not a responsibility table."
    remedy = "To take its visits in: guanjia import FILE --as visits."


class MeetingSheetRefused(OtherTableRefused):
    """Rows are what a meeting decides."""

    code = "meeting_sheet"
    what = "{file} is a sheet of a meeting, not a responsibility table."


class ProgressTableRefused(OtherTableRefused):
    """Rows are what projects achieved in a month or year."""

    code = "progress_table"
    what = "{file} is a progress table, not a responsibility table."
    remedy = "To take its months in: guanjia import FILE --as progress."


class TaskListRefused(OtherTableRefused):
    """Rows are tasks with time limits."""

    code = "task_list"
    what = "{file} is a list of tasks, not a responsibility table."


class ProcedureTableRefused(OtherTableRefused):
    """Rows are procedures of projects, or columns are."""

    code = "procedure_table"
    what = "{file} is a table of procedures, not a responsibility table."
    remedy = "To take its procedures in: guanjia import FILE --as procedures."


class EvaluationRefused(OtherTableRefused):
    """Rows are scores."""

    code = "evaluation_table"
    what = "{file} is an evaluation, not a responsibility table."


class PeopleListRefused(OtherTableRefused):
    """Rows are people without projects."""

    code = "people_list"
    what = "{file} is a list of people, not a responsibility table."
    remedy = "To take its people in: guanjia import FILE --as people."


class ReportRefused(OtherTableRefused):
    """A report that this program made."""

    code = "report"
    what = "{file} is a report of this program, not a responsibility table."


class ColumnsNotUnderstood(TableImportError):
    """Columns hold names, or may, and nothing says of whom. ``values["asked"]`` are `judge.AskedColumn`."""

    code = "unknown_columns"
    what = "{file} has columns that may hold names and are not understood: {columns}. Its columns are: {seen}."
    remedy = "Say what each is: --map “{first}=butler”, or --map “{first}=-” to set it aside; --accept sets all aside."


class HeadingsNotUnderstood(NotATable):
    """A table whose headings name no project or no role. ``values["lacks"]`` is the field that is missed first,
    ``values["headings"]`` are those that there are."""

    code = "unknown_headings"
    what = "{file} has a table, but not the columns of a responsibility table. Its columns are: {seen}."
    remedy = "Say which is which: --map “COLUMN=name” for the projects, --map “COLUMN=butler” for who serves them."


class MappingNotUnderstood(TableImportError):
    """What was said of a column is not COLUMN=FIELD, or names no known field or column."""

    code = "bad_mapping"
    what = "“{text}” does not say what a column is."
    data = "Nothing was imported; the ledger is as it was."
    remedy = "Write COLUMN=FIELD; FIELD is one of: {fields}."


class ColumnNotThere(TableImportError):
    """What was said is of a column that the table does not have."""

    code = "no_column"
    what = "{file} has no column “{column}”. Its columns are: {seen}."
    remedy = "Write the heading as it stands in the table, or the column's number."
