"""Conflicts: the list's columns, and the differences between a superseded version and the present line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tui.i18n.dates import format_moment
from tui.i18n.translate import N_, _, value_label
from tui.i18n.value_text import NamesById, value_text
from tui.presenters.differences import ADDED_MARK, REMOVED_MARK, diff_spans
from tui.presenters.lines import line_summary
from tui.widgets.cells import Cell, Span, Spans
from tui.widgets.columns import ListColumn
from tui.widgets.highlighted import HighlightedPassage
from tui.widgets.page import BlankLine, FactTable, PageBlock, PageHeading, PageTitle, Passage, StyledLine

if TYPE_CHECKING:
    from store.queries.conflicts import Conflict, FieldDifference


def conflict_columns(now_ms: Callable[[], int]) -> Sequence[ListColumn[Conflict]]:
    """The columns of the list of conflicts."""
    return (
        ListColumn(N_("Lost"), 11, lambda row: ((format_moment(row.lost_at, now_ms()), "muted"),)),
        ListColumn(N_("Kind"), 8, lambda row: value_label("kind", row.kind)),
        ListColumn(N_("What it says"), 14, lambda row: line_summary(row.kind, row.body), grow_share=4),
        ListColumn(N_("Project"), 12, lambda row: row.project or "", grow_share=2, min_list_width=90),
        ListColumn(N_("Whose"), 8, _whose),
        ListColumn(N_("Who won"), 8, lambda row: row.winner or _("somebody")),
    )


def _whose(row: Conflict) -> Cell:
    return ((_("mine"), "warn"),) if row.own else row.author or _("somebody")


def conflict_page(row: Conflict, names: NamesById, now_ms: int) -> list[PageBlock]:
    """The page of a superseded version: authors, times, and how it differs from the present line."""
    written = _("{name}, {time}").format(name=row.author or _("somebody"), time=format_moment(row.written_at, now_ms))
    return [
        PageTitle(f"{value_label('kind', row.kind)}  {line_summary(row.kind, row.body)}"),
        BlankLine(),
        FactTable(
            (
                (_("Project"), row.project),
                (_("Written by"), written),
                (_("Lost to"), row.winner or _("somebody")),
                (_("Noticed here"), format_moment(row.lost_at, now_ms)),
            )
        ),
        PageHeading(_("What was lost")),
        StyledLine(diff_legend()),
        *difference_blocks(row, names),
    ]


def diff_legend() -> Spans:
    """The legend of the two sides of a difference; they are marked by glyphs as well as by colours."""
    lost, now = _("only in what was lost"), _("only in what the line says now")
    return (_example(REMOVED_MARK, lost), ("  ", ""), _example(ADDED_MARK, now))


def _example(mark: tuple[str, str, str], text: str) -> Span:
    opens, closes, style = mark
    return f"{opens}{text}{closes}", style


def difference_blocks(row: Conflict, names: NamesById) -> list[PageBlock]:
    """The differences, field by field."""
    blocks = [block for one in row.differs for block in _field(row.kind, one, names)]
    if row.deleted is not None:
        note = _("It deleted the line; now the line is here.") if row.deleted else _("The line has been deleted since.")
        blocks.append(Passage(note, "warn"))
    return blocks


def _field(kind: str, difference: FieldDifference, names: NamesById) -> Sequence[PageBlock]:
    """The two sides of a field: the superseded text above the present one."""
    lost, now = diff_spans(
        *(_text(kind, difference.field, value, names) for value in (difference.lost, difference.now))
    )
    heading: Spans = ((value_label("field", difference.field), "strong"),)
    return (
        StyledLine(heading),
        HighlightedPassage(((_("lost") + "  ", "muted"), *lost), indent=2),
        HighlightedPassage(((_("now") + "  ", "muted"), *now), indent=2),
    )


def _text(kind: str, field: str, value: object, names: NamesById) -> str:
    return value_text(kind, field, value, names)
