"""A meeting on the screen: a card for each open issue, and the minute as a page to read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from store.values.workdays import workdays_between
from tui.i18n.dates import day_shown, moment_shown
from tui.i18n.translate import _, ngettext, word
from tui.presenters.common import light_words
from tui.presenters.deadlines import over_words
from tui.widgets.cells import Span, Spans, wrap
from tui.widgets.page import Block, Facts, Heading, Passage, Title, Words

if TYPE_CHECKING:
    from store.queries.meetings import Card, Lately
    from tui.data.meeting_draft import Meeting
    from tui.data.readers.meeting import Minute

CARD_HEIGHT = 6
_TITLE_LINES = 2


def card_edge(card: Card) -> Span:
    """The edge of a card: its light's glyph and style; a blank where it has none."""
    return (word("light_mark", card.light), card.light) if card.light else ("", "")


def card_lines(
    card: Card, width: int, now: tuple[int, str], lately: Lately | None, asked: str, decided: Sequence[str] | None
) -> list[Spans]:
    """A card: number, state and due date; the title; project and owner; what was last done; what is asked, or was
    decided. ``now`` is the moment in ms and the day."""
    now_ms, _today = now
    level: Spans = ((_("level {n}").format(n=word("level", str(card.level))) + "  ", "warn"),) if card.level > 1 else ()
    head: Spans = ((card.number + "  ", "muted"), (word("state", card.state) + "  ", ""), *level, *_due(card, now))
    title = wrap(card.title, width)[:_TITLE_LINES]
    titles: list[Spans] = [((line, "strong"),) for line in title]
    who = "  ".join(part for part in (card.owner or _("no owner yet"), card.department, card.project) if part)
    last: Spans = ()
    if lately is not None:
        told = (day_shown(lately.at, now_ms), word("issue_step.act", lately.act), lately.said)
        last = (("  ".join(part for part in told if part), "muted"),)
    return [head, *titles, ((who, ""),), last, _asks(asked, decided)]


def _asks(asked: str, decided: Sequence[str] | None) -> Spans:
    """What the meeting is asked, or what it has decided."""
    if decided is None:
        return ((asked, "accent"),)
    said = "；".join(decided)
    return (((_("Decided") + "  " + said) if said else _("Discussed, nothing decided"), "good"),)


def _due(card: Card, now: tuple[int, str]) -> Spans:
    now_ms, today = now
    if card.due is None:
        return ((_("no due date"), "muted"),)
    due = day_shown(card.due, now_ms)
    if card.due >= today or card.light != "red":
        return ((_("due {day}").format(day=due), ""),)
    over = workdays_between(date.fromisoformat(card.due), date.fromisoformat(today))
    return ((_("due {day}").format(day=due) + "  ", ""), (over_words(over), "bad"))


def meeting_words(meeting: Meeting, shown: int, total: int, decided: int) -> str:
    """The line above the cards: level, chair, departments, how many issues and decisions."""
    counts = ngettext("{n} issue", "{n} issues", total).format(n=total if shown == total else f"{shown}/{total}")
    done = _("{n} decided").format(n=decided)
    level = _("level {n}").format(n=word("level", str(meeting.level)))
    return "   ".join(part for part in (counts, done, level, meeting.chair, meeting.names) if part)


def minute_page(meeting: Meeting, minute: Minute, now_ms: int) -> list[Block]:
    """The minute: who met when at which level over whom, and issue by issue what was decided."""
    facts = Facts(
        (
            (word("field", "at"), moment_shown(meeting.started, now_ms)),
            (word("field", "level"), word("level", str(meeting.level))),
            (word("field", "chair_id"), meeting.chair),
            (word("field", "departments"), meeting.names),
        )
    )
    page: list[Block] = [Title(_("Minute of the meeting")), facts, *_section(_("Decisions"), minute, decided=True)]
    return [*page, *_section(_("Discussed, nothing decided"), minute, decided=False)]


def _section(title: str, minute: Minute, *, decided: bool) -> list[Block]:
    rows = [one.row for one in minute.found if bool(minute.said[one.row.id]) is decided]
    blocks: list[Block] = [Heading(title)] if rows else []
    for row in rows:
        light: Spans = (*light_words(row.light), ("   ", "")) if row.light else ()
        state: Span = (word("state", row.state), "muted")
        blocks += [Title(f"{row.number}  {row.title}"), Words((*light, (f"{row.project or ''}   ", "muted"), state))]
        blocks += [Passage(said, "good", 2) for said in minute.said[row.id]]
    return blocks
