"""What taking in a register's table does, or would do: counts, a verdict on each row, warnings, columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from store.importing.import_report import (
    ColumnJson,
    ImportCounts,
    RowVerdict,
    TableImportWarning,
    Translate,
    VerdictJson,
    WarningJson,
    Word,
)


class RecordReportJson(TypedDict):
    """The report in JSON."""

    register: str
    records: dict[str, int]
    added: dict[str, int]
    warnings: list[WarningJson]
    rows: list[VerdictJson]
    columns: list[ColumnJson]
    written: bool


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that is not taken, as it is in the file, and why."""

    cells: tuple[str, ...]
    warning: TableImportWarning


@dataclass(frozen=True, slots=True)
class RecordReport:
    """The outcome. ``people`` and ``units`` are new ones that the rows name; ``refused`` the rows that are left out,
    below ``headings``."""

    register: str
    counts: ImportCounts
    people: int
    units: int
    rows: tuple[RowVerdict, ...]
    warnings: tuple[TableImportWarning, ...]
    headings: tuple[str, ...]
    meanings: tuple[str | None, ...]
    refused: tuple[RefusedRow, ...] = ()
    written: bool = False

    def to_json(self, translate: Translate = str, word: Word = lambda _family, value: value) -> RecordReportJson:
        """As ``guanjia import --as … --json`` prints it."""
        told = [(row, *row.texts(translate, word)) for row in self.rows]
        columns = zip(self.headings, self.meanings, strict=True)
        return {
            "register": self.register,
            "records": {**self.counts.to_json(), "refused": len(self.refused)},
            "added": {"people": self.people, "units": self.units},
            "warnings": [
                {"row": w.row, "column": w.column, "code": w.code, "text": w.message(translate)} for w in self.warnings
            ],
            "rows": [{"row": row.row, "verdict": row.verdict, "what": what, "why": why} for row, what, why in told],
            "columns": [{"heading": heading, "meaning": meaning} for heading, meaning in columns if heading],
            "written": self.written,
        }
