"""An issue's steps as a conversation, grouped by day; the reader's own steps are indented further."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from tui.i18n.author_text import author_text
from tui.i18n.dates import format_day, format_moment
from tui.i18n.translate import _, value_label
from tui.presenters.attachments import file_lines
from tui.widgets.cells import Spans
from tui.widgets.page import PageBand, PageBlock, Passage, StyledLine

if TYPE_CHECKING:
    from store.queries.issues import Step
    from tui.data.attached_files import FilesByLine

OTHERS_INDENT, OWN_INDENT = 2, 10
"""The indents, in cells, of steps by others and by the reader."""


def conversation(
    steps: Iterable[Step],
    now_ms: int,
    reader_id: str | None = None,
    meetings: Mapping[str, str] | None = None,
    files: FilesByLine | None = None,
) -> list[PageBlock]:
    """Every step, oldest first, under its day. ``meetings`` are the titles of meetings by id, ``files`` those of
    steps."""
    blocks: list[PageBlock] = []
    day, due = "", None
    for step in steps:
        if step.at and step.at[:10] != day:
            day = step.at[:10]
            blocks.append(PageBand(_day(day, now_ms)))
        mine = step.author_id == reader_id
        blocks += _step_blocks(step, now_ms, mine=mine, was_due=due, meetings=meetings or {})
        blocks += file_lines((files or {}).get(step.id, ()), now_ms, (OWN_INDENT if mine else OTHERS_INDENT) + 7)
        due = step.due if step.due and not step.out_of_turn else due
    return blocks


def _day(day: str, now_ms: int) -> str:
    try:
        weekday = value_label("weekday", str(date.fromisoformat(day).isoweekday()))
    except ValueError:
        weekday = ""
    return f"{format_day(day, now_ms)}  {weekday}"


def _step_blocks(
    step: Step, now_ms: int, *, mine: bool, was_due: str | None, meetings: Mapping[str, str]
) -> list[PageBlock]:
    """One step: time, author and act; the names and days in it; its texts."""
    indent = OWN_INDENT if mine else OTHERS_INDENT
    clock = format_moment(step.at, now_ms)[-5:] if len(step.at) > 10 else ""
    head: Spans = (
        (" " * (indent - 2), ""),
        ("> " if mine else "  ", "good"),
        (clock + "  ", "muted"),
        (_author(step, mine=mine), "good" if mine else "strong"),
        ("  ", ""),
        (value_label("issue_step.act", step.act), "muted" if step.out_of_turn else "accent"),
    )
    if step.out_of_turn:
        head = (*head, ("  " + _("out of turn: it changed nothing"), "warn"))
    below = indent + 7
    named = _step_facts(step, now_ms, was_due, meetings)
    facts = [StyledLine(((" " * below, ""), *named))] if named else []
    texts = [text for text in (step.text, step.reason, step.measure, step.evidence) if text]
    return [StyledLine(head), *facts, *(Passage(text, indent=below) for text in texts)]


def _author(step: Step, *, mine: bool) -> str:
    """Who did it, with the name of who is stood in for."""
    return author_text(step.author or _("somebody"), _("me") if mine else "")


def _step_facts(step: Step, now_ms: int, was_due: str | None, meetings: Mapping[str, str]) -> Spans:
    facts: Sequence[tuple[str, str | None]] = (
        (_("Department"), step.department),
        (_("With"), step.others),
        (_("Owner"), step.owner),
        (_("Due"), _due(step, now_ms, was_due)),
        (_("Waiting until"), format_day(step.until, now_ms)),
        (_("Waits for"), value_label("issue_step.waiting_for", step.waiting_for) if step.waiting_for else None),
        (_("Level"), value_label("level", str(step.level)) if step.level else None),
        (_("Meeting"), meetings.get(step.meeting_id or "")),
        (value_label("field", "cause"), value_label("issue_step.cause", step.cause) if step.cause else None),
    )
    pairs = [((name + " ", "muted"), (value + "   ", "")) for name, value in facts if value]
    return tuple(span for pair in pairs for span in pair)


def _due(step: Step, now_ms: int, was_due: str | None) -> str | None:
    """The due date that a step sets, after the one that it replaces."""
    if not step.due:
        return None
    shown = format_day(step.due, now_ms)
    return f"{format_day(was_due, now_ms)} -> {shown}" if was_due and was_due != step.due else shown
