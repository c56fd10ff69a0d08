"""Handing over in words: the projects of a butler as a list, and what a hand-over would do, before it is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.i18n.dates import format_day
from tui.i18n.translate import N_, _, ngettext
from tui.widgets.columns import ListColumn
from tui.widgets.page import BlankLine, PageBlock, PageTitle, Passage

if TYPE_CHECKING:
    from store.commands.hand_over import ProjectTransfer
    from tui.data.hand_over import HandOverPreview
    from tui.data.rows import ServedProjectRow

MAX_LISTED_PROJECTS = 6
"""At most so many of each who takes over are named in the question; the list behind it has them all."""


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
    plan, several = preview.plan, len(preview.plan.transfers) > 1
    people = {"giver": plan.giver_name, "taker": "、".join(transfer.name for transfer in plan.transfers)}
    days = {"first": format_day(plan.first_day, now_ms), "last": format_day(plan.last_day, now_ms)}
    count, issues = len(plan.projects), preview.open_issues
    what = ngettext("{n} project", "{n} projects", count).format(n=count)
    what += _(", ") + ngettext("{n} open issue", "{n} open issues", issues).format(n=issues)
    late = _("What {giver} wrote before is still taken in under their name until {day}.")
    return [
        PageTitle(_("Hand over from {giver} to {taker}?").format(**people)),
        Passage(what),
        *(block for transfer in plan.transfers for block in _transfer_blocks(transfer, several=several)),
        BlankLine(),
        Passage(_("{taker} is the butler from {first} on; {giver} was until {last}.").format(**people, **days)),
        Passage(_("Rights move with it, at the next round of each.")),
        Passage(" ".join((unsent, late.format(giver=plan.giver_name, day=format_day(preview.late_until, now_ms))))),
        Passage(_("Hand-over sheet: {file}").format(file=preview.file), "muted"),
    ]


def _transfer_blocks(transfer: ProjectTransfer, *, several: bool) -> list[PageBlock]:
    """The projects that go to one person, who is named where there are several."""
    named = [Passage(f"{each.number}  {each.name}".strip(), indent=2) for each in transfer.projects]
    more = len(named) - MAX_LISTED_PROJECTS
    rest = [Passage(ngettext("and {n} more", "and {n} more", more).format(n=more), "muted", 2)] if more > 0 else []
    head = [Passage(_("To {taker}:").format(taker=transfer.name), "strong")] if several else []
    return [*head, *named[:MAX_LISTED_PROJECTS], *rest]
