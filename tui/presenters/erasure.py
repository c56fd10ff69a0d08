"""An erasure in words: what it would empty and what stays, and what was emptied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.i18n.translate import _, ngettext, value_label
from tui.presenters.lines import line_summary
from tui.widgets.cells import shorten
from tui.widgets.page import BlankLine, PageBlock, PageTitle, Passage

if TYPE_CHECKING:
    from store.commands.erasures import ErasurePlan

_SHOWN_TEXTS = 8


def erasure_question(name: str, plan: ErasurePlan, reason: str, basis: str) -> list[PageBlock]:
    """What erasing a person would do, why, and what it does not reach."""
    records = _("{name}: {lines} records and phones, with all their versions.")
    return [
        PageTitle(_("Erase what is held on {name}?").format(name=name)),
        Passage(records.format(name=name, lines=len(plan.lines))),
        Passage(_("On this device at once, on every other one and at the central at the next round of each.")),
        Passage(_("{n} other records name the person by id or in words; they stay.").format(n=plan.references)),
        *_text_blocks(plan),
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


def erased_blocks(plan: ErasurePlan, *, is_scrubbed: bool) -> list[PageBlock]:
    """What was emptied, where the person is still named in words, and whether parts are still in the files."""
    n = len(plan.lines)
    title = ngettext("{n} record emptied.", "{n} records emptied.", n).format(n=n)
    return [PageTitle(title), *_following(is_scrubbed=is_scrubbed), *_text_blocks(plan)]


def _text_blocks(plan: ErasurePlan) -> list[PageBlock]:
    """The records that have the name or a phone in their texts."""
    if not plan.texts:
        return []
    n, more = len(plan.texts), len(plan.texts) - _SHOWN_TEXTS
    head = ngettext(
        "{n} record has the name or a phone in its text, to be corrected by hand where nobody may be named:",
        "{n} records have the name or a phone in their text, to be corrected by hand where nobody may be named:",
        n,
    )
    shown = [
        Passage(f"{value_label('kind', line.kind)}  {shorten(line_summary(line.kind, line.body), 56)}", indent=2)
        for line in plan.texts[:_SHOWN_TEXTS]
    ]
    rest = [Passage(ngettext("and {n} more", "and {n} more", more).format(n=more), "muted", 2)] if more > 0 else []
    return [Passage(head.format(n=n), "warn"), *shown, *rest]
