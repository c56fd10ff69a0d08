"""Notices that press for an issue: the supervision notice (督办单), a page for each issue with room for the reply, and
the reminder (催办通知书), a letter to a department with its list (R16, R39, R48)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from store.db.connection import Connection
from store.domain.issue_lifecycle import FINISHED_STATES
from store.domain.limits import read_limits
from store.domain.status_lights import LightThresholds
from store.queries.attachments import attachments_of_issue
from store.queries.issues import IssueDetail, Step
from store.queries.issues import issue as read_issue
from store.queries.papers import name_of_line
from store.queries.report_rows import stuck_issues
from tui.i18n.translate import _, value_label
from tui.reports.exceptions import IssueFinished
from tui.reports.files import PictureSource, files_tables
from tui.reports.frame import BLANK, Frame, written_day
from tui.reports.papers.wording import days_over, stuck_table
from tui.reports.report import PAGE_FOOTER, NamedFact, Report, ReportTable, fact_table, prose

_MOST_FILES = 6
"""So many of an issue's files its notice lists, the newest."""
_ROOM = "\n" * 4
"""Room to write by hand."""


def supervision_notice(
    connection: Connection,
    thresholds: LightThresholds,
    *,
    issue: str | None = None,
    department: str | None = None,
    due: str | None = None,
    pictures: PictureSource,
) -> Report:
    """A page for this issue, or for each overdue one, of all or of a ``department``. ``due``: the day until which a
    reply is asked. Raises `IssueFinished`: nobody supervises what is closed."""
    if issue is not None:
        detail = read_issue(connection, issue, thresholds)
        if detail is None or detail.row.state in FINISHED_STATES:
            raise IssueFinished(number=detail.row.number if detail else issue)
        details = [detail]
    else:
        red = [one.id for one in stuck_issues(connection, thresholds, department) if one.issue.light == "red"]
        details = [each for line_id in red if (each := read_issue(connection, line_id, thresholds))]
    tables = tuple(
        table for each in details for table in _notice(connection, each, thresholds.today, due, pictures)
    ) or (prose(_("Supervision notice"), [(_("No issue is overdue."),)]),)
    frame = Frame(layout="letter", each_page=True)
    return Report("supervision-notice", _("Supervision notice"), tables, len(details), _(PAGE_FOOTER), frame=frame)


def _notice(
    connection: Connection, detail: IssueDetail, today: str, due: str | None, pictures: PictureSource
) -> Iterator[ReportTable]:
    facts = list(_notice_facts(detail, today, due))
    yield fact_table(f"{detail.row.number} {detail.row.title}", facts, label_width=18, starts="page")
    acts = {step.id: f"{value_label('issue_step.act', step.act)} {step.at[:10]}" for step in detail.steps}
    files = attachments_of_issue(connection, detail.row.id)
    yield from files_tables(files, pictures, of=acts, most=_MOST_FILES, starts="below")


def _notice_facts(detail: IssueDetail, today: str, due: str | None) -> Iterator[NamedFact]:
    """What the notice says of an issue."""
    row, steps = detail.row, [step for step in detail.steps if not step.out_of_turn]
    over = days_over(row.due, today)
    told = (
        NamedFact("issue_number", _("Issue No."), row.number),
        NamedFact("project", _("Project"), row.project),
        NamedFact("issue", _("Issue"), row.title),
        NamedFact("text", _("Text"), detail.text),
        NamedFact("department", _("Leading department"), row.department or _("No department yet")),
        NamedFact("others", _("With"), "、".join(each.department or each.department_id for each in row.co_handlers)),
        NamedFact("owner", _("Owner"), row.owner),
        NamedFact("assigned", _("Assigned on"), _day_of(steps, "assigned")),
        NamedFact("due", _("Due"), row.due),
        NamedFact("overdue", _("Working days overdue"), str(over) if over else None),
        NamedFact("state", _("State"), value_label("state", row.state)),
        NamedFact("latest", _("Latest"), _latest(steps)),
        NamedFact("pressed", _("Supervised and reminded"), _pressed(steps)),
        NamedFact("asked", _("What is asked"), _asked(steps)),
        NamedFact("reply_until", _("Reply until"), written_day(due) if due else BLANK),
    )
    yield from (fact for fact in told if fact.value or fact.name not in _IF_KNOWN)
    yield NamedFact("reply", _("What the department did, and when it will be done"), _ROOM)
    yield NamedFact("reply_signed", _("Head of the department (signature and seal)"), "\n\n")


def _day_of(steps: Sequence[Step], act: str) -> str | None:
    return next((step.at[:10] for step in reversed(steps) if step.act == act), None)


def _latest(steps: Sequence[Step]) -> str | None:
    """The latest step that says something, with its day."""
    for step in reversed(steps):
        text = step.text or step.measure or step.reason
        if text:
            return f"{step.at[:10]} {value_label('issue_step.act', step.act)}  {text}"
    return None


def _pressed(steps: Sequence[Step]) -> str:
    """How often and when it was supervised or reminded of before."""
    days = [f"{step.at[:10]} {value_label('issue_step.act', step.act)}" for step in steps if step.act in _PRESSING]
    return "\n".join(days) or _("not yet")


def _asked(steps: Sequence[Step]) -> str:
    """What the latest supervision asks for; else what any asks for."""
    supervised = next((step.text for step in reversed(steps) if step.act == "supervised" and step.text), None)
    return supervised or _("Settle it without delay, or say what keeps it, what is done about it, and until when.")


_IF_KNOWN = ("text", "others", "overdue", "latest")
"""What has no row where there is nothing to say."""
_PRESSING = ("supervised", "reminded")


def reminder_notice(
    connection: Connection,
    thresholds: LightThresholds,
    *,
    department: str | None = None,
    due: str | None = None,
) -> Report:
    """A letter that reminds a ``department``, or all that are concerned, of what is overdue or without progress.
    ``due``: the day until which a reply is asked."""
    stuck = stuck_issues(connection, thresholds, department)
    name = name_of_line(connection, "department", department) if department else None
    title, annex = _("Reminder notice"), _("Issues to be seen to")
    until = written_day(due) if due else BLANK
    stale = read_limits(connection).stale
    if stuck:
        texts = [
            _(
                "As of {day}, {count} of the issues that you lead are overdue, or have been without progress for "
                "{stale} working days. They are listed in the annex."
            ).format(day=written_day(thresholds.today), count=len(stuck), stale=stale),
            _(
                "Please settle them until {until}, or report by then what keeps each of them, what is done about it, "
                "and when it will be settled. What is done is recorded as progress of the issue."
            ).format(until=until),
            _("What has no reply by then is put forward for supervision by the rules."),
        ]
    else:
        texts = [_("As of {day} nothing is overdue or without progress.").format(day=written_day(thresholds.today))]
    tables = [prose(title, [(text,) for text in texts])]
    if stuck:
        tables.append(stuck_table(stuck, thresholds.today, annex, starts_page=True))
    frame = Frame(layout="letter", to=name or _("All units concerned"), annexes=(annex,) if stuck else ())
    return Report("reminder-notice", title, tuple(tables), len(stuck) + len(texts), _(PAGE_FOOTER), frame=frame)
