"""Meetings: the card of an open issue, and the page of the minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from store.values.times import stored_day
from store.values.workdays import workdays_between
from tui.i18n.dates import format_day, format_moment
from tui.i18n.deadline_text import overdue_text
from tui.i18n.translate import _, ngettext, value_label
from tui.presenters.common import light_with_label
from tui.widgets.cells import Span, Spans, wrap
from tui.widgets.page import FactTable, PageBlock, PageHeading, PageTitle, Passage, StyledLine

if TYPE_CHECKING:
    from store.queries.meetings import LatestStep, MeetingIssue
    from tui.data.meeting_draft import MeetingDraft
    from tui.data.readers.meeting import MeetingMinutes

CARD_HEIGHT = 6
_TITLE_LINES = 2


def card_edge(card: MeetingIssue) -> Span:
    """The glyph and the style of a card's edge, from the issue's light; blank without a light."""
    return (value_label("light_mark", card.light), card.light) if card.light else ("", "")


def card_lines(
    card: MeetingIssue,
    width: int,
    now: tuple[int, str],
    latest_act: LatestStep | None,
    question: str,
    decisions: Sequence[str] | None,
) -> list[Spans]:
    """The lines of a card: number, state and due date; title; owner and project; latest step; the decision to take, or
    the decisions taken. ``now`` is the present time in ms, and the day."""
    now_ms, _today = now
    level: Spans = (
        ((_("level {n}").format(n=value_label("level", str(card.level))) + "  ", "warn"),) if card.level > 1 else ()
    )
    head: Spans = (
        (card.number + "  ", "muted"),
        (value_label("state", card.state) + "  ", ""),
        *level,
        *_due(card, now),
    )
    title = wrap(card.title, width)[:_TITLE_LINES]
    titles: list[Spans] = [((line, "strong"),) for line in title]
    who: Spans = (("  ".join(filter(None, (card.owner or _("no owner yet"), card.department))), ""),)
    if card.owed:  # before the project, whose long name leaves no room
        who = (*who, ("  " + _("still owed: {departments}").format(departments=card.owed), "warn"))
    who = (*who, ("  " + card.project, "")) if card.project else who
    last: Spans = ()
    if latest_act is not None:
        parts = (format_day(latest_act.at, now_ms), value_label("issue_step.act", latest_act.act), latest_act.text)
        last = (("  ".join(part for part in parts if part), "muted"),)
    return [head, *titles, who, last, _decision_spans(question, decisions)]


def _decision_spans(question: str, decisions: Sequence[str] | None) -> Spans:
    """The decision to take, or the decisions taken."""
    if decisions is None:
        return ((question, "accent"),)
    text = "；".join(decisions)
    return (((_("Decided") + "  " + text) if text else _("Discussed, nothing decided"), "good"),)


def _due(card: MeetingIssue, now: tuple[int, str]) -> Spans:
    now_ms, today = now
    if card.due is None:
        return ((_("no due date"), "muted"),)
    due = format_day(card.due, now_ms)
    due_day = stored_day(card.due)
    if due_day is None or card.due >= today or card.light != "red":
        return ((_("due {day}").format(day=due), ""),)
    over = workdays_between(due_day, date.fromisoformat(today))
    return ((_("due {day}").format(day=due) + "  ", ""), (overdue_text(over), "bad"))


def meeting_text(meeting: MeetingDraft, shown: int, total: int, decided: int) -> str:
    """The line above the cards: numbers of issues and decisions, level, chair, departments."""
    counts = ngettext("{n} issue", "{n} issues", total).format(n=total if shown == total else f"{shown}/{total}")
    done = _("{n} decided").format(n=decided)
    level = _("level {n}").format(n=value_label("level", str(meeting.level)))
    return "   ".join(part for part in (counts, done, level, meeting.chair, meeting.department_names) if part)


def minutes_page(meeting: MeetingDraft, minutes: MeetingMinutes, now_ms: int) -> list[PageBlock]:
    """The minutes: time, level, chair and departments, then the decisions issue by issue."""
    facts = FactTable(
        (
            (value_label("field", "at"), format_moment(meeting.started, now_ms)),
            (value_label("field", "level"), value_label("level", str(meeting.level))),
            (value_label("field", "chair_id"), meeting.chair),
            (value_label("field", "departments"), meeting.department_names),
        )
    )
    page: list[PageBlock] = [
        PageTitle(_("Minute of the meeting")),
        facts,
        *_section(_("Decisions"), minutes, meeting.notes, decided=True),
    ]
    return [*page, *_section(_("Discussed, nothing decided"), minutes, meeting.notes, decided=False)]


def _section(title: str, minutes: MeetingMinutes, notes: Mapping[str, str], *, decided: bool) -> list[PageBlock]:
    rows = [one.row for one in minutes.issues if bool(minutes.decision_texts[one.row.id]) is decided]
    blocks: list[PageBlock] = [PageHeading(title)] if rows else []
    for row in rows:
        light: Spans = (*light_with_label(row.light), ("   ", "")) if row.light else ()
        state: Span = (value_label("state", row.state), "muted")
        blocks += [
            PageTitle(f"{row.number}  {row.title}"),
            StyledLine((*light, (f"{row.project or ''}   ", "muted"), state)),
        ]
        said = [] if decided else [notes[row.id]] if notes.get(row.id) else []
        blocks += [Passage(text, "good", 2) for text in (*minutes.decision_texts[row.id], *said)]
    return blocks
