"""Issues on the screen: the ledger's columns, and an issue with its steps as a conversation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from store.values.workdays import is_assumed
from tui.i18n.dates import day_shown, moment_shown
from tui.i18n.translate import N_, _, word
from tui.presenters.common import light_cell, light_words, widest
from tui.presenters.conversation import conversation
from tui.presenters.deadlines import clock_blocks
from tui.widgets.cells import Cell, Span, Spans
from tui.widgets.columns import Column
from tui.widgets.page import Block, Facts, Gap, Heading, Passage, Title, Words

if TYPE_CHECKING:
    from store.queries.issues import IssueDetail, IssueRow
    from tui.data.readers.issue import Story

_STATE_STYLE = {"open": "warn", "escalated": "bad", "settled": "good", "pending_approval": "good", "closed": "muted",
                "cancelled": "muted"}  # fmt: skip


def issue_columns(now_ms: Callable[[], int], *, of_project: bool = False) -> Sequence[Column[IssueRow]]:
    """The issue ledger's columns; without the project where all are of one."""
    project: Column[IssueRow] = Column(N_("Project"), 16, lambda row: row.project or "", grow=3, from_width=104)
    return (
        Column("", 2, lambda row: light_cell(row.light)),
        Column(N_("Issue no."), 11, lambda row: ((row.number, "muted"),)),
        Column(N_("Issue"), 16, lambda row: row.title, grow=5),
        *(() if of_project else (project,)),
        Column(N_("State"), widest("state"), _state),
        Column(N_("Department"), 10, lambda row: row.department or "", grow=1, from_width=64),
        Column(N_("Owner"), 7, lambda row: row.owner or "", from_width=72),
        Column(N_("Due"), 6, lambda row: _due(row, now_ms())),
    )


def _state(row: IssueRow) -> Cell:
    return ((word("state", row.state), _STATE_STYLE.get(row.state, "")),)


def _due(row: IssueRow, now_ms: int) -> Cell:
    return ((day_shown(row.due, now_ms), "bad" if row.light == "red" else ""),)


def issue_page(detail: IssueDetail, now_ms: int) -> list[Block]:
    """An issue on one page, for previews: what was recorded, who has it by when, everything that was done about it."""
    page = [*issue_head(detail), Gap(), *issue_facts(detail, now_ms), Heading(_("Steps"))]
    return page + conversation(detail.steps, now_ms)


def story_page(story: Story, now_ms: int) -> list[Block]:
    """An issue's conversation under its title."""
    return [*issue_head(story.detail), *_talk(story, now_ms)]


def story_side(story: Story, now_ms: int) -> list[Block]:
    """What stands beside the conversation: the clocks, and what is known of the issue."""
    clocks = clock_blocks(story.clocks, story.next, story.detail.row.state, now_ms)
    return [*clocks, Heading(_("Facts")), *issue_facts(story.detail, now_ms)]


def story_whole(story: Story, now_ms: int) -> list[Block]:
    """All of it below each other, where there is no room for two."""
    clocks = clock_blocks(story.clocks, story.next, story.detail.row.state, now_ms)
    facts = [Gap(), *issue_facts(story.detail, now_ms), Heading(_("Steps"))]
    return [*issue_head(story.detail), *clocks, *facts, *_talk(story, now_ms)]


def _talk(story: Story, now_ms: int) -> list[Block]:
    return conversation(story.detail.steps, now_ms, story.me, story.meetings)


def issue_head(detail: IssueDetail) -> list[Block]:
    """Number, title, light, state and level."""
    return [Title(f"{detail.row.number}  {detail.row.title}"), Words(_standing(detail.row))]


def issue_facts(detail: IssueDetail, now_ms: int) -> list[Block]:
    """What was recorded, who has it, who must act."""
    row = detail.row
    facts = Facts(
        (
            (_("Project"), row.project),
            (_("Kind"), "  ".join(_kinds(row))),
            (_("Why"), word("because", row.because) if row.because else None),
            (_("Must act now"), _duty(detail)),
            (_("Proposed"), _proposal(row.proposed)),
            (_("Department"), row.department),
            (_("Owner"), row.owner),
            (_("Due"), _due_words(row.due, now_ms)),
            (_("Waiting until"), day_shown(row.waiting_until, now_ms)),
            (_("Raised"), _raised(detail, now_ms)),
            (_("Close-out no."), row.close_number),
        )
    )
    return [facts, Gap(), Passage(detail.text)] if detail.text else [facts]


def _due_words(due: str | None, now_ms: int) -> str:
    """The due date, and that it was counted without knowing the year's holidays, where they are not announced."""
    shown = day_shown(due, now_ms)
    return shown + "  " + _("holidays not announced: Monday to Friday assumed") if is_assumed(due) else shown


def _duty(detail: IssueDetail) -> str | None:
    if detail.row.must_act is None:
        return None
    return f"{word('duty', detail.row.must_act)}  {detail.acting or ''}".rstrip()


def _proposal(level: int | None) -> str | None:
    return _("escalate to level {level}: overdue").format(level=level) if level else None


def _standing(row: IssueRow) -> Spans:
    light: Spans = (*light_words(row.light), ("   ", "")) if row.light else ()
    state: Span = (word("state", row.state), "strong")
    level: Spans = (("   " + _("level {n}").format(n=word("level", str(row.level))), "warn"),) if row.level > 1 else ()
    return (*light, state, *level)


def _kinds(row: IssueRow) -> list[str]:
    kinds = [word("issue.kind", row.kind)]
    return [*kinds, word("issue.category", row.category)] if row.category else kinds


def _raised(detail: IssueDetail, now_ms: int) -> str:
    source = word("issue.source", detail.source) if detail.source else ""
    return "  ".join(part for part in (moment_shown(detail.raised_at, now_ms), source, detail.author or "") if part)
