"""The hand-over sheet (工作交接单): what goes along when projects change hands, to be read and signed by both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from store.db.connection import Connection
from store.db.device_facts import read_device_facts
from store.domain.status_lights import LightThresholds
from store.queries.hand_over import (
    HandOverContact,
    HandOverIssue,
    contacts_to_hand_over,
    issues_to_hand_over,
    names_of_people,
    promises_to_hand_over,
    served_projects,
)
from tui.i18n.translate import _, value_label
from tui.reports.frame import BLANK, Frame
from tui.reports.report import PAGE_FOOTER, Report, ReportColumn, ReportTable, RowValues


class Successor(NamedTuple):
    """Who takes over, by name, and the ids of the projects."""

    name: str
    projects: tuple[str, ...]


def hand_over_sheet(
    connection: Connection, thresholds: LightThresholds, giver: str, successors: Sequence[Successor]
) -> Report:
    """What is open, promised and to be known of these projects; ``giver`` is a name. Each who takes over has a page of
    their own, to be signed."""
    parts = [_tables_of(connection, thresholds, giver, successor) for successor in successors]
    tables = tuple(table for part in parts for table in part)
    total = sum(len(list(table.rows)) for table in tables)
    return Report("hand-over", _("Hand-over sheet"), tables, total, _(PAGE_FOOTER), frame=Frame(counted=False))


def hand_over_of(connection: Connection, thresholds: LightThresholds, *, person: str | None = None) -> Report:
    """The sheet of all that a butler serves today, for a hand-over to come: of the ``person`` of that id, or of the
    officer of this home. Who takes over is a place to fill in."""
    giver = person or read_device_facts(connection).person
    served = dict.fromkeys(each.project for each in served_projects(connection, giver, thresholds.today))
    name = names_of_people(connection, [giver])[0] or BLANK
    return hand_over_sheet(connection, thresholds, name, [Successor(BLANK, tuple(served))])


def _tables_of(
    connection: Connection, thresholds: LightThresholds, giver: str, successor: Successor
) -> tuple[ReportTable, ...]:
    """The part of one who takes over."""
    names, projects = (giver, successor.name), successor.projects
    note = _("{giver} hands over to {taker} · {day} · projects {count}").format(
        giver=giver, taker=successor.name, day=thresholds.today, count=len(projects)
    )
    issues, promises = issues_to_hand_over(connection, projects), promises_to_hand_over(connection, projects)
    contacts = contacts_to_hand_over(connection, projects, thresholds.today)
    waiting = [(each.project, f"{each.number} {each.title}", each.waiting_until, each.latest) for each in issues]
    kept: list[RowValues] = [*promises, *(row for row in waiting if row[2])]
    return (
        ReportTable(_("Open issues"), _issue_columns(), [_issue_row(each) for each in issues], note, "page"),
        ReportTable(_("Promises to keep"), _promise_columns(), kept, "", "below"),
        ReportTable(_("Whom to call"), _contact_columns(), [_contact_row(each) for each in contacts], "", "below"),
        ReportTable(_("Signatures"), _signature_columns(), [(name, None, None) for name in names], "", "below"),
    )


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
        ReportColumn("title", _("Job title"), width=12),
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
