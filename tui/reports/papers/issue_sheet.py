"""The sheet of one issue (问题情况单; R24, R48): what it is and whose, each act, the limits that run, its files."""

from __future__ import annotations

from collections.abc import Iterator

from store.db.connection import Connection
from store.domain.issue_deadlines import running_deadlines
from store.domain.limits import read_limits
from store.domain.status_lights import LightThresholds
from store.queries.attachments import attachments_of_issue
from store.queries.clocks import clocks_of_rules
from store.queries.issues import EVERY_ISSUE, IssueDetail, Step, issues, timeline_of
from store.queries.issues import issue as read_issue
from tui.i18n.author_text import author_text
from tui.i18n.co_handling_text import co_handling_text
from tui.i18n.deadline_text import remaining_text
from tui.i18n.translate import _, value_label
from tui.reports.files import PictureSource, files_tables
from tui.reports.frame import Frame
from tui.reports.meeting_sheet import said_text
from tui.reports.report import PAGE_FOOTER, NamedFact, Report, ReportColumn, ReportTable, RowValues, fact_table


def issue_sheet(
    connection: Connection, thresholds: LightThresholds, *, issue: str | None = None, pictures: PictureSource
) -> Report:
    """The sheet of this issue, or of the one that was recorded last."""
    chosen = issue or next((row.id for row in issues(connection, thresholds, EVERY_ISSUE, limit=1)), None)
    detail = read_issue(connection, chosen, thresholds) if chosen else None
    title = _("Issue sheet")
    if detail is None:
        empty = fact_table(title, [], label_width=20, note=_("No issue was recorded."))
        return Report("issue-sheet", title, (empty,), 0, _(PAGE_FOOTER), frame=Frame(counted=False))
    acts = {step.id: f"{value_label('issue_step.act', step.act)} {step.at[:10]}".strip() for step in detail.steps}
    files = attachments_of_issue(connection, detail.row.id)
    facts = [fact for fact in _facts(detail) if fact.value]
    tables = (
        fact_table(f"{detail.row.number} {detail.row.title}", facts, label_width=20),
        _clocks(connection, detail, thresholds),
        _acts(detail),
        *files_tables(files, pictures, of=acts),
    )
    total = sum(len(list(table.rows)) for table in tables)
    return Report("issue-sheet", title, tables, total, _(PAGE_FOOTER), frame=Frame(counted=False))


def _facts(detail: IssueDetail) -> Iterator[NamedFact]:
    """What the issue is, whose it is and where it stands."""
    row = detail.row
    yield NamedFact("issue_number", _("Issue No."), row.number)
    yield NamedFact("issue", _("Issue"), row.title)
    yield NamedFact("project", _("Project"), row.project)
    yield NamedFact("text", _("Text"), detail.text)
    yield NamedFact("kind", _("Kind"), value_label("issue.kind", row.kind))
    yield NamedFact("category", _("Category"), value_label("issue.category", row.category) if row.category else None)
    yield NamedFact("raised", _("Raised"), (detail.raised_at or "")[:16].replace("T", " "))
    yield NamedFact("source", _("Source"), value_label("issue.source", detail.source) if detail.source else None)
    yield NamedFact("author", _("Recorded by"), author_text(detail.author))
    yield NamedFact("department", _("Leading department"), row.department or _("No department yet"))
    yield NamedFact("others", _("With"), "\n".join(map(co_handling_text, row.co_handlers)))
    yield NamedFact("owner", _("Owner"), row.owner)
    yield NamedFact("state", _("State"), value_label("state", row.state))
    yield NamedFact("light", _("Light"), value_label("light_name", row.light) if row.light else None)
    yield NamedFact("level", _("Level"), value_label("level", str(row.level)))
    yield NamedFact("acting", _("Must act now"), _acting(detail))
    yield NamedFact("due", _("Due"), row.due)
    yield NamedFact("waiting_until", _("Waiting until"), row.waiting_until)
    yield NamedFact("close_number", _("Close-out no."), row.close_number)


def _acting(detail: IssueDetail) -> str | None:
    if detail.row.must_act is None:
        return None
    return f"{value_label('duty', detail.row.must_act)}  {detail.acting or ''}".rstrip()


def _clocks(connection: Connection, detail: IssueDetail, thresholds: LightThresholds) -> ReportTable:
    """The limits that run, with the days that each has left."""
    clocks = clocks_of_rules(connection, detail.row.id)
    running = running_deadlines(timeline_of(detail), thresholds.moment, read_limits(connection), clocks)
    columns = (
        ReportColumn("limit", _("Limit"), width=26),
        ReportColumn("since", _("Counted since"), "day", 14),
        ReportColumn("until", _("Runs until"), "day", 14),
        ReportColumn("left", _("What is left"), width=26),
    )
    rows: list[RowValues] = [
        (value_label("clock", each.name), each.since, each.until, remaining_text(each)) for each in running
    ]
    return ReportTable(_("Limits that run"), columns, rows, "" if rows else _("No limit runs."))


def _acts(detail: IssueDetail) -> ReportTable:
    """Each act on it, oldest first."""
    columns = (
        ReportColumn("at", _("When"), "moment", 16),
        ReportColumn("act", _("Act"), width=12),
        ReportColumn("author", _("By"), width=12),
        ReportColumn("said", _("Contents"), width=40),
    )
    rows: list[RowValues] = [_act(step) for step in detail.steps]
    return ReportTable(_("What was done"), columns, rows)


def _act(step: Step) -> RowValues:
    said = said_text(step)
    if step.out_of_turn:
        said = "  ".join(part for part in (_("out of turn: it changed nothing"), said) if part)
    return (step.at or None, value_label("issue_step.act", step.act), author_text(step.author) or None, said or None)
