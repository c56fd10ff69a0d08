"""The table of reports by name: title, help, options, builder.

Used by the command (``tui/cli/commands/reports.py``) and the screen (``tui/screens/reports.py``). A builder's module is
imported when its report is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from importlib import import_module
from typing import NamedTuple, cast

from store.commands.resolve import resolve
from store.db.connection import Connection
from store.db.device_facts import read_device_facts
from store.domain.issue_lifecycle import State
from store.domain.status_lights import LightThresholds
from store.queries.issues import IssueFilter
from store.queries.name_lookup import NamedKind
from store.values.periods import parse_period
from store.values.times import parse_day
from tui.i18n.translate import N_
from tui.reports.report import Report

LINE_OPTIONS: dict[str, NamedKind] = {
    "project": "project", "department": "unit", "unit": "unit", "person": "person", "meeting": "meeting",
}  # fmt: skip
"""The options that name a line, each with the kind of that line."""


class ReportRequest(NamedTuple):
    """The arguments of a builder: connection, the day's thresholds, and the options (ids, days, stored values)."""

    connection: Connection
    thresholds: LightThresholds
    options: dict[str, str | None]


def _responsibility_table(request: ReportRequest) -> Report:
    district = read_device_facts(request.connection).district_name
    return _builder("responsibility:responsibility_table")(request.connection, request.thresholds, district=district)


def _issue_ledger(request: ReportRequest) -> Report:
    project, department, state, since, until = map(request.options.get, REPORTS["issue-ledger"].options)
    issue_filter = IssueFilter(project, department, state=cast("State | None", state))
    return _builder("tables:issue_ledger")(
        request.connection, request.thresholds, issue_filter, since=since, until=until
    )


def _build_with(target: str) -> Callable[[ReportRequest], Report]:
    return lambda request: _builder(target)(request.connection, request.thresholds, **request.options)


def _builder(target: str) -> Callable[..., Report]:
    """The builder ``module:function`` of this package, imported on demand: one of them imports ``store.importing``,
    and with it the models."""
    module, _colon, name = target.partition(":")
    builder: Callable[..., Report] = getattr(import_module(f"tui.reports.{module}"), name)
    return builder


class ReportDefinition(NamedTuple):
    """One report: its title, its line in the help, the names of its options, and its builder."""

    title: str
    help: str
    options: tuple[str, ...]
    build: Callable[[ReportRequest], Report]


REPORTS = {
    "responsibility-table": ReportDefinition(
        N_("Responsibility table"),
        N_("The responsibility table as published; “guanjia import” reads it again."),
        (),
        _responsibility_table,
    ),
    "work-ledger": ReportDefinition(
        N_("Work ledger"),
        N_("Time, place, participants, issues solved, result, approval."),
        ("project", "since", "until"),
        _build_with("tables:work_ledger"),
    ),
    "issue-ledger": ReportDefinition(
        N_("Issue ledger"),
        N_("Issues by project, department or state."),
        ("project", "department", "state", "since", "until"),
        _issue_ledger,
    ),
    "service-log": ReportDefinition(
        N_("Service log"), N_("Visits, oldest first."), ("project", "since", "until"), _build_with("tables:service_log")
    ),
    "summary": ReportDefinition(
        N_("Summary"),
        N_("A period, or this month: figures, what stands out, what to do about it."),
        ("period",),
        _build_with("summary:summary"),
    ),
    "evaluation": ReportDefinition(
        N_("Evaluations"),
        N_("A sheet for each evaluation: score lines, and what the ledger says."),
        ("period", "unit", "person"),
        _build_with("evaluation:evaluation_sheets"),
    ),
    "meeting-sheet": ReportDefinition(
        N_("Meeting sheet"),
        N_("A page for each department: open issues, lights, decisions to take."),
        ("department", "meeting"),
        _build_with("meeting_sheet:meeting_sheet"),
    ),
}
"""Every report by the name that the command line takes."""


def resolve_options(connection: Connection, now: datetime, options: Mapping[str, str | None]) -> dict[str, str | None]:
    """Typed options as builders take them: ids for names, ISO days for typed days, None for empty options. Raises what
    `resolve`, `parse_day` and `parse_period` raise."""
    values: dict[str, str | None] = {}
    for name, text in options.items():
        if not text:
            values[name] = None
        elif name in LINE_OPTIONS:
            values[name] = resolve(connection, LINE_OPTIONS[name], text).id
        elif name == "period":
            values[name] = parse_period(text, now.date()).name
        else:
            values[name] = parse_day(text, now, "past") if name in ("since", "until") else text
    return values
