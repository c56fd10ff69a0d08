"""What an import found, or would find: sections, how much is new, and what a person should look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.i18n.translate import _, ngettext
from tui.widgets.page import Block, Facts, Gap, Heading, Passage, Title

if TYPE_CHECKING:
    from store.importing.report import Counts, ImportReport, IntakeWarning


def report_page(report: ImportReport, *, done: bool) -> list[Block]:
    """The report as a page."""
    title = _("Taken in") if done else _("This is what would be taken in")
    blocks: list[Block] = [Title(title), Gap()]
    blocks.append(Facts([(_("Projects"), _counted(report.projects)), (_("People"), _counted(report.people))]))
    blocks.append(Heading(_("Sections of the table")))
    blocks.append(Facts([(part.title, _section(part.declared, part.found)) for part in report.sections]))
    number = len(report.warnings)
    if number:
        blocks.append(Heading(ngettext("{n} thing to look at", "{n} things to look at", number).format(n=number)))
        blocks += [Passage(_warning(one), indent=1) for one in report.warnings]
    return blocks


def _counted(counts: Counts) -> str:
    told = _("{added} added, {updated} updated, {unchanged} unchanged")
    return told.format(added=counts.added, updated=counts.updated, unchanged=counts.unchanged)


def _section(declared: int | None, found: int) -> str:
    if declared is None:
        return _("{found} found").format(found=found)
    return _("{declared} declared, {found} found").format(declared=declared, found=found)


def _warning(one: IntakeWarning) -> str:
    places = [_("row {n}").format(n=one.row) if one.row else "", one.column or ""]
    where = _(", ").join(place for place in places if place)
    return f"{where}: {one.told(_)}" if where else one.told(_)
