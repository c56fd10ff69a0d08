"""Attachments as lines of a page and columns of a list: name, size, when taken, whether they are here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from tui.i18n.dates import format_moment
from tui.i18n.sync_text import format_size
from tui.i18n.translate import N_, _, error_text, ngettext
from tui.widgets.cells import Span, Spans
from tui.widgets.columns import ListColumn
from tui.widgets.page import PageBlock, PageHeading, PageTitle, Passage, StyledLine

if TYPE_CHECKING:
    from store.commands.attachments import RefusedFile
    from tui.data.attached_files import ShownFile

MOST_ON_A_PAGE = 12
"""So many files are listed on a page; the key that opens them lists all."""


def file_lines(files: Sequence[ShownFile], now_ms: int, indent: int = 0) -> list[PageBlock]:
    """A line for each file, as it stands below a step or in a section."""
    blocks: list[PageBlock] = [StyledLine(_line(file, now_ms, indent)) for file in files[:MOST_ON_A_PAGE]]
    more = len(files) - MOST_ON_A_PAGE
    if more > 0:
        text = ngettext("and {n} more", "and {n} more", more).format(n=more)
        blocks.append(Passage(text, "muted", indent))
    return blocks


def file_section(files: Sequence[ShownFile], now_ms: int) -> list[PageBlock]:
    """A section with the files of what the page shows; nothing where there are none."""
    if not files:
        return []
    heading = ngettext("{n} attachment (o shows it)", "{n} attachments (o shows them)", len(files))
    return [PageHeading(heading.format(n=len(files))), *file_lines(files, now_ms)]


def _line(file: ShownFile, now_ms: int, indent: int) -> Spans:
    words: Spans = ((f"  {file.row.words}", ""),) if file.row.words else ()
    return ((" " * indent, ""), ("+ ", "accent"), (file.row.name, ""), *words, ("  ", ""), *_marks(file, now_ms))


def _marks(file: ShownFile, now_ms: int) -> Spans:
    size: Span = (format_size(file.row.size), "muted")
    taken: Spans = ()
    if file.row.taken_at:
        taken = (("  " + _("taken {when}").format(when=format_moment(file.row.taken_at, now_ms)), "muted"),)
    where = where_text(file)
    return (size, *taken, *((("  " + where, "warn"),) if where else ()))


def where_text(file: ShownFile) -> str:
    """What is missing of a file on this device; empty where all is here."""
    if file.here:
        return ""
    return _("only the small picture is here") if file.copy_here else _("not here yet")


def file_columns(now_ms: Callable[[], int]) -> Sequence[ListColumn[ShownFile]]:
    """The columns of a list of attached files."""
    return (
        ListColumn("", 14, lambda file: file.row.name, grow_share=1),
        ListColumn("", 11, lambda file: ((format_moment(file.row.taken_at or file.row.at, now_ms()), "muted"),)),
        ListColumn("", 8, lambda file: ((format_size(file.row.size), "muted"),), align_right=True, min_list_width=46),
    )


def file_facts(file: ShownFile, now_ms: int) -> list[Span]:
    """What is known of one file, as paragraphs below its picture."""
    row = file.row
    size = format_size(row.size)
    if row.width and row.height:
        size += f"  {row.width}x{row.height}"
    facts: list[Span] = [(row.name, "strong")]
    if row.words:
        facts.append((row.words, ""))
    facts.append((size, "muted"))
    if row.taken_at:
        facts.append((_("taken {when}").format(when=format_moment(row.taken_at, now_ms)), "muted"))
    if row.place:
        facts.append((_("at {place}").format(place=row.place), "muted"))
    by = _("attached by {who}, {when}").format(who=row.author or _("somebody"), when=format_moment(row.at, now_ms))
    facts.append((by, "muted"))
    if where := where_text(file):
        facts.append((where, "warn"))
    return facts


def refused_files_page(refused: Iterable[RefusedFile]) -> list[PageBlock]:
    """Which files were not kept, and why; the text is saved all the same."""
    page: list[PageBlock] = [PageTitle(_("Saved, but without these files"))]
    for file in refused:
        text = error_text(file.error)
        page += [Passage(file.path.name, "strong"), Passage(text.what, "warn", 2), Passage(text.remedy, "", 2)]
    return page


NO_FILES = N_("Nothing is attached here. F9 in a form attaches pictures and papers.")
