"""Visits on the screen: the service log's columns, and one visit's page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tui.i18n.dates import moment_shown
from tui.i18n.translate import N_, _, word
from tui.widgets.columns import Column
from tui.widgets.page import Block, Facts, Gap, Passage, Title

if TYPE_CHECKING:
    from store.queries.visits import Mention, VisitRow


def visit_columns(now_ms: Callable[[], int]) -> Sequence[Column[VisitRow]]:
    """The service log of one project."""
    return (
        Column(N_("When"), 11, lambda row: ((moment_shown(row.at, now_ms()), "muted"),)),
        Column(N_("How"), 6, lambda row: word("visit.how", row.how)),
        Column(N_("What was seen"), 16, lambda row: row.text or row.place or "", grow=4),
        Column(N_("Participants"), 12, lambda row: _(", ").join(row.participants), grow=1, from_width=70),
        Column(N_("Who"), 8, lambda row: row.author or "", from_width=84),
    )


def visit_page(row: VisitRow, now_ms: int) -> list[Block]:
    """One visit."""
    facts = Facts(
        (
            (_("Project"), row.project),
            (word("field", "at"), moment_shown(row.at, now_ms)),
            (word("field", "how"), word("visit.how", row.how)),
            (word("field", "place"), row.place),
            (word("field", "participants"), _(", ").join(row.participants)),
            (word("envelope", "author"), row.author),
            (word("field", "issues_raised"), _mentions(row.issues_raised)),
            (word("field", "issues_moved"), _mentions(row.issues_moved)),
        )
    )
    return [Title(word("kind", "visit")), Gap(), facts, Gap(), Passage(row.text or "")]


def _mentions(mentions: Sequence[Mention]) -> str:
    return "\n".join(f"{one.number or ''} {one.title or ''}".strip() for one in mentions)
