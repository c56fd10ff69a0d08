"""The ledgers as reports: issues, service log, work (R14, R37, R47, R48). Rows are read while they are written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from store.db.connection import Connection
from store.domain.status_lights import LightThresholds
from store.queries import report_rows as reading
from store.queries import visits
from store.queries.issues import EVERY_ISSUE, IssueFilter
from store.queries.report_rows import IssueLedgerRow, IssueReference, ServiceLogEntry, WorkEntry
from tui.i18n.author_text import author_text
from tui.i18n.translate import N_, _, value_label
from tui.reports.report import PAGE_FOOTER, Report, ReportColumn, ReportTable, RowValues

_WORK_LABELS = {"special_meeting": N_("Special meeting"), "settlement": N_("Settlement")}


def issue_ledger(
    connection: Connection,
    thresholds: LightThresholds,
    issue_filter: IssueFilter = EVERY_ISSUE,
    *,
    since: str | None = None,
    until: str | None = None,
) -> Report:
    """The issues that ``issue_filter`` selects, recorded between two days: who must settle them, and their outcome."""
    listing = reading.issue_listing(thresholds, issue_filter, since=since, until=until)
    columns = (
        ReportColumn("number", _("Issue No."), width=13),
        ReportColumn("project", _("Project"), width=26),
        ReportColumn("title", _("Issue"), width=24),
        ReportColumn("kind", _("Kind"), width=6),
        ReportColumn("category", _("Category"), width=8),
        ReportColumn("department", _("Department"), width=11),
        ReportColumn("owner", _("Owner"), width=8),
        ReportColumn("raised", _("Recorded"), "day", 12),
        ReportColumn("due", _("Due"), "day", 12),
        ReportColumn("state", _("State"), width=8),
        ReportColumn("level", _("Level"), "number", 5),
        ReportColumn("light", _("Light"), width=6),
        ReportColumn("latest", _("Latest"), width=22, below=True),
        ReportColumn("measure", _("Measure taken"), width=22, below=True),
        ReportColumn("closed", _("Closed"), "day", 12, below=True),
        ReportColumn("close_number", _("Close-out number"), width=11, below=True),
        ReportColumn("others", _("With"), width=11, below=True),
        ReportColumn("owed", _("Still owed by"), width=9, below=True),
        ReportColumn("files", _("Attached files"), "number", 6, below=True),
    )
    rows = (_issue_row(one) for one in reading.issue_ledger_rows(connection, thresholds, listing))
    title = _("Issue ledger")
    return _single_table_report(
        "issue-ledger",
        title,
        ReportTable(title, columns, rows),
        reading.row_count(connection, listing),
        thresholds,
    )


def _issue_row(issue: IssueLedgerRow) -> RowValues:
    return issue._replace(
        kind=value_label("issue.kind", issue.kind),
        category=issue.category and value_label("issue.category", issue.category),
        state=value_label("state", issue.state),
        light=issue.light and value_label("light_name", issue.light),  # type: ignore[arg-type]
    )


def service_log(
    connection: Connection,
    thresholds: LightThresholds,
    *,
    project: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Report:
    """The service log: each visit with its time, place, participants, text and issues."""
    listing = visits.listing(project=project, since=since, until=until)
    columns = (
        ReportColumn("at", _("When"), "moment", 16),
        ReportColumn("project", _("Project"), width=20),
        ReportColumn("how", _("How"), width=8),
        ReportColumn("place", _("Place"), width=14),
        ReportColumn("participants", _("Participants"), width=16),
        ReportColumn("text", _("What was seen"), width=34),
        ReportColumn("raised", _("Issues raised"), width=18),
        ReportColumn("moved", _("Issues moved on"), width=18),
        ReportColumn("author", _("Recorded by"), width=10),
        ReportColumn("files", _("Attached files"), "number", 6),
    )
    rows = (_log_row(one) for one in reading.service_log_entries(connection, listing))
    title = _("Service log")
    return _single_table_report(
        "service-log",
        title,
        ReportTable(title, columns, rows),
        reading.row_count(connection, listing),
        thresholds,
    )


def _log_row(entry: ServiceLogEntry) -> RowValues:
    how = value_label("visit.how", entry.how)
    who = "、".join(entry.participants)
    return (
        entry.at,
        entry.project,
        how,
        entry.place,
        who,
        entry.text,
        "\n".join(entry.raised),
        "\n".join(entry.moved),
        author_text(entry.author),
        entry.files,
    )


def work_ledger(
    connection: Connection,
    thresholds: LightThresholds,
    *,
    project: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Report:
    """The work ledger (R47, R48): time, place, participants, issues solved, result, approval. Visits, special meetings
    and settlements in the order of time."""
    chosen = {"project": project, "since": since, "until": until}
    columns = (
        ReportColumn("at", _("Time"), "moment", 16),
        ReportColumn("what", _("What"), width=8),
        ReportColumn("project", _("Project"), width=20),
        ReportColumn("place", _("Place"), width=14),
        ReportColumn("participants", _("Participants"), width=18),
        ReportColumn("text", _("Work done"), width=32),
        ReportColumn("issues", _("Issues solved"), width=24),
        ReportColumn("result", _("Result"), width=24),
        ReportColumn("approval", _("Approval"), width=18),
    )
    rows = _work_rows(reading.work_entries(connection, **chosen))
    title = _("Work ledger")
    return _single_table_report(
        "work-ledger",
        title,
        ReportTable(title, columns, rows),
        reading.count_work_entries(connection, **chosen),
        thresholds,
    )


def _work_rows(entries: Iterator[WorkEntry]) -> Iterator[RowValues]:
    for one in entries:
        what = _(_WORK_LABELS[one.what]) if one.what in _WORK_LABELS else value_label("visit.how", one.what)
        named = "\n".join(f"{issue.number} {issue.title}" for issue in one.issues)
        result = _text_by_issue(one.issues, [_result(issue) for issue in one.issues])
        approval = _text_by_issue(one.issues, [_approval(issue) for issue in one.issues])
        yield (one.at, what, one.project, one.place, "、".join(one.participants), one.text, named, result, approval)


def _text_by_issue(issues: Sequence[IssueReference], texts: Sequence[str]) -> str:
    """One line for each issue that has a text; with its number where there are several issues."""
    numbered = len(issues) > 1
    lines = [f"{issue.number} {text}" if numbered else text for issue, text in zip(issues, texts, strict=True) if text]
    return "\n".join(lines)


def _result(issue: IssueReference) -> str:
    state = value_label("state", issue.state) if issue.state else ""
    return f"{state}: {issue.measure}" if issue.measure else state


def _approval(issue: IssueReference) -> str:
    if issue.state == "closed":
        return _("approved {day}, {number}").format(
            day=issue.closed or "", number=issue.close_number or _("number to come")
        )
    return _("awaiting approval") if issue.state in ("settled", "pending_approval") else ""


def _single_table_report(name: str, title: str, table: ReportTable, total: int, thresholds: LightThresholds) -> Report:
    """A report of one long table."""
    as_of = _("As of {day}").format(day=thresholds.today)
    return Report(name, title, (table,), total, _(PAGE_FOOTER), as_of)
