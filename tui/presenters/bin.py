"""The bin: the list's columns, and the page of what was deleted or taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tui.i18n.dates import format_moment
from tui.i18n.translate import N_, _, value_label
from tui.i18n.value_text import NamesById, value_text
from tui.presenters.lines import body_facts, line_summary
from tui.widgets.columns import ListColumn
from tui.widgets.page import BlankLine, FactTable, PageBlock, PageHeading, PageTitle, Passage, StyledLine

if TYPE_CHECKING:
    from store.queries.bin import BinEntry


def bin_columns(now_ms: Callable[[], int]) -> Sequence[ListColumn[BinEntry]]:
    """The columns of the bin."""
    return (
        ListColumn(N_("When"), 11, lambda row: ((format_moment(row.at, now_ms()), "muted"),)),
        ListColumn(N_("Why"), 10, lambda row: value_label("bin", row.what)),
        ListColumn(N_("Kind"), 8, lambda row: value_label("kind", row.kind)),
        ListColumn(N_("What it says"), 14, lambda row: line_summary(row.kind, row.body), grow_share=4),
        ListColumn(N_("Project"), 12, lambda row: row.project or "", grow_share=2, min_list_width=90),
        ListColumn(N_("By"), 8, lambda row: row.author or _("somebody")),
    )


def bin_entry_title(row: BinEntry) -> str:
    """What an entry is, in a line."""
    return f"{value_label('kind', row.kind)}  {line_summary(row.kind, row.body)}"


def bin_page(row: BinEntry, names: NamesById, now_ms: int) -> list[PageBlock]:
    """The page of an entry: what happened to it, and what it says."""
    return [
        PageTitle(bin_entry_title(row)),
        BlankLine(),
        FactTable(
            (
                (_("Project"), row.project),
                (_("Why"), value_label("bin", row.what)),
                (_("When"), format_moment(row.at, now_ms)),
                (_("By"), row.author or _("somebody")),
            )
        ),
        PageHeading(_("What it says")),
        *bin_entry_blocks(row, names),
    ]


def bin_entry_blocks(row: BinEntry, names: NamesById) -> list[PageBlock]:
    """What restoring would bring: the whole line, or the fields that the line does not say now."""
    if not row.is_here:
        return [body_facts(row.kind, row.body, names)]
    blocks: list[PageBlock] = []
    for difference in row.differs:
        blocks.append(StyledLine(((value_label("field", difference.field), "strong"),)))
        for label, value in ((_("in the bin"), difference.lost), (_("now"), difference.now)):
            text = value_text(row.kind, difference.field, value, names)
            blocks.append(Passage(f"{label}  {text}", indent=2))
    return blocks
