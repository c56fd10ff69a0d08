"""The ledgers as tables: issues, service log, work (R14, R37, R47, R48). Nothing is read until it is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from store.db.connection import Connection
from store.domain.status_lights import LightThresholds
from store.queries import reports as reading
from store.queries import visits
from store.queries.issues import EVERY_ISSUE, IssueFilter
from store.queries.reports import IssueLedgerRow, IssueReference, ServiceLogEntry, WorkEntry
from tui.reports.report import N_, Report, ReportColumn, ReportTable, RowValues, Translator

PAGE_FOOTER = N_("Page {page} of {pages}")
_WORK_LABELS = {"special_meeting": N_("Special meeting"), "settlement": N_("Settlement")}


def issue_ledger(
    connection: Connection,
    translator: Translator,
    thresholds: LightThresholds,
    issue_filter: IssueFilter = EVERY_ISSUE,
    *,
    since: str | None = None,
    until: str | None = None,
) -> Report:
    """Every issue, or those of a project, a department or a state: who must settle it, what became of it."""
    listing = reading.issue_listing(thresholds, issue_filter, since=since, until=until)
    say = translator.translate
    columns = (
        ReportColumn("number", say(N_("Issue No.")), width=13),
        ReportColumn("project", say(N_("Project")), width=18),
        ReportColumn("title", say(N_("Issue")), width=24),
        ReportColumn("kind", say(N_("Kind")), width=6),
        ReportColumn("category", say(N_("Category")), width=8),
        ReportColumn("department", say(N_("Department")), width=11),
        ReportColumn("owner", say(N_("Owner")), width=8),
        ReportColumn("raised", say(N_("Recorded")), "day", 12),
        ReportColumn("due", say(N_("Due")), "day", 12),
        ReportColumn("state", say(N_("State")), width=8),
        ReportColumn("level", say(N_("Level")), "number", 5),
        ReportColumn("light", say(N_("Light")), width=6),
        ReportColumn("latest", say(N_("Latest")), width=22),
        ReportColumn("measure", say(N_("Measure taken")), width=22),
        ReportColumn("closed", say(N_("Closed")), "day", 12),
        ReportColumn("close_number", say(N_("Close-out number")), width=11),
    )
    rows = (_issue_row(translator, one) for one in reading.issue_ledger_rows(connection, thresholds, listing))
    title = say(N_("Issue ledger"))
    return _single_table_report(
        "issue-ledger",
        title,
        translator,
        ReportTable(title, columns, rows),
        reading.row_count(connection, listing),
        thresholds,
    )


def _issue_row(translator: Translator, issue: IssueLedgerRow) -> RowValues:
    return issue._replace(
        kind=translator.label("issue.kind", issue.kind),
        category=issue.category and translator.label("issue.category", issue.category),
        state=translator.label("state", issue.state),
        light=issue.light and translator.label("light_name", issue.light),  # type: ignore[arg-type]
    )


def service_log(
    connection: Connection,
    translator: Translator,
    thresholds: LightThresholds,
    *,
    project: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Report:
    """The service log: who was where, when and how, what was seen, which issues came of it."""
    listing = visits.listing(project=project, since=since, until=until)
    say = translator.translate
    columns = (
        ReportColumn("at", say(N_("When")), "moment", 17),
        ReportColumn("project", say(N_("Project")), width=20),
        ReportColumn("how", say(N_("How")), width=8),
        ReportColumn("place", say(N_("Place")), width=16),
        ReportColumn("participants", say(N_("Participants")), width=18),
        ReportColumn("text", say(N_("What was seen")), width=34),
        ReportColumn("raised", say(N_("Issues raised")), width=20),
        ReportColumn("moved", say(N_("Issues moved on")), width=20),
        ReportColumn("author", say(N_("Recorded by")), width=10),
    )
    rows = (_log_row(translator, one) for one in reading.service_log_entries(connection, listing))
    title = say(N_("Service log"))
    return _single_table_report(
        "service-log",
        title,
        translator,
        ReportTable(title, columns, rows),
        reading.row_count(connection, listing),
        thresholds,
    )


def _log_row(translator: Translator, entry: ServiceLogEntry) -> RowValues:
    how = translator.label("visit.how", entry.how)
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
        entry.author,
    )


def work_ledger(
    connection: Connection,
    translator: Translator,
    thresholds: LightThresholds,
    *,
    project: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Report:
    """The work ledger that the notice asks for (R47, R48): time, place, participants, issues solved, result,
    approval. Visits, special meetings and settlements, in the order in which they happened."""
    chosen = {"project": project, "since": since, "until": until}
    say = translator.translate
    columns = (
        ReportColumn("at", say(N_("Time")), "moment", 17),
        ReportColumn("what", say(N_("What")), width=8),
        ReportColumn("project", say(N_("Project")), width=20),
        ReportColumn("place", say(N_("Place")), width=16),
        ReportColumn("participants", say(N_("Participants")), width=18),
        ReportColumn("text", say(N_("Work done")), width=34),
        ReportColumn("issues", say(N_("Issues solved")), width=24),
        ReportColumn("result", say(N_("Result")), width=24),
        ReportColumn("approval", say(N_("Approval")), width=18),
    )
    rows = _work_rows(translator, reading.work_entries(connection, **chosen))
    title = say(N_("Work ledger"))
    return _single_table_report(
        "work-ledger",
        title,
        translator,
        ReportTable(title, columns, rows),
        reading.count_work_entries(connection, **chosen),
        thresholds,
    )


def _work_rows(translator: Translator, entries: Iterator[WorkEntry]) -> Iterator[RowValues]:
    for one in entries:
        what = (
            translator.translate(_WORK_LABELS[one.what])
            if one.what in _WORK_LABELS
            else translator.label("visit.how", one.what)
        )
        named = "\n".join(f"{issue.number} {issue.title}" for issue in one.issues)
        result = _text_by_issue(one.issues, [_result(translator, issue) for issue in one.issues])
        approval = _text_by_issue(one.issues, [_approval(translator, issue) for issue in one.issues])
        yield (one.at, what, one.project, one.place, "、".join(one.participants), one.text, named, result, approval)


def _text_by_issue(issues: Sequence[IssueReference], texts: Sequence[str]) -> str:
    """What is told of each issue, a line each; with its number where there are several."""
    numbered = len(issues) > 1
    lines = [f"{issue.number} {text}" if numbered else text for issue, text in zip(issues, texts, strict=True) if text]
    return "\n".join(lines)


def _result(translator: Translator, issue: IssueReference) -> str:
    state = translator.label("state", issue.state) if issue.state else ""
    return f"{state}: {issue.measure}" if issue.measure else state


def _approval(translator: Translator, issue: IssueReference) -> str:
    if issue.state == "closed":
        given = translator.translate(N_("approved {day}, {number}"))
        return given.format(
            day=issue.closed or "", number=issue.close_number or translator.translate(N_("number to come"))
        )
    return translator.translate(N_("awaiting approval")) if issue.state in ("settled", "pending_approval") else ""


def _single_table_report(
    name: str, title: str, translator: Translator, table: ReportTable, total: int, thresholds: LightThresholds
) -> Report:
    """A report of one long table."""
    as_of = translator.translate(N_("As of {day}")).format(day=thresholds.today)
    return Report(name, title, (table,), total, translator.translate(PAGE_FOOTER), as_of)
