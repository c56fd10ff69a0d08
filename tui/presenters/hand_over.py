"""Handing over in words: the projects of a butler as a list, and what a hand-over would do, before it is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.i18n.dates import format_day
from tui.i18n.translate import N_, _, ngettext
from tui.widgets.columns import ListColumn
from tui.widgets.page import BlankLine, PageBlock, PageTitle, Passage

if TYPE_CHECKING:
    from tui.data.hand_over import HandOverPreview
    from tui.data.rows import ServedProjectRow

MAX_LISTED_PROJECTS = 6
"""At most so many are named in the question; the list behind it has them all."""


def served_project_columns() -> Sequence[ListColumn[ServedProjectRow]]:
    """Number, name and open issues of a butler's project."""
    return (
        ListColumn(N_("No."), 6, lambda row: row.project.number),
        ListColumn(N_("Project"), 20, lambda row: row.project.name, grow_share=1),
        ListColumn(N_("Open"), 4, lambda row: str(row.project.open_issues or ""), align_right=True),
    )


def hand_over_question(preview: HandOverPreview, unsent: str, now_ms: int) -> list[PageBlock]:
    """Who hands over what to whom, from when on, what is unsent, and where the sheet is written. ``unsent`` is what is
    known of the lines that the giver has not sent yet."""
    plan = preview.plan
    people = {"giver": plan.giver, "taker": plan.taker}
    days = {"first": format_day(plan.first_day, now_ms), "last": format_day(plan.last_day, now_ms)}
    count, issues = len(plan.projects), preview.open_issues
    what = ngettext("{n} project", "{n} projects", count).format(n=count)
    what += _(", ") + ngettext("{n} open issue", "{n} open issues", issues).format(n=issues)
    named = [Passage(f"{each.number}  {each.name}".strip(), indent=2) for each in plan.projects[:MAX_LISTED_PROJECTS]]
    more = count - len(named)
    rest = [Passage(ngettext("and {n} more", "and {n} more", more).format(n=more), "muted", 2)] if more else []
    late = _("What {giver} wrote before is still taken in under their name until {day}.")
    return [
        PageTitle(_("Hand over from {giver} to {taker}?").format(**people)),
        Passage(what),
        *named,
        *rest,
        BlankLine(),
        Passage(_("{taker} is the butler from {first} on; {giver} was until {last}.").format(**people, **days)),
        Passage(_("Rights move with it, at the next round of each.")),
        Passage(" ".join((unsent, late.format(giver=plan.giver, day=format_day(preview.late_until, now_ms))))),
        Passage(_("Hand-over sheet: {file}").format(file=preview.file), "muted"),
    ]
