"""Versions that lost on the screen: a list of them, and what was lost, word by word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tui.i18n.dates import moment_shown
from tui.i18n.translate import N_, _, word
from tui.presenters.differences import CAME, GONE, differences
from tui.presenters.lines import Names, summary, value_text
from tui.widgets.cells import Cell, Span, Spans
from tui.widgets.columns import Column
from tui.widgets.highlighted import Marked
from tui.widgets.page import Block, Facts, Gap, Heading, Passage, Title, Words

if TYPE_CHECKING:
    from store.queries.conflicts import Difference, Loser


def loser_columns(now_ms: Callable[[], int]) -> Sequence[Column[Loser]]:
    """What lost, whose it was, who won."""
    return (
        Column(N_("Lost"), 11, lambda row: ((moment_shown(row.lost_at, now_ms()), "muted"),)),
        Column(N_("Kind"), 8, lambda row: word("kind", row.kind)),
        Column(N_("What it says"), 14, lambda row: summary(row.kind, row.body), grow=4),
        Column(N_("Project"), 12, lambda row: row.project or "", grow=2, from_width=90),
        Column(N_("Whose"), 8, _whose),
        Column(N_("Who won"), 8, lambda row: row.winner or _("somebody")),
    )


def _whose(row: Loser) -> Cell:
    return ((_("mine"), "warn"),) if row.own else row.author or _("somebody")


def loser_page(row: Loser, names: Names, now_ms: int) -> list[Block]:
    """One version that lost: whose, to whom, when; and what of it the line does not say now."""
    written = _("{name}, {time}").format(name=row.author or _("somebody"), time=moment_shown(row.written_at, now_ms))
    return [
        Title(f"{word('kind', row.kind)}  {summary(row.kind, row.body)}"),
        Gap(),
        Facts(
            (
                (_("Project"), row.project),
                (_("Written by"), written),
                (_("Lost to"), row.winner or _("somebody")),
                (_("Noticed here"), moment_shown(row.lost_at, now_ms)),
            )
        ),
        Heading(_("What was lost")),
        Words(legend()),
        *difference_blocks(row, names),
    ]


def legend() -> Spans:
    """How the two sides of a difference are marked: by glyphs, too, so that it is seen without colours."""
    lost, now = _("only in what was lost"), _("only in what the line says now")
    return (_example(GONE, lost), ("  ", ""), _example(CAME, now))


def _example(how: tuple[str, str, str], text: str) -> Span:
    opens, closes, style = how
    return f"{opens}{text}{closes}", style


def difference_blocks(row: Loser, names: Names) -> list[Block]:
    """What was lost, field by field."""
    blocks = [block for one in row.differs for block in _field(row.kind, one, names)]
    if row.deleted is not None:
        said = _("It deleted the line; now the line is here.") if row.deleted else _("The line has been deleted since.")
        blocks.append(Passage(said, "warn"))
    return blocks


def _field(kind: str, one: Difference, names: Names) -> Sequence[Block]:
    """A field's two sides, what was lost above what is there now."""
    lost, now = differences(*(_text(kind, one.field, value, names) for value in (one.lost, one.now)))
    heading: Spans = ((word("field", one.field), "strong"),)
    return (
        Words(heading),
        Marked(((_("lost") + "  ", "muted"), *lost), indent=2),
        Marked(((_("now") + "  ", "muted"), *now), indent=2),
    )


def _text(kind: str, field: str, value: Any, names: Names) -> str:
    return _("(empty)") if value is None else value_text(kind, field, value, names)
