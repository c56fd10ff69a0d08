"""The report of an import: counts of added, updated and unchanged lines, and warnings.

Warnings never stop an import. Their texts are English, translated where they are shown; the codes are stable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypedDict

Translate = Callable[[str], str]


WARNING_TEXTS = {
    "control_characters": "Control characters were removed from this cell.",
    "count_differs": "{title}: the table declares {declared} projects and has {found}.",
    "duplicate_project": "{name} is in the table more than once; only the first row counts.",
    "formula": "This cell is computed by a formula, so it was left out.",
    "hidden_columns": "Hidden columns of “{place}”: {count} ({columns}). They were read like the others.",
    "hidden_rows": "Hidden or filtered rows of “{place}”: {count} ({rows}). They were read like the others.",
    "hidden_sheet": "The sheet “{place}” is hidden and was not read.",
    "hidden_text": "Hidden text was left out ({rows}).",
    "ignored_row": "This row was not understood and left out: {text}",
    "missing_butler": "No butler is named.",
    "missing_enterprise_contact": "No enterprise contact is named.",
    "missing_lead_leader": "No lead leader is named.",
    "missing_name": "This row names no project and was left out.",
    "missing_phone": "{name} has no phone.",
    "nested_table": "A cell of this row holds a table; it was read as a table of its own.",
    "not_in_table": "{number} {name} is in the ledger but not in this table; it stays as it is.",
    "odd_name": "“{name}” is an unusual name; it was kept as written.",
    "odd_phone": "{phone} is an unusual phone; it was kept as written.",
    "phone_alone": "A phone without a name was left out.",
    "removed_project": "{number} {name} was taken off the list; put it back with “guanjia project adjust”.",
    "same_name": "Several people are called {name}; they are told apart by their phones.",
    "second_phone": "A second phone of the same person was left out.",
    "several_people": "This cell was read as several people: {names}.",
    "struck_text": "Struck-through text was left out ({rows}).",
    "unknown_category": "It is not said whether these projects are new or continuing; they were entered as advancing.",
    "unknown_marks": "Which rows are hidden or struck through is not known in this format; all were read.",
    "unknown_column": "The column {heading} is not read.",
}
"""The text of each warning, by code; ``{places}`` are filled from the warning's values."""


@dataclass(frozen=True, slots=True)
class TableImportWarning:
    """A warning. ``row`` is its row in the file (see `SourceRow`), ``column`` the column's heading."""

    row: int | None
    column: str | None
    code: str
    values: dict[str, object] = field(default_factory=dict)

    def message(self, translate: Translate = str) -> str:
        """The text, in the language of ``translate``."""
        return translate(WARNING_TEXTS[self.code]).format_map(_LenientValues(self.values))


class _LenientValues(dict[str, object]):
    """Leaves an unknown placeholder of a translation as it is: a warning must never raise."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


class SectionJson(TypedDict):
    """A section in JSON."""

    title: str
    declared: int | None
    found: int


class WarningJson(TypedDict):
    """A warning in JSON."""

    row: int | None
    column: str | None
    code: str
    text: str


class ImportReportJson(TypedDict):
    """The report in JSON."""

    sections: list[SectionJson]
    projects: dict[str, int]
    people: dict[str, int]
    warnings: list[WarningJson]


@dataclass(slots=True)
class ImportCounts:
    """How many lines of one kind an import adds, updates and finds unchanged."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0

    def to_json(self) -> dict[str, int]:
        """As the command line prints it."""
        return {"added": self.added, "updated": self.updated, "unchanged": self.unchanged}


@dataclass(frozen=True, slots=True)
class SectionCounts:
    """One section of the table: its title, how many projects it declares and how many it has."""

    title: str
    declared: int | None
    project_count: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The outcome of an import, or of a dry run. A project counts as updated when its own line changes or who
    serves it; ``people`` are those whom the table names."""

    sections: tuple[SectionCounts, ...]
    projects: ImportCounts
    people: ImportCounts
    warnings: tuple[TableImportWarning, ...]

    def to_json(self, translate: Translate = str) -> ImportReportJson:
        """As ``guanjia import --json`` prints it."""
        return {
            "sections": [{"title": s.title, "declared": s.declared, "found": s.project_count} for s in self.sections],
            "projects": self.projects.to_json(),
            "people": self.people.to_json(),
            "warnings": [
                {"row": w.row, "column": w.column, "code": w.code, "text": w.message(translate)} for w in self.warnings
            ],
        }
