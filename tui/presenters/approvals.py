"""Approvals: the list's columns, and a settlement's present text compared with the returned one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tui.i18n.author_text import author_text
from tui.i18n.dates import format_day, format_moment
from tui.i18n.translate import N_, _, ngettext, value_label
from tui.presenters.conversation import conversation
from tui.presenters.differences import diff_spans
from tui.presenters.issues import issue_facts, issue_head
from tui.widgets.cells import Spans
from tui.widgets.columns import ListColumn
from tui.widgets.highlighted import HighlightedPassage
from tui.widgets.page import BlankLine, PageBlock, PageHeading, PageTitle, Passage, StyledLine

if TYPE_CHECKING:
    from store.queries.approvals import ApprovalDetail, ApprovalRow

COMPARED_FIELDS = ("measure", "evidence", "text", "title", "what")
"""The compared fields, in this order: the settlement's, then the issue's."""
_ALWAYS = ("measure", "evidence", "text")


class ApprovalPages(NamedTuple):
    """The three pages of an approval: the present settlement, the returned one, the steps since."""

    now: list[PageBlock]
    before: list[PageBlock]
    since: list[PageBlock]

    @property
    def whole(self) -> list[PageBlock]:
        """All three as one page, for narrow screens."""
        return [*self.now, *self.before, *self.since]


def approval_columns(now_ms: Callable[[], int]) -> Sequence[ListColumn[ApprovalRow]]:
    """The columns of the list of settlements that wait for approval."""
    return (
        ListColumn(N_("Issue no."), 11, lambda row: ((row.number, "muted"),)),
        ListColumn(N_("Issue"), 16, _title, grow_share=3),
        ListColumn(N_("Settled by"), 10, lambda row: row.settled_by or "", min_list_width=52),
        ListColumn(N_("Settled"), 8, lambda row: ((format_day(row.settled_at, now_ms()), "muted"),), min_list_width=44),
        ListColumn(N_("Project"), 14, lambda row: row.project or "", grow_share=2, min_list_width=76),
    )


def _title(row: ApprovalRow) -> Spans:
    again = ((_("again") + "  ", "warn"),) if row.returned or row.because else ()
    owed = ((_("without {departments}").format(departments=row.owed) + "  ", "warn"),) if row.owed else ()
    bare = ((_("lacks files") + "  ", "warn"),) if row.lacks_files else ()
    return (*again, *owed, *bare, (row.title, ""))


class EvidenceBlocks(NamedTuple):
    """The files of the settlement now, and of that which was returned, with their pictures."""

    now: list[PageBlock]
    before: list[PageBlock]


NO_EVIDENCE = EvidenceBlocks([], [])


def returned_settlement(approval: ApprovalDetail) -> str | None:
    """The step that settled the issue before it was returned; None where it was never returned."""
    review = approval.last_review
    if review is None:
        return None
    ids = [step.id for step in approval.detail.steps]
    before = approval.detail.steps[: ids.index(review.id)] if review.id in ids else ()
    return next((step.id for step in reversed(before) if step.act == "settled" and not step.out_of_turn), None)


def approval_pages(
    approval: ApprovalDetail, reader_id: str | None, now_ms: int, evidence: EvidenceBlocks = NO_EVIDENCE
) -> ApprovalPages:
    """The pages of an approval; ``evidence`` stands below the texts of each settlement."""
    before, now = _sides(approval)
    head = [*issue_head(approval.detail), BlankLine(), *_why_again(approval, now_ms)]
    by = "  ".join(
        (author_text(approval.settlement.author or _("somebody")), format_moment(approval.settlement.at, now_ms))
    )
    page = [*head, PageHeading(_("The settlement now")), StyledLine(((by, "muted"),)), *_lacking(approval), *now]
    page += evidence.now
    steps = conversation(approval.steps_since, now_ms, reader_id) or [Passage(_("No further step."), "muted", 2)]
    since = [PageHeading(_("Since then") if approval.last_review else _("Steps")), *steps]
    if approval.previous_texts is None:
        return ApprovalPages(page, _first_time(approval, now_ms), since)
    return ApprovalPages(page, [PageHeading(_("When it was sent back")), *before, *evidence.before], since)


def _why_again(approval: ApprovalDetail, now_ms: int) -> list[PageBlock]:
    """The step that returned the settlement, and its reason; empty where it was never returned."""
    review = approval.last_review
    if review is None:
        return []
    who = "  ".join((format_moment(review.at, now_ms), author_text(review.author or _("somebody"))))
    head: Spans = ((value_label("issue_step.act", review.act), "warn"), ("  " + who, "muted"))
    because = approval.detail.row.because
    reason = review.reason or (value_label("because", because) if because else "")
    return [StyledLine(head), Passage(reason, "strong", 2)] if reason else [StyledLine(head)]


def _lacking(approval: ApprovalDetail) -> list[PageBlock]:
    """That the settlement has fewer files than the district requires, and the reason that it gives."""
    if approval.files >= approval.needed_files:
        return []
    text = _("Attached files that the district requires: {n}; that it has: {files}.")
    said = Passage(text.format(n=approval.needed_files, files=approval.files), "warn")
    reason = approval.settlement.reason
    return [said, *([Passage(_("Reason: {reason}").format(reason=reason), "", 2)] if reason else [])]


def _first_time(approval: ApprovalDetail, now_ms: int) -> list[PageBlock]:
    """The issue itself, shown beside a settlement that was never returned."""
    return [PageHeading(_("What was to be settled")), *issue_facts(approval.detail, now_ms)]


def _sides(approval: ApprovalDetail) -> tuple[list[PageBlock], list[PageBlock]]:
    """The returned and the present text of each field, with their differences."""
    previous = approval.previous_texts
    before: list[PageBlock] = []
    now: list[PageBlock] = []
    for field in COMPARED_FIELDS:
        old, new = (previous or {}).get(field, ""), approval.current_texts.get(field, "")
        if not (old or new) or (field not in _ALWAYS and (previous is None or old == new)):
            continue
        was, is_now = diff_spans(old, new) if previous is not None else ((), ((new, ""),))
        label = StyledLine(((_LABELS[field](), "muted"),))
        before += [label, HighlightedPassage(was or ((_("(empty)"), "muted"),), 2)]
        now += [label, HighlightedPassage(is_now or ((_("(empty)"), "muted"),), 2)]
    return before, now


_LABELS: dict[str, Callable[[], str]] = {
    "measure": lambda: value_label("field", "measure"),
    "evidence": lambda: value_label("field", "evidence"),
    "text": lambda: value_label("field", "text"),
    "title": lambda: value_label("field", "title"),
    "what": lambda: _("What the issue says"),
}


def bulk_approval_page(rows: Sequence[ApprovalRow]) -> list[PageBlock]:
    """The confirmation before several approvals: each issue with its settlement's measure."""
    title = ngettext("Approve this one?", "Approve these {n}?", len(rows)).format(n=len(rows))
    page: list[PageBlock] = [PageTitle(title)]
    for row in rows:
        page += [StyledLine(((f"{row.number}  ", "muted"), (row.title, "strong"))), Passage(row.measure or "", "", 2)]
    return page
