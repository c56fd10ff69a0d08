"""The report of an import: counts of added, updated and unchanged lines, and warnings.

Warnings never stop an import. Their texts are English, translated where they are shown; the codes are stable. What the
import does to each row is a `RowVerdict`: who is replaced by whom is seen before anything is written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, TypedDict

from store.importing.headings import PERSON_ROLES, UNIT_ROLES

Translate = Callable[[str], str]
Word = Callable[[str, str], str]
"""The label of a stored value of a family."""

WARNING_TEXTS = {
    "bad_time": "“{text}” is no time that could be read.",
    "carried_category": "The category of these rows is empty; that of the row above was taken: {rows}.",
    "carried_above": "These rows leave {heading} empty; that of the row above was taken: {rows}.",
    "colours_unread": "What colours mean is not read; say it in a column of its own: {text}",
    "control_characters": "Control characters were removed from this cell.",
    "count_differs": "{title}: the table declares {declared} projects and has {found}.",
    "duplicate_project": "{name} is in the table more than once; only the first row counts.",
    "empty_record": "Nothing is said of it but project and time.",
    "embedded_file": "A worksheet or document embedded in this one was not read; import it as a file of its own.",
    "first_leads": "Several units are named; {name} leads and {names} co-handle.",
    "first_of_several": "Several are named; the first, {name}, was taken, and not {names}.",
    "field_needed": "“{value}” needs {heading}, which the row does not give.",
    "formula": "This cell is computed by a formula, so it was left out.",
    "from_between": "{heading} of these rows is what a line above them, or the sheet's name, says: {rows}.",
    "from_title": "No column gives {heading}; {text} was taken from the title of the table.",
    "guessed_butler": "“{heading}” was taken for the butler's, judging by those beside it.",
    "guessed_department_contact": "“{heading}” was taken for the department contact's, judging by those beside it.",
    "guessed_enterprise_contact": "“{heading}” was taken for the enterprise contact's, judging by those beside it.",
    "guessed_lead_leader": "“{heading}” was taken for the lead leader's, judging by those beside it.",
    "guessed_lead_unit": "“{heading}” was taken for the lead unit, judging by those beside it.",
    "guessed_owner": "“{heading}” was taken for the project's owner, judging by what stands in it.",
    "guessed_project_secretary": "“{heading}” was taken for the project secretary's, judging by those beside it.",
    "hidden_columns": "Hidden columns of “{place}”: {count} ({columns}). They were read like the others.",
    "hidden_rows": "Hidden or filtered rows of “{place}”: {count} ({rows}). They were read like the others.",
    "hidden_sheet": "The sheet “{place}” is hidden and was not read.",
    "hidden_text": "Hidden text was left out (rows {rows}).",
    "ignored_row": "This row was not understood and left out: {text}",
    "like_known": "{name} is new and nearly {known}. If they are one, correct the table and import it again.",
    "long_name": "The project's name has {length} characters, {most} at most fit; the row was left out: {text}…",
    "marked_name": "“{name}” was taken for the project “{known}”: the mark beside the name is no part of it.",
    "missing_butler": "No butler is named.",
    "missing_enterprise_contact": "No enterprise contact is named.",
    "missing_lead_leader": "No lead leader is named.",
    "missing_name": "This row names no project and was left out.",
    "missing_phone": "{name} has no phone.",
    "nested_table": "A cell of this row holds a table; it was read as a table of its own.",
    "not_in_table": "{number} {name} is in the ledger but not in this table; it stays as it is.",
    "name_with_text": "The cell holds more than a name; the project was called “{name}”.",
    "no_one_person": "“{text}” is not the name of one person.",
    "no_project": "No project is named.",
    "no_time": "No time is given.",
    "no_title": "The issue is not said.",
    "no_unit": "“{text}” is no unit's name.",
    "no_money_unit": "{text}: no column heading or title says whether this is in yuan or ten thousand yuan.",
    "not_given": "{heading} is not given.",
    "not_a_person": "“{text}” is not a person's name and was left out.",
    "number_of_other_project": "The number {number} is that of an issue of another project.",
    "numbers_kept": "The numbers have gaps, as those of an excerpt have, and were kept as they stand: {numbers}.",
    "odd_name": "“{name}” is an unusual name; it was kept as written.",
    "odd_phone": "{phone} is an unusual phone; it was kept as written.",
    "odd_unit": "“{name}” does not look like a unit; it was kept as written.",
    "other_table_left_out": "The table “{place}” is of another kind and was not read.",
    "person_among_units": "This column holds units; these people were left out: {names}.",
    "phone_alone": "A phone without a name was left out.",
    "phone_differs": "{name} was taken for the one who has {before} here; the table says {phone}.",
    "phones_unclear": "It is not clear whose phones these are, so they were left out: {names}.",
    "phone_changed": "{name} had the phone {before}. If this is somebody else, correct it: guanjia person edit.",
    "project_by_part": "“{text}” was taken for {name}, the only project with this in its name.",
    "read_cards": "The records of “{place}” are cards; each is told by its first row.",
    "read_columns": "The records of “{place}” are columns; their numbers are those of the columns.",
    "removed_project": "{number} {name} was taken off the list; put it back with “guanjia project adjust”.",
    "rounded_phone": "Excel rounded this number, so its last digits are lost and it was left out. Format it as text.",
    "same_name": "Several people are called {name}; they are told apart by their phones.",
    "second_phone": "A second phone of the same person was left out.",
    "served_before": "“{text}” served before and was left out; who serves now was taken.",
    "several_namesakes": "Several people are called {name}; which is meant is not clear without phone or unit.",
    "several_meant": "“{text}” may be several: {names}.",
    "several_people": "This cell was read as several people: {names}.",
    "several_projects": "“{text}” may be several projects: {names}.",
    "project_differs": "The number {number} is that of the project {name}, but the row names “{text}”.",
    "several_roles": "This cell names people of several roles; they were left out: {names}.",
    "state_unsaid": "These rows leave {heading} empty, so other columns say it; colours are not read: {rows}.",
    "state_stays": "The issue {number} has come further here than the table says; its steps stay as they are.",
    "struck_text": "Struck-through text was left out (rows {rows}).",
    "table_left_out": "The table “{place}” ({year}) with {count} projects was left out: another one is newer.",
    "time_ahead": "{text} is still to come.",
    "title_shortened": "The issue is long; it was called “{name}…”, and all of it is in its text.",
    "titles_unclear": "It is not clear whose posts these are, so they were left out.",
    "too_long": "“{text}…” has {length} characters, {most} at most fit; it was left out.",
    "twice": "{name} is in the table more than once; the first row counts.",
    "unknown_issue": "No issue here has this number or title: “{text}”.",
    "unknown_policy": "No policy here has this number or title: “{text}”.",
    "unknown_project": "No project here is called “{text}”.",
    "unread_box": "A text box over “{place}” was not read: {text}",
    "unknown_category": "It is not said whether these projects are new or continuing; they were entered as advancing.",
    "unknown_marks": "Which rows are hidden or struck through is not known in this format; all were read.",
    "unnamed_column": "The column {column} has no heading and is not read.",
    "unknown_column": "The column {heading} is not read.",
    "unclear_value": "“{text}” is not understood as {heading}.",
    "unknown_value": "“{text}” was not understood and left out.",
    "year_guessed": "No year is given; {text} was taken for {day}.",
    "worked_on": "The issue {number} is handled here and stays as it is. The row says otherwise: {what}.",
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


class FieldChange(NamedTuple):
    """A field or role of a project, what the ledger says, and what the table says; empty where one says nothing."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """What the import does with a row: ``new``, ``same``, ``changes`` or ``ends`` (one holder of one role), or
    ``refused`` with the warning that says why. ``what`` is the project's name, or the text of a refused row."""

    row: int | None
    verdict: str
    what: str
    changes: tuple[FieldChange, ...] = ()
    warning: TableImportWarning | None = None

    def texts(self, translate: Translate = str, word: Word = lambda _family, value: value) -> tuple[str, str]:
        """What happens to what, and why, in the language of ``translate`` and ``word``."""
        if self.warning is not None:
            return self.what, self.warning.message(translate)
        if self.verdict == "ends":
            ((role, holder, by),) = self.changes
            why = translate("replaced by {name}") if by else translate("the table names nobody else")
            return f"{self.what}：{_field_label(role, word)} {holder}", why.format_map(_LenientValues({"name": by}))
        parts = [
            f"{_field_label(field, word)} {' → '.join(_value_label(field, text, word) for text in texts if text)}"
            for field, *texts in self.changes
        ]
        return "：".join(filter(None, (self.what, "；".join(parts)))), translate(VERDICT_REASONS[self.verdict])


VERDICT_REASONS = {
    "new": "not in the ledger yet",
    "same": "the ledger says the same",
    "changes": "the table says something else than the ledger",
    "refused": "this row is left out",
}
"""Why a verdict is given, by verdict."""
ENDED_TEXTS = ("replaced by {name}", "the table names nobody else")
_ROLES = (*PERSON_ROLES, *UNIT_ROLES)
IMPORT_FIELDS = ("name", "category", "owner", "investment_yuan", "stage", "post")
_FAMILIES = {
    "category": ("project.category", "issue.category"),
    "stage": ("project.stage",),
    "kind": ("issue.kind", "unit.kind", "training.kind"),
    "how": ("visit.how",),
    "status": ("procedure.status", "adoption.status"),
    "publicity": ("policy.publicity",),
    "act": ("policy_delivery.act",),
    "satisfaction": ("follow_up.satisfaction",),
    "issue_step": ("issue_step.act",),
}
"""The families of the values of a field, over all that is imported."""


def _field_label(field: str, word: Word) -> str:
    if field in _ROLES:
        return word("assignment.role", field)
    return word("import_field" if field in IMPORT_FIELDS else "field", field)


def _value_label(field: str, text: str, word: Word) -> str:
    for family in _FAMILIES.get(field, ()):
        if (shown := word(family, text)) != text:
            return shown
    return text


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
    rows: list[VerdictJson]
    columns: list[ColumnJson]
    written: bool


class VerdictJson(TypedDict):
    """What happens to a row, in JSON."""

    row: int | None
    verdict: str
    what: str
    why: str


class ColumnJson(TypedDict):
    """What a column was taken for, in JSON; ``-`` where it is not read, None where it is not understood."""

    heading: str
    meaning: str | None


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
    rows: tuple[RowVerdict, ...] = ()
    columns: tuple[tuple[str, str | None], ...] = ()
    written: bool = False

    @property
    def ended(self) -> list[RowVerdict]:
        """Whose service of a project ends."""
        return [row for row in self.rows if row.verdict == "ends"]

    def to_json(self, translate: Translate = str, word: Word = lambda _family, value: value) -> ImportReportJson:
        """As ``guanjia import --json`` prints it."""
        return {
            "sections": [{"title": s.title, "declared": s.declared, "found": s.project_count} for s in self.sections],
            "projects": self.projects.to_json(),
            "people": self.people.to_json(),
            "warnings": [
                {"row": w.row, "column": w.column, "code": w.code, "text": w.message(translate)} for w in self.warnings
            ],
            "rows": [_verdict_json(row, *row.texts(translate, word)) for row in self.rows],
            "columns": [{"heading": heading, "meaning": meaning} for heading, meaning in self.columns],
            "written": self.written,
        }


def _verdict_json(row: RowVerdict, what: str, why: str) -> VerdictJson:
    return {"row": row.row, "verdict": row.verdict, "what": what, "why": why}
