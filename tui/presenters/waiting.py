"""What waits for the bureau's decision, in words: the list's columns, and the page of a line, of a home, or of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from tui.i18n.dates import format_moment
from tui.i18n.translate import N_, _, ngettext, value_label
from tui.i18n.value_text import NamesById
from tui.presenters.lines import body_facts, change_blocks, line_summary
from tui.widgets.cells import Cell
from tui.widgets.columns import ListColumn
from tui.widgets.page import BlankLine, FactTable, PageBlock, PageHeading, PageTitle, Passage

if TYPE_CHECKING:
    from tui.data.waiting_lines import WaitingRow, WaitingVersion

MAX_LISTED = 200
"""The most lines that the page of several names."""


class WaitingContent(Protocol):
    """What a line that waits says, and what the ledger says in its place."""

    @property
    def deleted(self) -> bool:
        """Whether it deletes the line."""
        ...

    @property
    def present(self) -> Mapping[str, object] | None:
        """What the line says now."""
        ...

    @property
    def present_deleted(self) -> bool:
        """Whether the line is deleted now."""
        ...

    @property
    def late(self) -> bool:
        """Whether what the line says now is later."""
        ...


class _Present(NamedTuple):
    kind: str
    body: Mapping[str, object]
    deleted: bool


def changes_text(line: WaitingContent) -> str:
    """What a line would do where it is taken in."""
    if line.late:
        return _("history only")
    if line.deleted:
        return _("deletes it")
    if line.present_deleted:
        return _("restores it")
    return _("new line") if line.present is None else _("changes it")


def waiting_columns(now_ms: Callable[[], int]) -> Sequence[ListColumn[WaitingRow]]:
    """The columns: who sent it; which line, or how many; what it would do; when it was written."""
    return (
        ListColumn(N_("Person"), 10, _who),
        ListColumn(N_("Kind"), 10, lambda row: value_label("kind", row.versions[0].kind) if row.is_line else ""),
        ListColumn(N_("What it says"), 14, _what, grow_share=3),
        ListColumn(N_("Effect"), 12, lambda row: changes_text(row.versions[0]) if row.is_line else ""),
        ListColumn(
            N_("Written"), 11, lambda row: ((_written(row, now_ms()), "muted"),), min_list_width=64
        ),
    )  # fmt: skip


def _who(row: WaitingRow) -> Cell:
    if row.is_line:
        return ""
    return ((row.person or (_("everybody") if row.id == "all" else _("somebody")), "strong"),)


def _what(row: WaitingRow) -> Cell:
    return row.says if row.is_line else ((counted_lines(len(row.versions)), "accent"),)


def _written(row: WaitingRow, now_ms: int) -> str:
    return format_moment(row.versions[0].written, now_ms) if row.is_line else ""


def counted_lines(count: int) -> str:
    """So many lines."""
    return ngettext("{n} line", "{n} lines", count).format(n=count)


def waiting_summary(version: WaitingVersion, names: NamesById) -> str:
    """What a line says, in a line; of a role, whose."""
    body = version.body
    if version.kind == "assignment":
        who = names.get(str(body.get("person_id") or body.get("unit_id") or ""), "")
        project = names.get(version.project_id or "", "")
        return "  ".join(part for part in (value_label("assignment.role", str(body.get("role"))), who, project) if part)
    return line_summary(version.kind, body)


def waiting_page(row: WaitingRow, says: Sequence[str], names: NamesById, now_ms: int) -> list[PageBlock]:
    """The page of a row; ``says`` are the summaries of its lines."""
    return _line_page(row, names, now_ms) if row.is_line else _group_page(row, says)


def _line_page(row: WaitingRow, names: NamesById, now_ms: int) -> list[PageBlock]:
    version = row.versions[0]
    facts = (
        (_("Project"), names.get(version.project_id or "", "") if version.kind != "project" else ""),
        (_("Sent by"), version.person or _("somebody")),
        (_("Written by"), version.author if version.author != version.person else ""),
        (_("Written"), format_moment(version.written, now_ms)),
        (_("Waits since"), format_moment(version.brought, now_ms)),
        (_("Why it waits"), value_label("waiting_source", version.source)),
    )  # fmt: skip
    page: list[PageBlock] = [PageTitle(f"{value_label('kind', version.kind)}  {row.says}"), BlankLine()]
    page += [FactTable(facts), PageHeading(_("What it would do: {change}").format(change=changes_text(version)))]
    if version.late:
        page.append(Passage(_("The line was changed later: that stays, and this is kept in its history."), "warn"))
    if version.deleted and version.present is not None:
        return [*page, body_facts(version.kind, version.present, names)]
    if version.present is None or version.deleted:
        return [*page, body_facts(version.kind, version.body, names)]
    return [*page, *change_blocks(_Present(version.kind, version.present, False), version, names)]


def _group_page(row: WaitingRow, says: Sequence[str]) -> list[PageBlock]:
    title = _("Everything that waits") if row.id == "all" else row.person or _("somebody")
    counts = Counter((changes_text(each), value_label("kind", each.kind)) for each in row.versions)
    facts = [(f"{does}  {kind}", str(count)) for (does, kind), count in counts.items()]
    listed = [
        Passage(f"{value_label('kind', version.kind)}  {text}", indent=2)
        for version, text in zip(row.versions[:MAX_LISTED], says, strict=False)
    ]
    more = len(row.versions) - len(listed)
    rest = [Passage(ngettext("and {n} more", "and {n} more", more).format(n=more), "muted", 2)] if more else []
    head: list[PageBlock] = [PageTitle(f"{title}  {counted_lines(len(row.versions))}"), BlankLine(), FactTable(facts)]
    return [*head, PageHeading(_("What it says")), *listed, *rest]
