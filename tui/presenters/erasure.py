"""An erasure in words: what it would empty and what stays, and what was emptied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.i18n.translate import _, ngettext, value_label
from tui.presenters.lines import line_summary
from tui.widgets.cells import shorten
from tui.widgets.page import BlankLine, PageBlock, PageTitle, Passage

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from store.commands.erasures import ErasurePlan
    from store.queries.attachments import AttachmentRow

_SHOWN_TEXTS = 8


def erasure_question(
    name: str, plan: ErasurePlan, files: Sequence[AttachmentRow], reason: str, basis: str
) -> list[PageBlock]:
    """What erasing a person, and these attached files with them, would do, why, and what it does not reach."""
    records = _("{name}: {lines} records and phones, with all their versions.")
    gone = {row.id for row in files}
    staying = plan.references - len(gone & {*plan.files})
    return [
        PageTitle(_("Erase what is held on {name}?").format(name=name)),
        Passage(records.format(name=name, lines=len(plan.lines))),
        Passage(_("On this device at once, on every other one and at the central at the next round of each.")),
        *_file_blocks(files),
        Passage(_("{n} other records name the person by id or in words; they stay.").format(n=staying)),
        *_text_blocks(plan, gone),
        Passage(_("Backups and files given out are not reached.")),
        BlankLine(),
        Passage(_("Reason: {reason}").format(reason=reason), "muted"),
        Passage(_("Legal basis: {basis}").format(basis=basis), "muted"),
    ]


def file_erasure_question(name: str, count: int, reason: str, basis: str) -> list[PageBlock]:
    """What erasing a file that is attached so often would do, why, and what it does not reach."""
    attached = ngettext("“{name}” is attached {n} time.", "“{name}” is attached {n} times.", count)
    return [
        PageTitle(_("Erase “{name}”?").format(name=name)),
        Passage(attached.format(name=name, n=count)),
        Passage(_("Name, words and the file itself go, and every earlier version of them; the bin has nothing of it.")),
        Passage(_("On this device at once, on every other one and at the central at the next round of each.")),
        Passage(_("Backups and files given out are not reached.")),
        BlankLine(),
        Passage(_("Reason: {reason}").format(reason=reason), "muted"),
        Passage(_("Legal basis: {basis}").format(basis=basis), "muted"),
    ]


def files_erased_blocks(count: int, *, is_scrubbed: bool) -> list[PageBlock]:
    """How many attached files were erased, and whether parts are still in this device's files."""
    title = ngettext("{n} attached file erased.", "{n} attached files erased.", count).format(n=count)
    return [PageTitle(title), *_following(is_scrubbed=is_scrubbed)]


def _following(*, is_scrubbed: bool) -> list[PageBlock]:
    told: list[PageBlock] = [Passage(_("Every device and the central follow at their next round."))]
    if not is_scrubbed:
        told.append(Passage(_("Parts are still in this device’s files; the next round tries again to remove them.")))
    return told


def last_question(name: str) -> list[PageBlock]:
    """The second question."""
    return [
        PageTitle(_("Erase {name} for good?").format(name=name)),
        Passage(_("It cannot be undone: nobody, and no older version, brings it back."), "warn"),
    ]


def erased_blocks(plan: ErasurePlan, files: Collection[str], *, is_scrubbed: bool) -> list[PageBlock]:
    """What was emptied, how many ``files`` (ids) with it, where the person is still named in words, and whether parts
    are still in the device's files."""
    n = len(plan.lines)
    title = ngettext("{n} record emptied.", "{n} records emptied.", n).format(n=n)
    erased = ngettext("{n} attached file erased.", "{n} attached files erased.", len(files)).format(n=len(files))
    told = [Passage(erased)] if files else []
    return [PageTitle(title), *told, *_following(is_scrubbed=is_scrubbed), *_text_blocks(plan, files)]


def _file_blocks(files: Sequence[AttachmentRow]) -> list[PageBlock]:
    """The files that go, by name: a short name may be part of another person's."""
    if not files:
        return []
    n = len(files)
    text = ngettext("{n} attached file goes with them.", "{n} attached files go with them.", n).format(n=n)
    return [Passage(text, "warn"), *(Passage(shorten(row.name, 56), indent=2) for row in files)]


def _text_blocks(plan: ErasurePlan, gone: Collection[str]) -> list[PageBlock]:
    """The records that have the name or a phone in their texts, but for files that are ``gone``."""
    texts = [line for line in plan.texts if line.id not in gone]
    if not texts:
        return []
    n, more = len(texts), len(texts) - _SHOWN_TEXTS
    head = ngettext(
        "{n} record has the name or a phone in its text, to be corrected by hand where nobody may be named:",
        "{n} records have the name or a phone in their text, to be corrected by hand where nobody may be named:",
        n,
    )
    shown = [
        Passage(f"{value_label('kind', line.kind)}  {shorten(line_summary(line.kind, line.body), 56)}", indent=2)
        for line in texts[:_SHOWN_TEXTS]
    ]
    rest = [Passage(ngettext("and {n} more", "and {n} more", more).format(n=more), "muted", 2)] if more > 0 else []
    return [Passage(head.format(n=n), "warn"), *shown, *rest]
