"""Approvals on the screen: what waits, and what a settlement says now beside what it said when it was sent back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tui.i18n.dates import day_shown, moment_shown
from tui.i18n.translate import N_, _, ngettext, word
from tui.presenters.conversation import conversation
from tui.presenters.differences import differences
from tui.presenters.issues import issue_facts, issue_head
from tui.widgets.cells import Spans
from tui.widgets.columns import Column
from tui.widgets.highlighted import Marked
from tui.widgets.page import Block, Gap, Heading, Passage, Title, Words

if TYPE_CHECKING:
    from store.queries.approvals import Approval, ApprovalRow

FIELDS = ("measure", "evidence", "text", "title", "what")
"""What is compared, in this order: the settlement's own words, then the issue's."""
_ALWAYS = ("measure", "evidence", "text")


class Pages(NamedTuple):
    """One approval on paper: what it says now, what it said before, what happened since."""

    now: list[Block]
    before: list[Block]
    since: list[Block]

    @property
    def whole(self) -> list[Block]:
        """Below each other, where there is no room for more."""
        return [*self.now, *self.before, *self.since]


def approval_columns(now_ms: Callable[[], int]) -> Sequence[Column[ApprovalRow]]:
    """What waits, the longest first."""
    return (
        Column(N_("Issue no."), 11, lambda row: ((row.number, "muted"),)),
        Column(N_("Issue"), 16, _title, grow=3),
        Column(N_("Settled by"), 8, lambda row: row.settled_by or "", from_width=52),
        Column(N_("Settled"), 6, lambda row: ((day_shown(row.settled_at, now_ms()), "muted"),), from_width=44),
        Column(N_("Project"), 14, lambda row: row.project or "", grow=2, from_width=76),
    )


def _title(row: ApprovalRow) -> Spans:
    again = ((_("again") + "  ", "warn"),) if row.returned or row.because else ()
    return (*again, (row.title, ""))


def approval_pages(found: Approval, me: str | None, now_ms: int) -> Pages:
    """One approval as its pages."""
    before, now = _sides(found)
    head = [*issue_head(found.detail), Gap(), *_why_again(found, now_ms)]
    by = "  ".join((found.settlement.author or _("somebody"), moment_shown(found.settlement.at, now_ms)))
    page = [*head, Heading(_("The settlement now")), Words(((by, "muted"),)), *now]
    steps = conversation(found.since, now_ms, me) or [Passage(_("No further step."), "muted", 2)]
    since = [Heading(_("Since then") if found.sent_back else _("Steps")), *steps]
    if found.said is None:
        return Pages(page, _first_time(found, now_ms), since)
    return Pages(page, [Heading(_("When it was sent back")), *before], since)


def _why_again(found: Approval, now_ms: int) -> list[Block]:
    """Why it comes again: by which step it was sent back, and for what reason."""
    back = found.sent_back
    if back is None:
        return []
    who = "  ".join((moment_shown(back.at, now_ms), back.author or _("somebody")))
    head: Spans = ((word("issue_step.act", back.act), "warn"), ("  " + who, "muted"))
    because = found.detail.row.because
    reason = back.reason or (word("because", because) if because else "")
    return [Words(head), Passage(reason, "strong", 2)] if reason else [Words(head)]


def _first_time(found: Approval, now_ms: int) -> list[Block]:
    """What stands beside a settlement that was never sent back: the issue itself."""
    return [Heading(_("What was to be settled")), *issue_facts(found.detail, now_ms)]


def _sides(found: Approval) -> tuple[list[Block], list[Block]]:
    """Field by field: what was said before, what is said now."""
    said = found.said
    before: list[Block] = []
    now: list[Block] = []
    for field in FIELDS:
        old, new = (said or {}).get(field, ""), found.says.get(field, "")
        if not (old or new) or (field not in _ALWAYS and (said is None or old == new)):
            continue
        was, is_now = differences(old, new) if said is not None else ((), ((new, ""),))
        label = Words(((_LABELS[field](), "muted"),))
        before += [label, Marked(was or ((_("(empty)"), "muted"),), 2)]
        now += [label, Marked(is_now or ((_("(empty)"), "muted"),), 2)]
    return before, now


_LABELS: dict[str, Callable[[], str]] = {
    "measure": lambda: word("field", "measure"),
    "evidence": lambda: word("field", "evidence"),
    "text": lambda: word("field", "text"),
    "title": lambda: word("field", "title"),
    "what": lambda: _("What the issue says"),
}


def many_page(rows: Sequence[ApprovalRow]) -> list[Block]:
    """What is asked before several are approved: each with what its settlement says."""
    title = ngettext("Approve this one?", "Approve these {n}?", len(rows)).format(n=len(rows))
    page: list[Block] = [Title(title)]
    for row in rows:
        page += [Words(((f"{row.number}  ", "muted"), (row.title, "strong"))), Passage(row.measure or "", "", 2)]
    return page
