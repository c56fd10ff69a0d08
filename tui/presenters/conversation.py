"""An issue's steps as a conversation: by day, who did and said what; one's own acts stand apart from the others'."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from tui.i18n.dates import day_shown, moment_shown
from tui.i18n.translate import _, word
from tui.widgets.cells import Spans
from tui.widgets.page import Block, Gap, Passage, Words

if TYPE_CHECKING:
    from store.queries.issues import Step

OTHERS, MINE = 2, 10
"""How far the acts of others, and one's own, are set in."""


def conversation(
    steps: Iterable[Step], now_ms: int, me: str | None = None, meetings: Mapping[str, str] | None = None
) -> list[Block]:
    """Every step, oldest first, under its day. ``me`` is the reader's id, ``meetings`` the titles of meetings."""
    blocks: list[Block] = []
    day, due = "", None
    for step in steps:
        if step.at[:10] != day:
            day = step.at[:10]
            blocks += [Gap(), Words(_day(day, now_ms))]
        blocks += _said(step, now_ms, mine=step.author_id == me, was_due=due, meetings=meetings or {})
        due = step.due if step.due and not step.out_of_turn else due
    return blocks


def _day(day: str, now_ms: int) -> Spans:
    try:
        weekday = word("weekday", str(date.fromisoformat(day).isoweekday()))
    except ValueError:
        weekday = ""
    return ((f"-- {day_shown(day, now_ms)}  {weekday} --", "heading"),)


def _said(step: Step, now_ms: int, *, mine: bool, was_due: str | None, meetings: Mapping[str, str]) -> list[Block]:
    """One step: when, who, which act; what it names; what was said."""
    indent = MINE if mine else OTHERS
    clock = moment_shown(step.at, now_ms)[-5:] if len(step.at) > 10 else ""
    head: Spans = (
        (" " * (indent - 2), ""),
        ("> " if mine else "  ", "good"),
        (clock + "  ", "muted"),
        (_("me") if mine else step.author or _("somebody"), "good" if mine else "strong"),
        ("  ", ""),
        (word("issue_step.act", step.act), "muted" if step.out_of_turn else "accent"),
    )
    if step.out_of_turn:
        head = (*head, ("  " + _("out of turn: it changed nothing"), "warn"))
    below = indent + 7
    named = _named(step, now_ms, was_due, meetings)
    words = [Words(((" " * below, ""), *named))] if named else []
    texts = [text for text in (step.text, step.reason, step.measure, step.evidence) if text]
    return [Words(head), *words, *(Passage(text, indent=below) for text in texts)]


def _named(step: Step, now_ms: int, was_due: str | None, meetings: Mapping[str, str]) -> Spans:
    facts: Sequence[tuple[str, str | None]] = (
        (_("Department"), step.department),
        (_("Owner"), step.owner),
        (_("Due"), _due(step, now_ms, was_due)),
        (_("Waiting until"), day_shown(step.until, now_ms)),
        (_("Level"), word("level", str(step.level)) if step.level else None),
        (_("Meeting"), meetings.get(step.meeting_id or "")),
        (word("field", "cause"), word("issue_step.cause", step.cause) if step.cause else None),
    )
    told = [((name + " ", "muted"), (value + "   ", "")) for name, value in facts if value]
    return tuple(span for pair in told for span in pair)


def _due(step: Step, now_ms: int, was_due: str | None) -> str | None:
    """The due date that a step sets, behind the one that it replaces."""
    if not step.due:
        return None
    shown = day_shown(step.due, now_ms)
    return f"{day_shown(was_due, now_ms)} -> {shown}" if was_due and was_due != step.due else shown
