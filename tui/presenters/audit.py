"""The audit of the central in words: the list's columns, and the page of an entry. Ids and codes are not shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from store.ledger.line import is_id
from tui.i18n.dates import format_moment
from tui.i18n.translate import N_, _, ngettext, value_label
from tui.presenters.lines import body_facts, line_summary
from tui.reports.options import REPORTS
from tui.widgets.columns import ListColumn
from tui.widgets.page import BlankLine, FactTable, PageBlock, PageTitle

if TYPE_CHECKING:
    from tui.data.audit_entries import AuditListRow
    from tui.i18n.value_text import NamesById


def audit_columns(now_ms: Callable[[], int]) -> Sequence[ListColumn[AuditListRow]]:
    """The columns: when, who, what, of what."""
    return (
        ListColumn(N_("When"), 11, lambda row: ((format_moment(row.at, now_ms()), "muted"),)),
        ListColumn(N_("Who"), 10, lambda row: ((_who(row), "strong"),), grow_share=1),
        ListColumn(N_("What"), 14, lambda row: value_label("audit_action", row.action), grow_share=1),
        ListColumn(N_("Of what"), 14, audit_subject, grow_share=3),
    )


def _who(row: AuditListRow) -> str:
    return row.who or _("the central")


def audit_subject(row: AuditListRow) -> str:
    """What an entry is about: the line, by kind and summary; else whom or what the central noted by name."""
    if row.line is not None:
        return f"{value_label('kind', row.line.kind)}  {line_summary(row.line.kind, row.line.body)}"
    if row.line_id is not None:
        return _("a line that is not on this device")
    return _(", ").join(_noted(row))


def _noted(row: AuditListRow) -> Iterator[str]:
    """What is named in an entry without a line: people, what was exported, a file, how many lines."""
    names = row.detail.get("names")
    for name in (row.detail.get("name"), *(names if isinstance(names, list) else ())):
        if isinstance(name, str) and name and not is_id(name):
            yield name
    what, file_kind = row.detail.get("what"), row.detail.get("file_kind")
    if isinstance(what, str):
        report = REPORTS.get(what)
        label = _(report.title) if report else value_label("export", what)
        yield f"{label} .{file_kind}" if file_kind else label
    file, lines = row.detail.get("file"), row.detail.get("lines")
    if isinstance(file, str):
        yield file
    if isinstance(lines, int):
        yield ngettext("{n} line", "{n} lines", lines).format(n=lines)
    if row.detail.get("erased") is True:
        yield _("personal data, erased since")
    if row.detail.get("unreadable") is True:
        yield _("damaged: cannot be read any more")


def audit_page(row: AuditListRow, names: NamesById) -> list[PageBlock]:
    """An entry, and what the line says that it is about."""
    facts = (
        (_("When"), row.at[:19].replace("T", " ")),
        (_("Who"), _who(row)),
        (_("What"), value_label("audit_action", row.action)),
        (_("Of what"), audit_subject(row)),
        (_("No."), row.id),
    )
    page: list[PageBlock] = [PageTitle(value_label("audit_action", row.action)), BlankLine(), FactTable(facts)]
    if row.line is None:
        return page
    return [*page, BlankLine(), body_facts(row.line.kind, row.line.body, names)]
