"""The meeting sheet (R12, R13, R34): a page for each department with its open issues and the decisions to take."""

from __future__ import annotations

from collections.abc import Iterator

from store.db.connection import Connection
from store.domain.issue_lifecycle import TOP_LEVEL
from store.domain.registers import MEETING_REGISTER
from store.domain.status_lights import LightThresholds, effective_due
from store.queries.issues import Step
from store.queries.meetings import as_open_issue, discussed_issues, meeting_decisions
from store.queries.register_lines import RegisterRecord, row
from store.queries.report_rows import DepartmentLoad, OpenIssue, department_loads, open_issues, owed_issues
from tui.i18n.translate import N_, _, ngettext, value_label
from tui.reports.report import PAGE_FOOTER, Report, ReportColumn, ReportTable, RowValues

NOTHING_OPEN = N_("No open issues.")
NOTHING_LINKED = N_("No issue was linked to this meeting.")
NOTHING_DECIDED = N_("Discussed, nothing decided")
_DECISION_BY_STATE = {
    "open": N_("Assign it: department, owner, due date"),
    "assigned": N_("The department accepts it or says why not"),
    "settled": N_("Approve the settlement or return it"),
    "pending_approval": N_("Approve the settlement or return it"),
}
"""The decision to take by the issue's state, whatever its light."""
_DECISION_BY_LIGHT = {
    "red": N_("Overdue: settle it now, extend it with a reason, or escalate it"),
    "yellow": N_("No progress: the owner reports what keeps it"),
    "blue": N_("Due soon: the owner says whether it will be done"),
}


def meeting_sheet(
    connection: Connection,
    thresholds: LightThresholds,
    *,
    department: str | None = None,
    meeting: str | None = None,
) -> Report:
    """A page for each department with open issues, or for ``department`` alone: those it leads, then those of others on
    which it owes its opinion. Issues without a department are on the last page. For the ``meeting`` of that id: the
    issues that it discussed, and what it decided."""
    if meeting is not None:
        return _past_meeting_report(connection, thresholds, meeting)
    loads = department_loads(connection, thresholds, department)
    tables = tuple(_page(connection, thresholds, load) for load in loads)
    title = _("Meeting sheet")
    if not tables:
        tables = (ReportTable(title, _columns(), (), _(NOTHING_OPEN), "page"),)
    return Report("meeting-sheet", title, tables, sum(load.open + load.owed for load in loads), _(PAGE_FOOTER))


def _page(connection: Connection, thresholds: LightThresholds, load: DepartmentLoad) -> ReportTable:
    name = load.department or _("No department yet")
    note = _("Open {open} · red {red} · yellow {yellow} · blue {blue} · as of {day}")
    counts = note.format(open=load.open, red=load.red, yellow=load.yellow, blue=load.blue, day=thresholds.today)
    if load.owed:
        owed = ngettext("owes its opinion on {n} issue", "owes its opinion on {n} issues", load.owed)
        counts += " · " + owed.format(n=load.owed)
    return ReportTable(name, _columns(), _rows(connection, thresholds, load), counts, "page")


def _columns() -> tuple[ReportColumn, ...]:
    return (
        ReportColumn("light", _("Light"), width=6),
        ReportColumn("number", _("Issue No."), width=13),
        ReportColumn("project", _("Project"), width=26),
        ReportColumn("title", _("Issue"), width=22),
        ReportColumn("owner", _("Owner"), width=7),
        ReportColumn("due", _("Due"), "day", 12),
        ReportColumn("state", _("State"), width=8),
        ReportColumn("latest", _("Latest"), width=22),
        ReportColumn("asked", _("Decision to take"), width=24),
        ReportColumn("decided", _("Decided"), width=20),
    )


def _rows(connection: Connection, thresholds: LightThresholds, load: DepartmentLoad) -> Iterator[RowValues]:
    for one in open_issues(connection, thresholds, load.department_id):
        yield _row(one, decision_text(one, thresholds))
    if load.owed and load.department_id:
        for one in owed_issues(connection, thresholds, load.department_id):
            leading = _("{department} leads it").format(department=one.leading or _("No department yet"))
            yield _row(one, "\n".join((_("Say your opinion, or that it is not your matter"), leading)))


def _row(issue: OpenIssue, question: str) -> RowValues:
    light, state = issue.light and value_label("light_name", issue.light), value_label("state", issue.state)
    return light, issue.number, issue.project, issue.title, issue.owner, issue.due, state, issue.latest, question, None


def _past_meeting_report(connection: Connection, thresholds: LightThresholds, line_id: str) -> Report:
    """The sheet of a past meeting: a page for each department whose issues it discussed."""
    meeting_line = row(connection, MEETING_REGISTER, line_id) or {}
    pages: dict[str, list[RowValues]] = {}
    for one in meeting_decisions(connection, thresholds, discussed_issues(connection, line_id)):
        issue = as_open_issue(one)
        light = issue.light and value_label("light_name", issue.light)
        question = decision_text(issue, thresholds)
        cells = (light, issue.number, issue.project, issue.title, issue.owner, issue.due)
        state = value_label("state", issue.state)
        decisions = "\n".join(step_text(step) for step in one.steps)
        rows = pages.setdefault(one.row.department or _("No department yet"), [])
        rows.append((*cells, state, None, question, decisions or _(NOTHING_DECIDED)))
    note = _note(meeting_line)
    tables = tuple(ReportTable(name, _columns(), tuple(rows), note, "page") for name, rows in pages.items())
    title = str(meeting_line.get("title") or _("Meeting sheet"))
    if not tables:
        tables = (_minute_table(title, meeting_line),)
    total = sum(len(list(table.rows)) for table in tables)
    return Report("meeting-sheet", title, tables, total, _(PAGE_FOOTER))


def _minute_table(title: str, meeting_line: RegisterRecord) -> ReportTable:
    """What is known of a meeting to which no issue was linked: who met when and where, and what was said."""
    level = value_label("level", str(meeting_line["level"])) if meeting_line.get("level") else None
    shown = {
        **meeting_line,
        "at": str(meeting_line.get("at") or "")[:16].replace("T", " "),
        "level": level,
        "departments": "、".join(meeting_line.get("departments") or ()),
        "participants": "、".join(meeting_line.get("participants") or ()),
    }
    fields = [field for field in MEETING_REGISTER.fields if field.name not in ("issues", "session")]
    rows = tuple((_(field.label), str(shown[field.name])) for field in fields if shown.get(field.name))
    columns = (ReportColumn("what", _("What"), width=16), ReportColumn("said", _("Said"), width=60))
    return ReportTable(title, columns, rows, _(NOTHING_LINKED), "page")


def _note(meeting_line: RegisterRecord) -> str:
    """Number, time, level, chair and departments of a meeting in one line."""
    level = value_label("level", str(meeting_line["level"])) if meeting_line.get("level") else ""
    parts = [
        meeting_line.get("number"),
        str(meeting_line.get("at") or "")[:16].replace("T", " "),
        level,
        meeting_line.get("chair"),
    ]
    return " · ".join(str(part) for part in (*parts, "、".join(meeting_line.get("departments") or ())) if part)


def step_text(step: Step) -> str:
    """A decision in one line: the act, the names and days in it, its text."""
    return "  ".join(part for part in (value_label("issue_step.act", step.act), said_text(step)) if part)


def said_text(step: Step) -> str:
    """The names and days in an act, and its text."""
    named = (
        step.department,
        step.others,
        step.owner,
        step.due,
        step.until,
        step.text,
        step.reason,
        step.measure,
        step.evidence,
    )
    return "  ".join(part for part in named if part)


def decision_text(issue: OpenIssue, thresholds: LightThresholds) -> str:
    """The decision to take on an issue, and which departments still owe their opinion."""
    question = _(pending_decision(issue, thresholds)).format(level=issue.level, up=issue.level + 1)
    owed = _("still owed: {departments}").format(departments=issue.owed) if issue.owed else ""
    return "\n".join(part for part in (question, owed) if part)


def pending_decision(issue: OpenIssue, thresholds: LightThresholds) -> str:
    """The decision to take on an issue: a message id with the placeholders ``{level}`` and ``{up}``, chosen by the
    issue's state and dates."""
    if issue.state == "escalated":
        return N_("Resolve it: it was escalated to level {level}")
    if issue.state in _DECISION_BY_STATE:
        return _DECISION_BY_STATE[issue.state]
    due = effective_due(issue.state, issue.due, issue.waiting_until)
    if due is not None and due <= thresholds.escalate_due and issue.level < TOP_LEVEL:
        return N_("Long overdue: escalate it to level {up}, or extend it with a reason")
    if issue.light == "yellow" and issue.state == "waiting":
        return N_("It has waited too long: go on, or wait until a new date")
    return _DECISION_BY_LIGHT[issue.light] if issue.light else N_("Nothing to decide")
