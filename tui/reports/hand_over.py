"""The hand-over sheet (工作交接单): what goes along when projects change hands, to be read and signed by both."""

from __future__ import annotations

from collections.abc import Sequence

from store.db.connection import Connection
from store.domain.status_lights import LightThresholds
from store.queries.hand_over import (
    HandOverContact,
    HandOverIssue,
    contacts_to_hand_over,
    issues_to_hand_over,
    names_of_people,
    promises_to_hand_over,
)
from tui.i18n.translate import _, value_label
from tui.reports.report import Report, ReportColumn, ReportTable, RowValues
from tui.reports.tables import PAGE_FOOTER


def hand_over_sheet(
    connection: Connection, thresholds: LightThresholds, giver: str, taker: str, projects: Sequence[str]
) -> Report:
    """What is open, promised and to be known of these projects (ids), from one person (id) to another."""
    names = names_of_people(connection, (giver, taker))
    note = _("{giver} hands over to {taker} · {day} · projects {count}").format(
        giver=names[0] or "?", taker=names[1] or "?", day=thresholds.today, count=len(projects)
    )
    issues, promises = issues_to_hand_over(connection, projects), promises_to_hand_over(connection, projects)
    contacts = contacts_to_hand_over(connection, projects, thresholds.today)
    waiting = [(each.project, f"{each.number} {each.title}", each.waiting_until, each.latest) for each in issues]
    kept: list[RowValues] = [*promises, *(row for row in waiting if row[2])]
    tables = (
        ReportTable(_("Open issues"), _issue_columns(), [_issue_row(each) for each in issues], note, "page"),
        ReportTable(_("Promises to keep"), _promise_columns(), kept, "", "below"),
        ReportTable(_("Whom to call"), _contact_columns(), [_contact_row(each) for each in contacts], "", "below"),
        ReportTable(_("Signatures"), _signature_columns(), [(name, None, None) for name in names], "", "below"),
    )
    total = len(issues) + len(kept) + len(contacts) + 2
    return Report("hand-over", _("Hand-over sheet"), tables, total, _(PAGE_FOOTER))


def _issue_columns() -> tuple[ReportColumn, ...]:
    return (
        ReportColumn("project", _("Project"), width=20),
        ReportColumn("number", _("Issue No."), width=13),
        ReportColumn("title", _("Issue"), width=26),
        ReportColumn("state", _("State"), width=10),
        ReportColumn("department", _("Department"), width=14),
        ReportColumn("owner", _("Owner"), width=10),
        ReportColumn("due", _("Due"), "day", 12),
        ReportColumn("latest", _("Latest"), width=28),
        ReportColumn("owed", _("Still owed by"), width=12),
    )


def _issue_row(each: HandOverIssue) -> RowValues:
    state = value_label("state", each.state)
    named = (each.project, each.number, each.title, state, each.department, each.owner, each.due)
    return *named, each.latest, each.owed


def _promise_columns() -> tuple[ReportColumn, ...]:
    return (
        ReportColumn("project", _("Project"), width=20),
        ReportColumn("what", _("What was promised"), width=40),
        ReportColumn("due", _("Until"), "day", 12),
        ReportColumn("note", _("Note"), width=30),
    )


def _contact_columns() -> tuple[ReportColumn, ...]:
    return (
        ReportColumn("project", _("Project"), width=20),
        ReportColumn("role", _("Role"), width=14),
        ReportColumn("name", _("Name"), width=16),
        ReportColumn("unit", _("Unit"), width=20),
        ReportColumn("title", _("Title"), width=12),
        ReportColumn("phone", _("Phone"), width=16),
    )


def _contact_row(each: HandOverContact) -> RowValues:
    return each.project, value_label("assignment.role", each.role), each.name, each.unit, each.title, each.phone


def _signature_columns() -> tuple[ReportColumn, ...]:
    return (
        ReportColumn("name", _("Name"), width=16),
        ReportColumn("signature", _("Signature"), width=30),
        ReportColumn("day", _("Date"), width=16),
    )
