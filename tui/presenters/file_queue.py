"""Attached files that wait to be sent or fetched: the columns of their list, the page of one, the queue in a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.i18n.sync_text import format_size
from tui.i18n.translate import N_, _, ngettext, value_label
from tui.widgets.cells import Cell
from tui.widgets.columns import ListColumn
from tui.widgets.page import BlankLine, FactTable, PageBlock, PageTitle, Passage

if TYPE_CHECKING:
    from store.queries.blob_queue import QueuedBlob
    from tui.data.file_queue import FileQueue

PROGRESS_BAR_CELLS = 10
STOP_TEXTS = {
    "hours": N_("Files travel between {begin} and {end} o’clock only (setting attachment_hours)."),
    "day": N_("The {size} of this day are used up; files travel again tomorrow."),
    "hour": N_("The {size} of this hour are used up; files travel again in the next one."),
}
REFUSAL_TEXTS = {
    "too_large": N_("The district takes no files that are so large; it stays on this device."),
    "not_taken": N_("The district takes no files of this sort; it stays on this device."),
    "erased": N_("The bureau has erased this very file for good; the central takes it in no more."),
    "unreadable": N_("The file on this device is damaged. Attach it again."),
    "other_bytes": N_("What arrived was not the file that the record names."),
    "unknown_type": N_("What is in the file is not what the record says of it."),
}


def queued_file_columns() -> Sequence[ListColumn[QueuedBlob]]:
    """The columns of the queue."""
    return (
        ListColumn(N_("Way"), 4, lambda row: ((value_label("blob_way", row.direction), "muted"),)),
        ListColumn(N_("Name"), 12, lambda row: row.name, grow_share=2),
        ListColumn(N_("What"), 12, lambda row: ((_what(row), "muted"),), min_list_width=66),
        ListColumn(N_("Size"), 7, lambda row: format_size(row.ref.size), align_right=True),
        ListColumn(N_("How far"), 18, _progress, grow_share=1),
    )


def _what(row: QueuedBlob) -> str:
    return _("working copy") if row.ref.is_copy else _("original")


def _progress(row: QueuedBlob) -> Cell:
    """A bar of what has travelled, or why nothing does."""
    if row.hold is not None:
        return ((value_label("blob_hold", row.hold), "bad" if row.hold in ("refused", "missing") else "muted"),)
    if not row.done:
        return ((_("waits for the line"), "muted"),)
    filled = PROGRESS_BAR_CELLS * row.done // max(row.ref.size, 1)
    percent = f"] {100 * row.done // max(row.ref.size, 1)}%"
    return (("[" + "#" * filled, "accent"), ("-" * (PROGRESS_BAR_CELLS - filled) + percent, "muted"))


HOLD_TEXTS = {
    "unsent": N_("The record that it belongs to goes first, with the next round; then the file."),
    "refused": N_(
        "The central has not taken it, or what is here is damaged. It is tried again after a day; “guanjia doctor” "
        "says whether the file here is whole."
    ),
    "asked_for": N_("Only the small picture comes by itself. f asks for the original; it comes with the next rounds."),
    "no_room": N_(
        "The disk has too little room: some of it is kept free (setting attachment_reserve_mb). It comes once there is."
    ),
    "missing": N_("It was attached on this device, but the file is not here any more. Attach it again."),
}
FREE_TEXT = N_(
    "It travels after the next round, part by part: what is cut off goes on where it was. Records never wait for files."
)
PAUSED_TEXT = N_("The queue is paused: no files travel until p lets them again. Records travel all the same.")


def queued_file_page(row: QueuedBlob, *, paused: bool) -> list[PageBlock]:
    """What waits, how far it is, and what keeps it."""
    facts = [
        (_("Way"), value_label("blob_way", row.direction)),
        (_("What"), _what(row)),
        (_("Size"), format_size(row.ref.size)),
        (_("Travelled"), format_size(row.done) if row.done else ""),
        (_("Waits for"), value_label("blob_hold", row.hold) if row.hold else ""),
    ]
    means = Passage(_(HOLD_TEXTS[row.hold] if row.hold else FREE_TEXT))
    why = [Passage(_(REFUSAL_TEXTS[row.why]), "bad")] if row.why in REFUSAL_TEXTS else []
    pause: list[PageBlock] = [BlankLine(), Passage(_(PAUSED_TEXT), "warn")] if paused and row.hold is None else []
    return [PageTitle(row.name), FactTable(facts), BlankLine(), *why, means, *pause]


def queue_text(queue: FileQueue) -> str:
    """The queue in a few words; empty where nothing waits for the line and nothing is paused."""
    free = queue.free
    text = ngettext("{n} file waits for the line, {size}.", "{n} files wait for the line, {size}.", len(free))
    waits = text.format(n=len(free), size=format_size(queue.bytes_left)) if free else ""
    parts = (_("Paused (p).") if queue.paused else "", waits, *(budget_texts(queue) if queue.waiting else ()))
    return " ".join(part for part in parts if part)


def budget_texts(queue: FileQueue) -> list[str]:
    """What of the budget keeps files now, and what has been spent of a day's megabytes."""
    budget, texts = queue.budget, list[str]()
    if queue.stop is not None:
        begin, end = budget.hours or (0, 0)
        size = format_size(budget.bytes_a_day if queue.stop == "day" else budget.bytes_an_hour)
        texts.append(_(STOP_TEXTS[queue.stop]).format(begin=begin, end=end, size=size))
    elif budget.bytes_a_day:
        used, size = format_size(queue.spent.day), format_size(budget.bytes_a_day)
        texts.append(_("{used} of {size} of this day are used.").format(used=used, size=size))
    if queue.large:
        text = ngettext(
            "{n} larger one waits for a line that does not cost by the byte.",
            "{n} larger ones wait for a line that does not cost by the byte.",
            queue.large,
        )
        texts.append(text.format(n=queue.large))
    return texts
