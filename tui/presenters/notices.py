"""What the day tells beside what needs somebody: projects that changed hands lately, and who acts for whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from tui.i18n.dates import format_day
from tui.i18n.translate import _, ngettext, value_label
from tui.widgets.cells import shorten

if TYPE_CHECKING:
    from store.queries.hand_over import GivenUp, TakenOver
    from store.queries.stand_ins import StandInRow


NAME_CELLS = 26
"""So much of a project's name is told where what changed hands has one line of 80 columns."""


def stand_in_text(row: StandInRow, now_ms: int) -> str:
    """Who acts for whom until when, as the officer of this device is told."""
    texts = {
        "by_me": _("You act for {principal} until {day}."),
        "for_me": _("{person} acts for you until {day}."),
    }  # fmt: skip
    text = texts.get(row.mine or "", _("{person} acts for {principal} until {day}."))
    return text.format(person=row.person or "?", principal=row.principal or "?", day=format_day(row.to_date, now_ms))


def changed_hands_heads(taken: Sequence[TakenOver], left: Sequence[GivenUp], now_ms: int) -> Iterator[str]:
    """The same as `changed_hands_lines` in short lines: projects that came at once, or left, by the first of them."""
    together: dict[tuple[str, str, str | None], list[TakenOver]] = {}
    for row in taken:
        together.setdefault((row.since, row.role, row.before), []).append(row)
    for rows in together.values():
        yield _taken_line(rows[0]._replace(name=shorten(rows[0].name, NAME_CELLS)), now_ms, len(rows))
    for gone in left:
        by_butler: dict[str, list[str]] = {}
        for project, name in zip_longest(gone.projects, gone.butlers, fillvalue=""):
            by_butler.setdefault(name, []).append(shorten(project, NAME_CELLS))
        others = _("{project} and others")
        named = [others.format(project=of[0]) if len(of) > 1 else of[0] for of in by_butler.values()]
        yield from changed_hands_lines((), [gone._replace(projects=tuple(named), butlers=tuple(by_butler))], now_ms)


def _taken_line(row: TakenOver, now_ms: int, count: int = 1) -> str:
    text = _("{project} is yours since {day}, as {role}.")
    if count > 1:
        text = _("{n} projects, {project} among them, are yours since {day}, as {role}.")
    role, day = value_label("assignment.role", row.role), format_day(row.since, now_ms)
    before = _("Before: {name}.").format(name=row.before) if row.before else ""
    return text.format(project=row.name, day=day, role=role, n=count) + before


def changed_hands_lines(taken: Sequence[TakenOver], left: Sequence[GivenUp], now_ms: int) -> Iterator[str]:
    """Which projects came to this officer and which left, within the last days, and what of these is unsent."""
    for row in taken:
        yield _taken_line(row, now_ms)
    for gone in left:
        text = _("No longer yours since {day}: {projects}.")
        named = [
            _("{project} (now with {name})").format(project=project, name=name) if name else project
            for project, name in zip_longest(gone.projects, gone.butlers, fillvalue="")
        ]
        yield text.format(day=format_day(gone.day, now_ms), projects=_(", ").join(named))
        if gone.unsent:
            text = ngettext(
                "{n} line that you wrote there before is unsent; the central still takes it until {day}.",
                "{n} lines that you wrote there before are unsent; the central still takes them until {day}.",
                gone.unsent,
            )
            yield text.format(n=gone.unsent, day=format_day(gone.until, now_ms))
