"""What the day tells beside what needs somebody: projects that changed hands lately, and who acts for whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from tui.i18n.dates import format_day
from tui.i18n.translate import _, ngettext, value_label

if TYPE_CHECKING:
    from store.queries.hand_over import GivenUp, TakenOver
    from store.queries.stand_ins import StandInRow


def stand_in_text(row: StandInRow, now_ms: int) -> str:
    """Who acts for whom until when, as the officer of this device is told."""
    texts = {
        "by_me": _("You act for {principal} until {day}."),
        "for_me": _("{person} acts for you until {day}."),
    }  # fmt: skip
    text = texts.get(row.mine or "", _("{person} acts for {principal} until {day}."))
    return text.format(person=row.person or "?", principal=row.principal or "?", day=format_day(row.to_date, now_ms))


def changed_hands_lines(taken: Sequence[TakenOver], left: Sequence[GivenUp], now_ms: int) -> Iterator[str]:
    """Which projects came to this officer and which left, within the last days, and what of these is unsent."""
    for row in taken:
        text, role = _("{project} is yours since {day}, as {role}."), value_label("assignment.role", row.role)
        before = _("Before: {name}.").format(name=row.before) if row.before else ""
        yield text.format(project=row.name, day=format_day(row.since, now_ms), role=role) + before
    for gone in left:
        text = _("No longer yours since {day}: {projects}.")
        named = [
            _("{project} (now with {name})").format(project=project, name=name) if name else project
            for project, name in zip_longest(gone.projects, gone.butlers, fillvalue="")
        ]
        yield text.format(day=format_day(gone.day, now_ms), projects="、".join(named))
        if gone.unsent:
            text = ngettext(
                "{n} line that you wrote there before is unsent; the central still takes it until {day}.",
                "{n} lines that you wrote there before are unsent; the central still takes them until {day}.",
                gone.unsent,
            )
            yield text.format(n=gone.unsent, day=format_day(gone.until, now_ms))
