"""Today: the entries that need the person, grouped by reason; their projects; how to begin a ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.i18n.dates import format_age, format_time
from tui.i18n.translate import N_, _, ngettext, value_label
from tui.presenters.common import light_cell, provisional_mark
from tui.presenters.today_entries import entry_detail, entry_title, entry_when
from tui.widgets.cells import Cell, Span, Spans
from tui.widgets.columns import FILE_ONLY, ListColumn
from tui.widgets.page import BlankLine, PageBlock, PageHeading, PageTitle, Passage, StyledLine

if TYPE_CHECKING:
    from store.queries.today import OwnProject, Today, TodayEntry
    from tui.data.sync_status import SyncStatus


@dataclass(frozen=True, slots=True)
class TodayRow:
    """A row of today. ``entry`` is None for the unlisted rest of a group, ``count`` then its size, and for the group's
    ``heading``."""

    why: str
    entry: TodayEntry | None
    count: int = 0
    heading: Spans = ()

    @property
    def id(self) -> str:
        """The row's id."""
        if self.entry is None:
            return f"{self.why}/" if self.heading else self.why
        return f"{self.why}/{self.entry.kind}/{self.entry.line}"


def today_rows(today: Today) -> list[TodayRow]:
    """All rows, group by group, each below its heading with the exact count."""
    return [row for group in today.groups for row in _rows(group.why, group.entries, group.count)]


def _rows(why: str, entries: Sequence[TodayEntry], count: int) -> Iterator[TodayRow]:
    style = "bad" if why in ("overdue", "refused") else ""
    yield TodayRow(why, None, count, ((value_label("today", why), style), (f" {count}", "")))
    for entry in entries:
        yield TodayRow(why, entry)
    rest = count - sum(entry.same for entry in entries)
    if rest > 0:
        yield TodayRow(why, None, rest)


def today_columns(now_ms: Callable[[], int]) -> Sequence[ListColumn[TodayRow]]:
    """The columns: light, title, project, detail, time; in files the reason, too."""
    return (
        ListColumn("", 0, _why, min_list_width=FILE_ONLY, file_title=N_("Why")),
        ListColumn("", 2, lambda row: light_cell(row.entry.light) if row.entry else "", file_title=N_("Light")),
        ListColumn(N_("What needs you"), 16, _what, grow_share=5),
        ListColumn(
            N_("Project"),
            12,
            lambda row: (row.entry.project or "") if row.entry else "",
            grow_share=3,
            min_list_width=64,
        ),
        ListColumn("", 10, _more, grow_share=1, file_title=N_("Note")),
        ListColumn(N_("When"), 11, lambda row: _when(row, now_ms()), align_right=True),
    )


def _why(row: TodayRow) -> Cell:
    return value_label("today", row.why)


def _what(row: TodayRow) -> Cell:
    if row.entry is None:
        return ((ngettext("and {n} more", "and {n} more", row.count).format(n=row.count), "accent"),)
    mark: Spans = provisional_mark(row.entry.provisional)
    if row.entry.owed:
        mark += ((_("{n} owed").format(n=row.entry.owed_count) + " ", "warn"),)
    return (*mark, (entry_title(row.entry), ""))


def _more(row: TodayRow) -> Cell:
    if row.entry is None:
        return ""
    return value_label("state", row.entry.detail or "") if row.entry.owed else entry_detail(row.entry)


def _when(row: TodayRow, now_ms: int) -> Cell:
    if row.entry is None:
        return ""
    style = "bad" if row.why == "overdue" else "muted"
    return ((entry_when(row.entry, now_ms), style),)


@dataclass(frozen=True, slots=True)
class OwnProjectRow:
    """A project of the person; None for the ``count`` projects that are not listed."""

    project: OwnProject | None
    count: int = 0

    @property
    def id(self) -> str:
        """The project's id."""
        return self.project.id if self.project else "more"


def own_project_rows(today: Today) -> list[OwnProjectRow]:
    """The person's projects, worst light first."""
    rows = [OwnProjectRow(project) for project in today.projects]
    more = today.project_count - len(rows)
    return [*rows, OwnProjectRow(None, more)] if more else rows


def own_project_columns(now_ms: Callable[[], int]) -> Sequence[ListColumn[OwnProjectRow]]:
    """The columns of the list of the person's projects."""
    return (
        ListColumn("", 2, lambda row: light_cell(row.project.light) if row.project else "", file_title=N_("Light")),
        ListColumn(N_("My projects"), 14, _name, grow_share=1),
        ListColumn(
            N_("Open"), 4, lambda row: str(row.project.open_issues or "") if row.project else "", align_right=True
        ),
        ListColumn(N_("Last"), 7, lambda row: _contact(row, now_ms()), align_right=True),
    )


def _name(row: OwnProjectRow) -> Cell:
    if row.project is None:
        return ((ngettext("and {n} more", "and {n} more", row.count).format(n=row.count), "accent"),)
    return (*provisional_mark(row.project.provisional), (row.project.name, ""))


def _contact(row: OwnProjectRow, now_ms: int) -> Cell:
    if row.project is None:
        return ""
    return ((format_age(row.project.last_contact, now_ms) or _("never"), "warn" if row.project.silent else ""),)


def sync_summary_spans(status: SyncStatus | None, now_ms: int) -> list[Span]:
    """The number of unsent lines, and when both sides were last equal; empty on a device without a central."""
    if status is None or status.central is None:
        return []
    lines = ngettext("{n} line unsent", "{n} lines unsent", status.unsent).format(n=status.unsent)
    spans: list[Span] = [(lines, "$warning" if status.unsent else "$muted")]
    if status.rejected:
        spans.append((ngettext("{n} refused", "{n} refused", status.rejected).format(n=status.rejected), "$error"))
    if status.verified_at is None:
        return [*spans, (_("never compared with the central"), "$muted")]
    agreed = _("last found equal {time}") if status.in_agreement else _("last compared {time}")
    return [*spans, (agreed.format(time=format_time(status.verified_at, now_ms)), "$muted")]


def getting_started_blocks(
    *, works_alone: bool, enters_projects: bool, lets_others_in: bool = False
) -> list[PageBlock]:
    """How to begin where there is no project; ``works_alone``: this device has joined no central; ``enters_projects``:
    what this person adds would not be refused; ``lets_others_in``: codes for colleagues are made here."""
    steps: list[tuple[str, str]] = [
        ("n", _("Add a project by hand.")),
        ("I  F10", _("Take in the responsibility table (Word, Excel, WPS, CSV, text).")),
    ]
    if not enters_projects:
        steps = [(_("The bureau"), _("gives you your projects. Ask it where none has come."))]
    if works_alone:
        steps.append(("6  c", _("Your bureau gave you a code: join its central.")))
    else:
        steps.append(("^R", _("Fetch what the central has for you.")))
        if lets_others_in:
            steps.append(("A  n", _("Let a colleague in: a name makes a one-time code.")))
    blocks: list[PageBlock] = [BlankLine(), PageTitle(_("No project is here yet")), PageHeading(_("How to begin"))]
    for what, why in steps:
        blocks += [StyledLine(((what, "accent"),)), Passage(why, indent=4), BlankLine()]
    return blocks
