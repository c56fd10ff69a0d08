"""The deadlines of an issue: each as a gauge of characters, and the consequence of missing the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui.i18n.dates import format_day
from tui.i18n.deadline_text import remaining_text, until_text
from tui.i18n.translate import N_, _, value_label
from tui.widgets.cells import Span, Spans, fit
from tui.widgets.page import PageBlock, PageHeading, Passage, StyledLine

if TYPE_CHECKING:
    from store.domain.issue_deadlines import Deadline
    from tui.data.readers.issue import NextEscalation

GAUGE_CELLS = 12
"""The cells between the gauge's brackets."""


def deadline_blocks(
    deadlines: Sequence[Deadline], escalation: NextEscalation | None, state: str, now_ms: int
) -> list[PageBlock]:
    """Every running deadline, the first one marked, and the consequence of missing it."""
    if not deadlines:
        text = _("No limit runs: the clock stands still until it is approved or returned.")
        return [Passage(text, "muted")] if state in ("settled", "pending_approval") else []
    first = min(deadlines, key=lambda deadline: deadline.left)
    blocks: list[PageBlock] = [PageHeading(_("Limits that run"))]
    width = max(cell_len(value_label("clock", one.name)) for one in deadlines)
    for one in deadlines:
        blocks += [StyledLine(_line(one, one is first, width)), StyledLine((*gauge_spans(one), _dates(one, now_ms)))]
    return [*blocks, Passage(_consequence_text(first, escalation), _style(first))]


_ACT_CONSEQUENCES = {
    "accept": N_("Not accepted in time its light is red: the department accepts it, or says that it is not theirs."),
    "contact": N_("Without contact in time its light is red: the butler tells the enterprise how it stands."),
    "opinion": N_("Without the opinion in time its light is red: the co-handling department gives it."),
    "approve": N_("The bureau decides on the settlement by then; a settled issue has no light."),
}


def _line(deadline: Deadline, first: bool, width: int) -> Spans:
    """Its name in a column of ``width`` cells, in bold where it ends first, and what is left of it."""
    name = fit(value_label("clock", deadline.name), width)
    return ((name, "strong" if first else "muted"), ("  ", ""), (remaining_text(deadline), _style(deadline)))


def gauge_spans(deadline: Deadline, width: int = GAUGE_CELLS) -> Spans:
    """The used part of a limit: ``[####--]``; full and marked ``!`` where it is exceeded."""
    used = width if deadline.over else min(width * (deadline.days - deadline.left) // deadline.days, width)
    return (
        ("[", "muted"),
        ("#" * max(used, 0), _style(deadline)),
        ("-" * (width - max(used, 0)), "muted"),
        ("!" if deadline.over else "]", _style(deadline) if deadline.over else "muted"),
    )


def _dates(deadline: Deadline, now_ms: int) -> Span:
    since, until = format_day(deadline.since, now_ms), until_text(format_day(deadline.until, now_ms), deadline.at)
    return "  " + _("{since} to {until}").format(since=since, until=until), "muted"


def _style(deadline: Deadline) -> str:
    if deadline.over:
        return "warn" if deadline.name in ("waiting", "progress") else "bad"
    return "warn" if deadline.left <= 1 else "good"


def _consequence_text(first: Deadline, escalation: NextEscalation | None) -> str:
    """The consequence of missing the first deadline, or of having missed it."""
    if first.name == "waiting":
        return _("When it has waited out, its light is yellow: go on, or wait until a new day.")
    if first.name == "progress":
        return _("Without news after that its light is yellow: the owner reports what keeps it.")
    if first.name in ("accept", "contact", "opinion", "approve"):
        return _(_ACT_CONSEQUENCES[first.name])
    if escalation is None:
        return _("Overdue it is red; there is no level above to escalate it to.")
    who = f"{value_label('duty', escalation.duty)} {escalation.name or ''}".rstrip()
    values = {"days": escalation.overdue, "level": value_label("level", str(escalation.level)), "who": who}
    if first.name == "escalation" and first.over:
        return _("Escalation to level {level} is proposed now: {who}.").format(**values)
    return _("{days} working days overdue, escalation to level {level} is proposed: {who}.").format(**values)
