"""What several papers say alike: places to fill in, acts in a line, days over a limit, what comes after a period."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from store.queries.papers import ComingDate, MovedIssue
from store.queries.report_rows import StuckIssue
from store.values.periods import Period, parse_period, period_containing
from store.values.times import stored_day
from store.values.workdays import add_days, workdays_between
from tui.i18n.dates import format_period
from tui.i18n.translate import N_, _, value_label
from tui.reports.frame import written_day
from tui.reports.overview import PeriodOverview
from tui.reports.report import ReportColumn, ReportTable, RowValues
from tui.reports.rules import suggestion_text

MAX_NAMED = 10
"""So many issues or projects a text names; the others are counted, and in the annex."""
COMING_LABELS = {
    "due": N_("Issue due"),
    "waiting": N_("Agreed waiting ends"),
    "promise": N_("Promised document due"),
    "meeting": N_("Meeting"),
    "visit": N_("Visit due"),
}
"""What comes, by `store.queries.papers.ComingDate.what`."""


class Days(NamedTuple):
    """The first and the last day, ISO, both included."""

    since: str
    until: str


def period_of(text: str | None, today: str, default: str) -> Period:
    """The period that an option names, else the ``default`` as people type it. Raises `BadPeriod`."""
    return parse_period(text or default, date.fromisoformat(today))


def written_period(name: str) -> str:
    """A stored period in words, as a title has it: 2026年11月, 2026年第48周."""
    match = re.fullmatch("([0-9]{4})-([0-9]{2})", name)
    if match is None:
        return format_period(name)
    return _("{month} {year}").format(year=match[1], month=value_label("month_name", str(int(match[2]))))


def days_after(period: Period, today: str) -> Days:
    """The days that follow: the next period of that length, and what is left of this one while it lasts."""
    following = _next_period(period)
    begun = period.since <= today <= period.until
    tomorrow = add_days(date.fromisoformat(today), 1).isoformat()
    return Days(tomorrow if begun else following.since, following.until)


def _next_period(period: Period) -> Days:
    if period.monday:
        monday = period.monday + timedelta(days=7)
        return Days(monday.isoformat(), (monday + timedelta(days=6)).isoformat())
    if period.months in (1, 3, 12) and period.first % period.months == 0:
        after = period_containing(period.first + period.months, period.months)
        return Days(after.since, after.until)
    month = period_containing(period.first + period.months, 1)
    return Days(month.since, month.until)


def days_over(due: str | None, today: str) -> int | None:
    """How many working days an issue is overdue; None where it is not."""
    day, now = stored_day(due), date.fromisoformat(today)
    return workdays_between(day, now) if day and day < now else None


def moves_text(moved: MovedIssue) -> str:
    """What moved on an issue, a line for each act."""
    return "\n".join(
        " ".join(part for part in (move.day, value_label("issue_step.act", move.act), move.text) if part)
        for move in moved.moves
    )


def why_text(stuck: StuckIssue, today: str) -> str:
    """Why an issue is stuck, as far as the ledger knows: how long overdue, the reason given last, its latest news."""
    over = days_over(stuck.issue.due, today)
    reason = stuck.reason if stuck.reason != stuck.issue.latest else None
    parts = (
        _("working days overdue: {n}").format(n=over) if over else "",
        _("no progress since {day}").format(day=written_day(stuck.progress_on))
        if not over and stuck.progress_on
        else "",
        _("reason given: {text}").format(text=reason) if reason else "",
        _("latest: {text}").format(text=stuck.issue.latest) if stuck.issue.latest else "",
        _("opinion owed by {units}").format(units=stuck.issue.owed) if stuck.issue.owed else "",
    )
    return _("; ").join(part for part in parts if part)


def holder_text(department: str | None, owner: str | None) -> str:
    """Who must see to it: department and owner."""
    return " ".join(part for part in (department or _("no department yet"), owner) if part)


def led_text(department: str | None, owner: str | None) -> str:
    """The same as a part of a sentence."""
    holder = holder_text(department, owner)
    return _("led by {holder}").format(holder=holder) if department else holder


def stuck_table(stuck: Iterable[StuckIssue], today: str, title: str, *, starts_page: bool = False) -> ReportTable:
    """The issues that are stuck, numbered: whose they are, since when they are due, and why."""
    columns = (
        ReportColumn("serial", _("No."), "number", 5),
        ReportColumn("issue", _("Issue"), width=23),
        ReportColumn("project", _("Project"), width=14),
        ReportColumn("holder", _("Responsible"), width=12),
        ReportColumn("due", _("Due"), "day", 13),
        ReportColumn("why", _("Why"), width=23),
    )
    rows: list[RowValues] = [
        (
            serial,
            f"{one.issue.number} {one.issue.title}",
            one.issue.project,
            holder_text(one.issue.leading, one.issue.owner),
            one.issue.due,
            why_text(one, today),
        )
        for serial, one in enumerate(stuck, 1)
    ]
    note = "" if rows else _("Nothing is stuck.")
    return ReportTable(title, columns, rows, note, "page" if starts_page else "sheet")


def coming_table(coming: Sequence[ComingDate], days: Days) -> ReportTable:
    """What comes, numbered, in the order of time."""
    columns = (
        ReportColumn("serial", _("No."), "number", 5),
        ReportColumn("at", _("When"), width=16),
        ReportColumn("what", _("What"), width=14),
        ReportColumn("project", _("Project"), width=18),
        ReportColumn("title", _("About"), width=24),
        ReportColumn("who", _("Who"), width=13),
    )
    rows: list[RowValues] = [
        (
            serial,
            one.at[:16].replace("T", " "),
            _(COMING_LABELS[one.what]),
            one.project,
            one.title if one.what != "visit" else _("no contact since the last visit"),
            one.who,
        )
        for serial, one in enumerate(coming, 1)
    ]
    note = _("{since} to {until}").format(since=days.since, until=days.until)
    told = [note] if rows else [note, _("Nothing is due.")]
    return ReportTable(_("What comes"), columns, rows, "  ".join(told))


def asked_paragraphs(overview: PeriodOverview) -> list[RowValues]:
    """What is suggested, numbered, each with the issues or projects that it is about."""
    asked: dict[str, dict[str, None]] = {}
    for rule, found in overview.findings:
        asked.setdefault(suggestion_text(rule, found), {})[
            found.what if found.kind == "issue" else found.project or found.what
        ] = None
    return [(_asked(number, *each),) for number, each in enumerate(asked.items(), 1)]


def _asked(number: int, suggestion: str, about: Iterable[str]) -> str:
    named = list(about)
    more = _(" and {n} more").format(n=len(named) - MAX_NAMED) if len(named) > MAX_NAMED else ""
    listed = _(", ").join(named[:MAX_NAMED]) + more
    return _("({n}) {suggestion}: {about}.").format(n=number, suggestion=suggestion, about=listed)
