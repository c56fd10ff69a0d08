"""The report of an import or of its preview: counts, sections, warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.i18n.translate import _, ngettext, value_label
from tui.widgets.page import BlankLine, FactTable, PageBlock, PageHeading, PageTitle, Passage

if TYPE_CHECKING:
    from store.importing.import_report import ImportCounts, ImportReport, RowVerdict, TableImportWarning

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
    changing = [row for row in report.rows if row.verdict != "same"]
    if changing:
        blocks.append(PageHeading(_("Row by row")))
        blocks += [Passage(_row_text(row), indent=1) for row in changing[:_MOST_ROWS]]
        if len(changing) > _MOST_ROWS:
            blocks.append(Passage(_more_text(len(changing) - _MOST_ROWS), indent=1))
    number = len(report.warnings)
    if number:
        blocks.append(PageHeading(ngettext("{n} thing to look at", "{n} things to look at", number).format(n=number)))
        blocks += [Passage(_warning_text(one), indent=1) for one in report.warnings]
    return blocks


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
