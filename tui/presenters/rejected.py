"""A rejected line: its content, the reason of the rejection, and the remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.i18n.dates import format_moment
from tui.i18n.fault_text import is_fault, reason_text
from tui.i18n.labels import FAMILIES
from tui.i18n.translate import _, value_label
from tui.i18n.value_text import NamesById
from tui.presenters.lines import body_facts, line_summary, rejected_summary
from tui.widgets.cells import Spans
from tui.widgets.page import BlankLine, FactTable, PageBlock, PageHeading, PageTitle, Passage, StyledLine

if TYPE_CHECKING:
    from store.queries.lines import RejectedGroup, RejectedLine

MAX_LISTED = 200
"""The most lines of a group that a page lists."""


def rejected_page(row: RejectedLine, names: NamesById, now_ms: int) -> list[PageBlock]:
    """The page of a rejected line: reason, remedy, fields."""
    why: Spans = ((value_label("rejection", row.code or "") or _("refused"), "bad"),)
    page: list[PageBlock] = [
        PageTitle(f"{value_label('kind', row.kind)}  {line_summary(row.kind, row.body)}"),
        StyledLine(why),
        BlankLine(),
    ]
    page.append(FactTable(((_("Project"), row.project), (_("Refused"), format_moment(row.at, now_ms)))))
    page += [PageHeading(_("How to mend it")), Passage(remedy_text(row.code))]
    if (row.code not in FAMILIES["rejection"] and row.reason) or is_fault(row.reason):
        page += [
            BlankLine(),
            Passage(_("The central’s own words: {words}").format(words=reason_text(row.reason)), "muted"),
        ]
    return [*page, PageHeading(_("What it says")), body_facts(row.kind, row.body, names)]


def rejected_group_page(group: RejectedGroup) -> list[PageBlock]:
    """The page of several lines: reason, remedy, what each says."""
    first = group.lines[0]
    why: Spans = ((value_label("rejection", first.code or "") or _("refused"), "bad"),)
    names = [f"{line_summary(line.kind, line.body)}  {line.project or ''}".rstrip() for line in group.lines]
    return [
        PageTitle(f"{value_label('kind', first.kind)}  {rejected_summary(group)}"),
        StyledLine(why),
        BlankLine(),
        PageHeading(_("How to mend it")),
        Passage(remedy_text(first.code)),
        Passage(_("Enter lists them one by one."), "muted"),
        BlankLine(),
        *(Passage(name, indent=2) for name in names[:MAX_LISTED]),
    ]


def remedy_text(code: str | None) -> str:
    """The remedy for a rejection code."""
    if code in FAMILIES["mending"]:
        return value_label("mending", code)
    return _("Correct the line with e, send it again with t, or ask whoever looks after the central.")
