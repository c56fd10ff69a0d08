"""The clocks of an issue on the screen: each limit as a gauge of characters, and what follows when it runs out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.i18n.dates import day_shown
from tui.i18n.translate import _, ngettext, word
from tui.widgets.cells import Span, Spans
from tui.widgets.page import Block, Heading, Passage, Words

if TYPE_CHECKING:
    from store.domain.issue_deadlines import Clock
    from tui.data.readers.issue import Next

GAUGE = 12
"""Cells between the gauge's brackets."""


def clock_blocks(clocks: Sequence[Clock], above: Next | None, state: str, now_ms: int) -> list[Block]:
    """Every clock that runs, the one that runs out first marked; what follows then."""
    if not clocks:
        stands = _("No limit runs: the clock stands still until it is approved or returned.")
        return [Passage(stands, "muted")] if state in ("settled", "pending_approval") else []
    first = min(clocks, key=lambda one: one.left)
    blocks: list[Block] = [Heading(_("Limits that run"))]
    for one in clocks:
        blocks += [Words(_line(one, one is first)), Words(_dates(one, now_ms))]
    return [*blocks, Passage(_follows(first, above), _style(first))]


def _line(one: Clock, first: bool) -> Spans:
    name: Span = (word("clock", one.name), "strong" if first else "")
    return ((">" if first else " ", "accent"), (" ", ""), *gauge(one), ("  ", ""), (left_words(one), _style(one)),
            ("  ", ""), name)  # fmt: skip


def gauge(one: Clock, width: int = GAUGE) -> Spans:
    """How much of a limit is used up: ``[####--]``; full and marked where it is over."""
    used = width if one.over else min(width * (one.days - one.left) // one.days, width)
    return (
        ("[", "muted"),
        ("#" * max(used, 0), _style(one)),
        ("-" * (width - max(used, 0)), "muted"),
        ("!" if one.over else "]", _style(one) if one.over else "muted"),
    )


def left_words(one: Clock) -> str:
    """How many working days are left, or since how many it is over."""
    if one.over:
        return over_words(-one.left)
    if one.left == 0:
        return _("ends today")
    return ngettext("{n} working day left", "{n} working days left", one.left).format(n=one.left)


def over_words(days: int) -> str:
    """Since how many working days a limit is over; 0 where only days off have passed since."""
    return ngettext("over by {n} working day", "over by {n} working days", days).format(n=days)


def _dates(one: Clock, now_ms: int) -> Spans:
    return (("    " + _("{since} to {until}").format(since=day_shown(one.since, now_ms),
             until=day_shown(one.until, now_ms)), "muted"),)  # fmt: skip


def _style(one: Clock) -> str:
    if one.over:
        return "bad" if one.name in ("due", "escalation") else "warn"
    return "warn" if one.left <= 1 else "good"


def _follows(first: Clock, above: Next | None) -> str:
    """What happens when the first clock has run out, or has happened."""
    if first.name == "waiting":
        return _("When it has waited out, its light is yellow: go on, or wait until a new day.")
    if first.name == "progress":
        return _("Without news after that its light is yellow: the owner reports what keeps it.")
    if above is None:
        return _("Overdue it is red; there is no level above to escalate it to.")
    who = f"{word('duty', above.duty)} {above.name or ''}".rstrip()
    values = {"days": above.overdue, "level": word("level", str(above.level)), "who": who}
    if first.name == "escalation" and first.over:
        return _("Escalation to level {level} is proposed now: {who}.").format(**values)
    return _("{days} working days overdue, escalation to level {level} is proposed: {who}.").format(**values)
