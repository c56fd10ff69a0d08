"""The reports by name, what each is and takes: for the command (``tui/cli/commands/reports.py``) and the screen
(``tui/screens/reports.py``). The store describes and writes them in whatever language it is told; here it is told ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from typing import Any, NamedTuple

from store.commands.naming import resolve
from store.db.connection import Connection
from store.db.meta import read_device_state
from store.domain.status_lights import LightThresholds
from store.queries.issues import EVERY_ISSUE
from store.queries.names import NamedKind
from store.values.times import parse_day
from tui.i18n import translate
from tui.i18n.translate import N_
from tui.reports.report import Report

LINE_OPTIONS: dict[str, NamedKind] = {
    "project": "project", "department": "unit", "unit": "unit", "person": "person", "meeting": "meeting",
}  # fmt: skip
"""Options that name a line, and the kind of that line."""


class GettextTranslator:
    """The reader's language, for the store that speaks none."""

    def translate(self, text: str) -> str:
        """A text of the program."""
        return translate._(text)

    def label(self, family: str, value: str) -> str:
        """The word for a stored value."""
        return translate.value_label(family, value)


class ReportRequest(NamedTuple):
    """A report that was asked for: where from, for which day, and by which options (ids, days, stored values)."""

    connection: Connection
    thresholds: LightThresholds
    options: dict[str, Any]


def _responsibility_table(request: ReportRequest) -> Report:
    district = read_device_state(request.connection).get("district_name", "")
    return _builder("responsibility:responsibility_table")(
        request.connection, GettextTranslator(), request.thresholds, district=district
    )


def _issue_ledger(request: ReportRequest) -> Report:
    days = {name: request.options.pop(name, None) for name in ("since", "until")}
    chosen = replace(EVERY_ISSUE, **request.options)
    return _builder("tables:issue_ledger")(request.connection, GettextTranslator(), request.thresholds, chosen, **days)


def _build_with(target: str) -> Callable[[ReportRequest], Report]:
    return lambda asked: _builder(target)(asked.connection, GettextTranslator(), asked.thresholds, **asked.options)


def _builder(target: str) -> Callable[..., Report]:
    """Who describes the report, loaded when it is asked for: one of them loads intake, and with it the models."""
    module, _colon, name = target.partition(":")
    found: Callable[..., Report] = getattr(import_module(f"tui.reports.{module}"), name)
    return found


class ReportDefinition(NamedTuple):
    """One report: what people call it, its line in the help, its options, and who describes it."""

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
"""Every report by its name (contract.md)."""


def resolve_options(connection: Connection, now: datetime, options: Mapping[str, str | None]) -> dict[str, Any]:
    """Options as the store takes them: ids for names, days for what was typed; None where nothing was. Raises what
    `resolve` and `parse_day` raise."""
    found: dict[str, Any] = {}
    for name, text in options.items():
        if not text:
            found[name] = None
        elif name in LINE_OPTIONS:
            found[name] = resolve(connection, LINE_OPTIONS[name], text).id
        else:
            found[name] = parse_day(text, now) if name in ("since", "until") else text
    return found
