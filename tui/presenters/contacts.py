"""The address book: the list's columns, the page of a person or unit, and the list of likely doubles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.data.rows import ContactRow, DoubleRow
from tui.i18n.contact_text import apart_text, phone_text, role_text, roles_text
from tui.i18n.dates import format_day
from tui.i18n.translate import N_, _, value_label
from tui.presenters.common import light_cell, owed_mark, provisional_mark
from tui.presenters.notices import stand_in_text
from tui.widgets.cells import Cell, Spans
from tui.widgets.columns import ListColumn
from tui.widgets.page import FactTable, PageBlock, PageHeading, PageTitle, Passage, StyledLine

if TYPE_CHECKING:
    from store.queries.issues import IssueRow
    from store.queries.people import ContactEntry, ServedRole
    from store.queries.stand_ins import StandInRow
    from tui.data.readers.contacts import ContactPage


def contact_columns() -> Sequence[ListColumn[ContactRow]]:
    """Name, unit (of a unit its contact), phone, what is served, open issues; the same for people and units."""
    return (
        ListColumn(N_("Name"), 10, _name_cell, grow_share=2),
        ListColumn(N_("Unit, contact"), 10, _place_cell, grow_share=2),
        ListColumn(N_("Phone"), 14, lambda row: row.entry.phone or ""),
        ListColumn(N_("Serves"), 14, lambda row: roles_text(row.entry) or "", grow_share=3, min_list_width=70),
        ListColumn(N_("Open"), 4, lambda row: str(row.entry.open_issues or ""), align_right=True),
    )


def _name_cell(row: ContactRow) -> Cell:
    return ((row.entry.name, "muted" if row.entry.retired_on else ""),)


def _place_cell(row: ContactRow) -> Cell:
    entry = row.entry
    if entry.kind == "unit":
        return entry.contact or (value_label("unit.kind", entry.unit_kind) if entry.unit_kind else "")
    return " ".join(filter(None, (entry.unit, entry.title)))


def contact_page(page: ContactPage, now_ms: int, accounts: Sequence[PageBlock] = ()) -> list[PageBlock]:
    """A page: how to reach them, what they serve, who acts for whom, what is open with them, their account and devices
    as ``accounts`` tells them, what was merged into them."""
    entry = page.entry
    return [
        *_head(entry, now_ms), *_roles(entry, now_ms), *_stand_ins(page.stand_ins, now_ms), *_issues(page.issues),
        *accounts, *_merged(page.merged),
    ]  # fmt: skip


def _stand_ins(rows: Sequence[StandInRow], now_ms: int) -> list[PageBlock]:
    lines = [StyledLine(((stand_in_text(row, now_ms), "" if row.state == "now" else "muted"),)) for row in rows]
    return [PageHeading(_("Standing in")), *lines] if lines else []


def _head(entry: ContactEntry, now_ms: int) -> list[PageBlock]:
    retired = _("no longer offered from {day}").format(day=format_day(entry.retired_on, now_ms))
    blocks: list[PageBlock] = [PageTitle(entry.name)]
    if entry.retired_on:
        blocks.append(StyledLine(((retired, "warn"),)))
    blocks.append(
        FactTable(
            (
                (_("Job title"), entry.title),
                (_("Unit"), entry.unit),
                (_("Kind"), value_label("unit.kind", entry.unit_kind) if entry.unit_kind else None),
                (_("Contact person"), entry.contact),
                *((_("Phone"), phone_text(phone)) for phone in entry.phones),
                (_("Account"), entry.account),
                (_("Note"), entry.note),
            )
        )
    )
    if not entry.phones:
        blocks.append(StyledLine(((_("No phone yet."), "muted"),)))
    return blocks


def _roles(entry: ContactEntry, now_ms: int) -> list[PageBlock]:
    parts = ((_("Serves"), [role for role in entry.roles if role.current]),
             (_("Served before"), [role for role in entry.roles if not role.current]))  # fmt: skip
    blocks: list[PageBlock] = []
    for heading, roles in parts:
        if roles:
            blocks += [PageHeading(heading), FactTable([(role_text(role), _role(role, now_ms)) for role in roles])]
    return blocks


def _role(role: ServedRole, now_ms: int) -> str:
    days = _days(*(format_day(day, now_ms) if day else "" for day in (role.from_date, role.to_date)))
    place = " ".join(filter(None, (role.number, role.project))) or role.place
    if role.role == "stand_in" and place:
        place = _("for {name}").format(name=place)
    return f"{place}（{days}）" if days else place or _("the whole district")


def _days(first: str, last: str) -> str:
    if first and last:
        return f"{first} - {last}"
    if last:
        return _("until {day}").format(day=last)
    return _("from {day} on").format(day=first) if first else ""


def _issues(issues: Sequence[IssueRow]) -> list[PageBlock]:
    if not issues:
        return []
    return [PageHeading(_("Open issues")), *(StyledLine(_issue(row)) for row in issues)]


def _issue(row: IssueRow) -> Spans:
    state = value_label("state", row.state)
    number: Spans = ((f" {row.number}  ", ""), *provisional_mark(row.provisional), *owed_mark(row), (row.title, ""))
    return (*(light_cell(row.light) or (("  ", ""),)), *number, (f"  {state}", "muted"))


def _merged(merged: Sequence[tuple[str, str]]) -> list[PageBlock]:
    if not merged:
        return []
    return [PageHeading(_("Merged into this one")), *(Passage(name) for _id, name in merged)]


def double_columns() -> Sequence[ListColumn[DoubleRow]]:
    """Who would stay, who would be merged, and why."""
    return (
        ListColumn(N_("Would stay"), 16, lambda row: apart_text(row.double.first), grow_share=2),
        ListColumn(N_("Would be merged"), 16, lambda row: ((apart_text(row.double.second), "warn"),), grow_share=2),
        ListColumn(N_("Why"), 12, double_reasons, grow_share=1),
    )


def double_reasons(row: DoubleRow) -> str:
    """Why two records may be one."""
    return _(", ").join(value_label("double", reason) for reason in row.double.reasons)


def double_page(row: DoubleRow, now_ms: int) -> list[PageBlock]:
    """Both records, one below the other."""
    double = row.double
    return [
        PageHeading(_("Would stay")), *_head(double.first, now_ms), *_roles(double.first, now_ms),
        PageHeading(_("Would be merged")), *_head(double.second, now_ms), *_roles(double.second, now_ms),
    ]  # fmt: skip
