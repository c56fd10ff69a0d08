"""The report of an import or of its preview: counts, sections, warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.i18n.translate import _, ngettext, value_label
from tui.widgets.page import BlankLine, FactTable, PageBlock, PageHeading, PageTitle, Passage

if TYPE_CHECKING:
    from store.importing.import_report import ImportCounts, ImportReport, RowVerdict, TableImportWarning
    from store.importing.records.report import RecordReport

SET_ASIDE = "-"
"""The field of a column that is knowingly not read."""
ROLES = (
    *("lead_leader", "butler", "project_secretary", "department_contact", "enterprise_contact", "lead_unit"),
    "service_team",
)
"""The roles that a column of a responsibility table can name."""
_MOST_ROWS = 500
"""So many rows are shown; a longer table is a list for a file."""


def import_report_page(report: ImportReport, *, done: bool) -> list[PageBlock]:
    """The report as a page; ``done`` tells an import from its preview."""
    title = _("Taken in") if done else _("This is what would be taken in")
    blocks: list[PageBlock] = [PageTitle(title), BlankLine()]
    blocks.append(
        FactTable([(_("Projects"), _counts_text(report.projects)), (_("People"), _counts_text(report.people))])
    )
    blocks.append(PageHeading(_("Sections of the table")))
    blocks.append(
        FactTable([(part.title, _section_text(part.declared, part.project_count)) for part in report.sections])
    )
    return blocks + _rows_and_warnings(report)


def _rows_and_warnings(report: ImportReport | RecordReport) -> list[PageBlock]:
    blocks: list[PageBlock] = []
    changing = [row for row in report.rows if row.verdict != "same"]
    if changing:
        blocks.append(PageHeading(_("Row by row")))
        blocks += [Passage(_row_text(row), indent=1) for row in changing[:_MOST_ROWS]]
        if len(changing) > _MOST_ROWS:
            blocks.append(Passage(_more_text(len(changing) - _MOST_ROWS), indent=1))
    shown = {id(row.warning) for row in report.rows}
    warnings = [warning for warning in report.warnings if id(warning) not in shown]
    number = len(warnings)
    if number:
        blocks.append(PageHeading(ngettext("{n} thing to look at", "{n} things to look at", number).format(n=number)))
        blocks += [Passage(_warning_text(one), indent=1) for one in warnings[:_MOST_ROWS]]
    return blocks


def record_report_page(report: RecordReport, *, done: bool) -> list[PageBlock]:
    """The report of a register's table: what of it comes in, what each column was taken for, and row by row."""
    blocks: list[PageBlock] = [PageTitle(_("Taken in") if done else _("This is what would be taken in")), BlankLine()]
    counts = [(value_label("register", report.register), _counts_text(report.counts))]
    counts += [
        (name, _("{n} new").format(n=number))
        for name, number in ((_("People"), report.people), (_("Units"), report.units))
        if number
    ]
    if report.refused:
        counts.append(
            (_("Left out"), ngettext("{n} row", "{n} rows", len(report.refused)).format(n=len(report.refused)))
        )
    blocks += [FactTable(counts), PageHeading(_("What the columns were taken for"))]
    blocks.append(FactTable([pair for pair in column_pairs(report) if pair[0]]))
    return blocks + _rows_and_warnings(report)


def report_page(report: ImportReport | RecordReport, *, done: bool) -> list[PageBlock]:
    """The page of an import of whatever ledger."""
    from store.importing.import_report import ImportReport  # noqa: PLC0415 - loaded by the import that gave the report

    if isinstance(report, ImportReport):
        return import_report_page(report, done=done)
    return record_report_page(report, done=done)


def changes_of(report: ImportReport | RecordReport) -> int:
    """How many lines it writes: of projects and people, or of a register."""
    from store.importing.import_report import ImportReport  # noqa: PLC0415 - loaded by the import that gave the report

    counted = (report.projects, report.people) if isinstance(report, ImportReport) else (report.counts,)
    return sum(counts.added + counts.updated for counts in counted)


def column_pairs(report: ImportReport | RecordReport) -> list[tuple[str, str]]:
    """Each column's heading, and what it was taken for."""
    from store.importing.import_report import ImportReport  # noqa: PLC0415 - loaded by the import that gave the report
    from store.importing.records.fields import REGISTERS  # noqa: PLC0415

    if isinstance(report, ImportReport):
        return [(heading, _field_text(meaning)) for heading, meaning in report.columns]
    fields = REGISTERS[report.register]
    known = (fields.field(meaning or "") for meaning in report.meanings)
    taken = (field.heading if field else _("not read") for field in known)
    return list(zip(report.headings, taken, strict=True))


def _field_text(meaning: str | None) -> str:
    """What a column of a responsibility table is: a role, a fact, or both of two."""
    if meaning in (None, SET_ASIDE):
        return _("not read")
    return _(", ").join(field_label(part.rpartition(":")[2]) for part in str(meaning).split("&"))


def field_label(field: str) -> str:
    """What a column is, as the field below the path has it and `store.importing.judge.parse_mapping` reads it."""
    if field == SET_ASIDE:
        return SET_ASIDE
    return value_label("assignment.role", field) if field in ROLES else value_label("import_field", field)


def _counts_text(counts: ImportCounts) -> str:
    text = _("{added} added, {updated} updated, {unchanged} unchanged")
    return text.format(added=counts.added, updated=counts.updated, unchanged=counts.unchanged)


def _section_text(declared: int | None, found_count: int) -> str:
    if declared is None:
        return _("{found} found").format(found=found_count)
    return _("{declared} declared, {found} found").format(declared=declared, found=found_count)


def _more_text(number: int) -> str:
    return ngettext("and {n} more", "and {n} more", number).format(n=number)


def _row_text(row: RowVerdict) -> str:
    """What happens to one row: new, changed, ended and by whom replaced."""
    what, why = row.texts(_, value_label)
    verdict = value_label("import_verdict", row.verdict)
    where = _("row {n}, {verdict}").format(n=row.row, verdict=verdict) if row.row else verdict
    text = _("{what} — {why}").format(what=what, why=why) if row.verdict in ("ends", "refused") else what
    return _with_place(where, text)


def _warning_text(warning: TableImportWarning) -> str:
    places = [_("row {n}").format(n=warning.row) if warning.row else "", warning.column or ""]
    where = _(", ").join(place for place in places if place)
    return _with_place(where, warning.message(_)) if where else warning.message(_)


def _with_place(where: str, text: str) -> str:
    return _("{where}: {text}").format(where=where, text=text)
