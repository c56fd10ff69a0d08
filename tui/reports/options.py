"""The table of reports by name: title, help, options, builder.

Used by the command (``tui/cli/commands/reports.py``) and the screen (``tui/screens/reports.py``). A builder's module is
imported when its report is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, cast

from store.commands.exceptions import NameUnknown
from store.commands.resolve import resolve
from store.db.connection import Connection
from store.db.device_facts import read_device_facts
from store.domain.issue_lifecycle import State
from store.domain.status_lights import LightThresholds
from store.ledger.line import is_id
from store.queries.issues import IssueFilter
from store.queries.name_lookup import NamedKind
from store.queries.visits import visit
from store.values.periods import parse_period
from store.values.times import parse_day
from tui.i18n.translate import N_, _
from tui.reports.exceptions import FormsFolderMissing, OneScopeAlone
from tui.reports.files import PictureSource, without_pictures
from tui.reports.report import Report

LINE_OPTIONS: dict[str, NamedKind] = {
    "project": "project", "department": "unit", "unit": "unit", "person": "person", "meeting": "meeting",
    "issue": "issue",
}  # fmt: skip
"""The options that name a line, each with the kind of that line."""


_OF_FRAME = ("number", "copies")
"""The options that the frame alone uses."""
_SCOPED = {"person": "served_by", "unit": "led_by"}
"""The options of figures that may be those of one person or unit, and what the frame says of each."""


class ReportRequest(NamedTuple):
    """The arguments of a builder: connection, the day's thresholds, the options (ids, days, stored values), and what
    reads the pictures of attached files."""

    connection: Connection
    thresholds: LightThresholds
    options: dict[str, str | None]
    pictures: PictureSource = without_pictures


def _responsibility_table(request: ReportRequest) -> Report:
    district = read_device_facts(request.connection).district_name
    return _builder("responsibility:responsibility_table")(request.connection, request.thresholds, district=district)


def _issue_ledger(request: ReportRequest) -> Report:
    project, department, state, since, until = map(request.options.get, REPORTS["issue-ledger"].options)
    issue_filter = IssueFilter(project, department, state=cast("State | None", state))
    return _builder("tables:issue_ledger")(
        request.connection, request.thresholds, issue_filter, since=since, until=until
    )


def _build_with(target: str, *, pictured: bool = False) -> Callable[[ReportRequest], Report]:
    def build(request: ReportRequest) -> Report:
        options: dict[str, object] = {name: value for name, value in request.options.items() if name not in _OF_FRAME}
        if pictured:
            options["pictures"] = request.pictures
        return _builder(target)(request.connection, request.thresholds, **options)

    return build


def _build_for(target: str) -> Callable[[ReportRequest], Report]:
    """A builder of figures that may be those of one person or unit."""
    build = _build_with(target)

    def build_scoped(request: ReportRequest) -> Report:
        person, unit = (request.options.get(name) for name in _SCOPED)
        if person and unit:
            raise OneScopeAlone
        if person or unit:
            from store.queries.figure_scope import scoped  # noqa: PLC0415 - most reports are of all

            today = request.thresholds.today
            request = request._replace(connection=scoped(request.connection, today, person=person, unit=unit))
        options = {name: value for name, value in request.options.items() if name not in _SCOPED}
        return build(request._replace(options=options))

    return build_scoped


def _builder(target: str) -> Callable[..., Report]:
    """The builder ``module:function`` of this package, imported on demand: one of them imports ``store.importing``,
    and with it the models."""
    module, _colon, name = target.partition(":")
    builder: Callable[..., Report] = getattr(import_module(f"tui.reports.{module}"), name)
    return builder


class ReportDefinition(NamedTuple):
    """One report: its title, its line in the help, the names of its options, its builder, how the file ends that the
    screen proposes, whether it has a frame, and whether its figures may be those ``of_one`` person or unit."""

    title: str
    help: str
    options: tuple[str, ...]
    build: Callable[[ReportRequest], Report]
    ending: str = ".xlsx"
    framed: bool = True
    of_one: bool = False


REPORTS = {
    "responsibility-table": ReportDefinition(
        N_("Responsibility table"),
        N_("The responsibility table as published; “guanjia import” reads it again."),
        (),
        _responsibility_table,
        framed=False,
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
        ("period", "person", "unit"),
        _build_for("summary:summary"),
        of_one=True,
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
    "weekly": ReportDefinition(
        N_("Weekly sheet"),
        N_("A week, or this one: figures, visits, what moved, what is stuck and why, what comes."),
        ("period", "person", "unit"),
        _build_for("papers.weekly:weekly"),
        ".docx",
        of_one=True,
    ),
    "monthly": ReportDefinition(
        N_("Month’s report"),
        N_("A period, or this month, as a letter: figures, what moved, what is stuck and why, what comes next."),
        ("period", "recipient", "number", "copies", "person", "unit"),
        _build_for("papers.month:month"),
        ".docx",
        of_one=True,
    ),
    "supervision-notice": ReportDefinition(
        N_("Supervision notice"),
        N_("A page for an issue, or for each overdue one, with room for the department’s reply."),
        ("issue", "department", "due", "number", "copies"),
        _build_with("papers.notices:supervision_notice", pictured=True),
        ".docx",
    ),
    "reminder-notice": ReportDefinition(
        N_("Reminder notice"),
        N_("A letter to a department, or to all concerned, with what is overdue or without progress."),
        ("department", "due", "number", "copies"),
        _build_with("papers.notices:reminder_notice"),
        ".docx",
    ),
    "minute": ReportDefinition(
        N_("Minute of a meeting"),
        N_("Who met, what was decided on which issue, who sees to it by when; of the latest meeting, or of one."),
        ("meeting", "number", "copies"),
        _build_with("papers.minute:minute"),
        ".docx",
    ),
    "circular": ReportDefinition(
        N_("Circular"),
        N_("A period, or this month: figures, who is commended or criticised, what is overdue, the rankings."),
        ("period", "recipient", "number", "copies"),
        _build_with("papers.circular:circular"),
        ".docx",
    ),
    "ranking": ReportDefinition(
        N_("Ranking"),
        N_("Units and butlers in a period, or this month: answered in time, solved, satisfied."),
        ("period",),
        _build_with("papers.ranking:ranking"),
    ),
    "visit-sheet": ReportDefinition(
        N_("Visit sheet"),
        N_("A visit, or the latest, to be signed; with a project alone a sheet to fill in on site."),
        ("visit", "project"),
        _build_with("papers.visit_sheet:visit_sheet", pictured=True),
        ".docx",
    ),
    "issue-sheet": ReportDefinition(
        N_("Issue sheet"),
        N_("An issue, or the latest: what it is and whose, each act on it, the limits that run, its files."),
        ("issue",),
        _build_with("papers.issue_sheet:issue_sheet", pictured=True),
        ".docx",
    ),
    "hand-over": ReportDefinition(
        N_("Hand-over sheet"),
        N_("All that a butler serves, with what is open and promised, for a hand-over to come."),
        ("person",),
        _build_with("hand_over:hand_over_of"),
        ".docx",
    ),
}
"""Every report by the name that the command line takes."""


def build_report(name: str, request: ReportRequest) -> Report:
    """The report of that name, in its frame. Raises what its builder raises."""
    definition = REPORTS[name]
    built = definition.build(request)
    if not definition.framed:
        return built
    said = request.options
    if definition.of_one:
        said = {_SCOPED.get(name, name): value for name, value in said.items()}
    return in_frame(built, request.connection, request.thresholds.today, said)


def form_for(folder: str | None, name: str, path: Path) -> Path | None:
    """The district's own form of a report, where the folder of forms has one named like the report or by its title in
    the language in use, and a .docx is written. Raises `FormsFolderMissing`."""
    if folder is None or path.suffix.lower() != ".docx":
        return None
    if not Path(folder).expanduser().is_dir():
        raise FormsFolderMissing(folder=folder)
    places = [Path(folder).expanduser() / f"{stem}.docx" for stem in (name, _(REPORTS[name].title))]
    return next((place for place in places if place.is_file()), None)


def in_frame(report: Report, connection: Connection, day: str, options: Mapping[str, str | None]) -> Report:
    """The report with what the home knows of its frame: unit, officer, day, scope."""
    from tui.reports.frame import Frame, completed  # noqa: PLC0415 - its queries are for who writes a report

    return replace(report, frame=completed(report.frame or Frame(), connection, day, options))


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
        elif name == "visit":
            values[name] = _visit(connection, text, now)
        elif name == "due":
            values[name] = parse_day(text, now, "future")
        else:
            values[name] = parse_day(text, now, "past") if name in ("since", "until") else text
    return values


def _visit(connection: Connection, text: str, now: datetime) -> str:
    """A visit by its id, or the day of one."""
    if is_id(text.strip()):
        if visit(connection, text.strip()) is None:
            raise NameUnknown(text=text)
        return text.strip()
    return parse_day(text, now, "past")
