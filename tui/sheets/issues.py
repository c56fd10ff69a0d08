"""Issues on the screen: the ledger's columns, and an issue with its steps as a conversation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from store.workdays import is_assumed
from tui.dates import day_shown, moment_shown
from tui.sheets.common import light_cell, light_words, widest
from tui.widgets.cells import Cell, Span, Spans
from tui.widgets.columns import Column
from tui.widgets.paper import Block, Facts, Gap, Heading, Passage, Title, Words
from tui.words import N_, _, word

if TYPE_CHECKING:
    from store.queries.issues import IssueDetail, IssueRow, Step

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
    """An issue: what was recorded, who has it and by when, and everything that was done about it."""
    row = detail.row
    page: list[Block] = [Title(f"{row.number}  {row.title}"), Words(_standing(row)), Gap()]
    page.append(
        Facts(
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
    )
    if detail.text:
        page += [Gap(), Passage(detail.text)]
    page.append(Heading(_("Steps")))
    return page + [block for step in detail.steps for block in step_blocks(step, now_ms)]


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


def step_blocks(step: Step, now_ms: int) -> list[Block]:
    """One step: when, who, which act; what it names; what was said."""
    head: Spans = (
        (moment_shown(step.at, now_ms) + "  ", "muted"),
        (word("issue_step.act", step.act), "muted" if step.out_of_turn else "accent"),
        ("  " + (step.author or _("somebody")), ""),
    )
    if step.out_of_turn:
        head = (*head, ("  " + _("out of turn: it changed nothing"), "warn"))
    blocks: list[Block] = [Words(head)]
    named = "   ".join(f"{label} {value}" for label, value in _named(step, now_ms) if value)
    said = [text for text in (named, step.text, step.reason, step.measure, step.evidence) if text]
    return [*blocks, *(Passage(text, indent=2) for text in said)]


def _named(step: Step, now_ms: int) -> list[tuple[str, str | None]]:
    return [
        (_("Department"), step.department),
        (_("Owner"), step.owner),
        (_("Due"), day_shown(step.due, now_ms)),
        (_("Waiting until"), day_shown(step.until, now_ms)),
        (_("Level"), word("level", str(step.level)) if step.level else None),
        (word("field", "cause"), word("issue_step.cause", step.cause) if step.cause else None),
    ]
