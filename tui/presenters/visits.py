"""Visits: the columns of the service log, and a visit's page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tui.i18n.author_text import author_text
from tui.i18n.dates import format_moment
from tui.i18n.provisional_text import provisional_text
from tui.i18n.translate import N_, _, value_label
from tui.presenters.attachments import file_section
from tui.presenters.common import provisional_mark
from tui.widgets.cells import Cell
from tui.widgets.columns import ListColumn
from tui.widgets.page import BlankLine, FactTable, PageBlock, PageTitle, Passage

if TYPE_CHECKING:
    from store.queries.visits import IssueMention, VisitRow
    from tui.data.attached_files import ShownFile


def visit_columns(now_ms: Callable[[], int]) -> Sequence[ListColumn[VisitRow]]:
    """The columns of a project's service log."""
    return (
        ListColumn(N_("When"), 11, lambda row: ((format_moment(row.at, now_ms()), "muted"),)),
        ListColumn(N_("How"), 6, lambda row: value_label("visit.how", row.how)),
        ListColumn(N_("What was seen"), 16, _seen, grow_share=4),
        ListColumn(N_("Participants"), 12, lambda row: row.participants_text, grow_share=1, min_list_width=70),
        ListColumn(N_("Recorded by"), 8, lambda row: author_text(row.author), grow_share=1, min_list_width=84),
    )


def _seen(row: VisitRow) -> Cell:
    return (*provisional_mark(row.provisional), (row.text or row.place or "", ""))


def visit_page(row: VisitRow, files: Sequence[ShownFile], now_ms: int) -> list[PageBlock]:
    """The page of a visit, with its files."""
    facts = FactTable(
        (
            (_("Project"), row.project),
            (value_label("field", "at"), format_moment(row.at, now_ms)),
            (value_label("field", "how"), value_label("visit.how", row.how)),
            (value_label("field", "place"), row.place),
            (value_label("field", "participants"), row.participants_text),
            (value_label("envelope", "author"), author_text(row.author)),
            (value_label("field", "issues_raised"), _mentions(row.issues_raised)),
            (value_label("field", "issues_moved"), _mentions(row.issues_moved)),
            (_("Provisional"), provisional_text(row.provisional)),
        )
    )
    title = PageTitle(value_label("kind", "visit"))
    return [title, BlankLine(), facts, BlankLine(), Passage(row.text or ""), *file_section(files, now_ms)]


def _mentions(mentions: Sequence[IssueMention]) -> str:
    return "\n".join(f"{one.number or ''} {one.title or ''}".strip() for one in mentions)
