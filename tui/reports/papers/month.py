"""The month's report as a letter (R11, R27, R39): figures, what moved, what is stuck and why, what comes next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from store.db.connection import Connection
from store.domain.status_lights import LightThresholds
from store.queries.papers import ComingDate, MovedIssue, coming_dates, moved_issues
from store.queries.report_rows import StuckIssue, stuck_issues
from tui.i18n.translate import _, value_label
from tui.reports.frame import BLANK, Frame, written_day
from tui.reports.overview import PeriodOverview, period_overview
from tui.reports.papers.wording import (
    COMING_LABELS,
    MAX_NAMED,
    asked_paragraphs,
    days_after,
    led_text,
    period_of,
    stuck_table,
    why_text,
    written_period,
)
from tui.reports.report import PAGE_FOOTER, Report, ReportSection, RowValues, prose

_ENDS = ("approved", "settled")
Paragraphs = Iterator[RowValues | ReportSection]


def month(
    connection: Connection, thresholds: LightThresholds, *, period: str | None = None, recipient: str | None = None
) -> Report:
    """The report of a period; of the present month where ``period`` is None. ``recipient`` is in words. Raises
    `BadPeriod`."""
    overview = period_overview(connection, thresholds, period_of(period, thresholds.today, thresholds.today[:7]))
    bounds = overview.period
    moved = moved_issues(connection, bounds.since, bounds.until)
    stuck = stuck_issues(connection, thresholds)
    days = days_after(bounds, thresholds.today)
    coming = coming_dates(connection, days.since, days.until, overview.limits.silence)
    name = written_period(bounds.name)
    paragraphs = [
        *_figures(overview, name),
        *_moved(moved),
        *_stuck(stuck, thresholds.today),
        *_next(overview, coming),
    ]
    title = _("Report on the work of the project butlers in {period}").format(period=name)
    annex = _("Issues that are stuck, as of {day}").format(day=written_day(thresholds.today))
    tables = [prose(title, paragraphs)]
    if len(stuck) > MAX_NAMED:
        tables.append(stuck_table(stuck, thresholds.today, annex, starts_page=True))
    frame = Frame(layout="letter", to=recipient or BLANK, period=name, annexes=(annex,) if len(tables) > 1 else ())
    total = len(paragraphs) + (len(stuck) if len(tables) > 1 else 0)
    return Report("monthly", title, tuple(tables), total, _(PAGE_FOOTER), frame=frame)


def figures_text(overview: PeriodOverview, name: str) -> Iterator[str]:
    """The figures of a period in sentences: what was done, against the period before, and how things stand."""
    done, before, current = overview.done, overview.before, overview.current
    yield _(
        "In {period}: visits and contacts {visits}, projects visited {visited}, special meetings {meetings}; issues "
        "recorded {recorded}, settled {settled}, closed {closed}."
    ).format(period=name, **done)
    yield _(
        "Against the period before: recorded {recorded}, settled {settled}, closed {closed}, visits {visits}."
    ).format(**{each: _change(done[each] - before[each]) for each in ("recorded", "settled", "closed", "visits")})
    yield _(
        "As of {day}: projects on the list {projects}, open issues {open}, of these overdue {red}, without progress "
        "{yellow}, due soon {blue}, waiting for approval {unapproved}."
    ).format(day=written_day(overview.today), **current)
    if overview.median is not None:
        yield _("What was closed took {days} days from recording to closing (median).").format(days=overview.median)


def _change(difference: int) -> str:
    if difference == 0:
        return _("the same")
    return (_("{n} more") if difference > 0 else _("{n} fewer")).format(n=abs(difference))


def _figures(overview: PeriodOverview, name: str) -> Paragraphs:
    yield ReportSection(_("1. Figures"))
    yield from ((text,) for text in figures_text(overview, name))


def _moved(moved: Sequence[MovedIssue]) -> Paragraphs:
    yield ReportSection(_("2. What moved"))
    ended = [one for one in moved if any(move.act in _ENDS for move in one.moves)]
    others = [one for one in moved if one not in ended and any(move.act != "recorded" for move in one.moves)]
    cancelled = [one for one in others if one.state == "cancelled"]
    in_hand = [one for one in others if one.state != "cancelled"]
    if not ended and not others:
        yield (_("No issue moved."),)
    yield from _named(_("Settled or closed: {n}."), ended, _ENDS)
    yield from _named(_("In hand: {n}."), in_hand)
    yield from _named(_("Cancelled: {n}."), cancelled)


def _named(heading: str, issues: Sequence[MovedIssue], acts: Sequence[str] = ()) -> Paragraphs:
    """How many issues there are, the first of them in a sentence each, and how many are not named."""
    if issues:
        yield (heading.format(n=len(issues)),)
        yield from ((_moved_text(number, one, acts),) for number, one in enumerate(issues[:MAX_NAMED], 1))
    if len(issues) > MAX_NAMED:
        yield (_("The other {n} are not named here.").format(n=len(issues) - MAX_NAMED),)


def _moved_text(number: int, moved: MovedIssue, acts: Sequence[str]) -> str:
    """One issue in a sentence: the latest act, of ``acts`` one that says something where there are any."""
    told = [move for move in moved.moves if move.act in acts and move.text] or [
        move for move in moved.moves if move.text
    ]
    latest = told[-1] if told else moved.moves[-1]
    return _("({n}) {project}: {title} ({number}), {holder}, {day} {act}{text}; now {state}.").format(
        n=number,
        project=moved.project or "-",
        title=moved.title,
        number=moved.number,
        holder=led_text(moved.department, None),
        day=written_day(latest.day),
        act=value_label("issue_step.act", latest.act),
        text=_(", {text}").format(text=_sentence_part(latest.text)) if latest.text else "",
        state=value_label("state", moved.state),
    )


def _sentence_part(text: str) -> str:
    """What people wrote, as a part of a sentence: in one line, without its full stop."""
    return " ".join(text.split()).rstrip("。.;；")


def _stuck(stuck: Sequence[StuckIssue], today: str) -> Paragraphs:
    yield ReportSection(_("3. What is stuck, and why"))
    if not stuck:
        yield (_("Nothing is overdue, and nothing is without progress."),)
        return
    by_holder = Counter(one.issue.leading or _("no department yet") for one in stuck)
    counted = _(", ").join(_("{unit} {n}").format(unit=unit, n=count) for unit, count in by_holder.most_common())
    yield (_("Overdue or without progress: {n}. By department: {counted}.").format(n=len(stuck), counted=counted),)
    yield from ((_stuck_text(number, one, today),) for number, one in enumerate(stuck[:MAX_NAMED], 1))
    if len(stuck) > MAX_NAMED:
        yield (_("The others are in the annex."),)


def _stuck_text(number: int, stuck: StuckIssue, today: str) -> str:
    issue = stuck.issue
    return _("({n}) {project}: {title} ({number}), {holder}, due {due}; {why}.").format(
        n=number,
        project=issue.project or "-",
        title=issue.title,
        number=issue.number,
        holder=led_text(issue.leading, issue.owner),
        due=written_day(issue.due) if issue.due else _("not set"),
        why=_sentence_part(why_text(stuck, today)) or _("the ledger gives no reason"),
    )


def _next(overview: PeriodOverview, coming: Sequence[ComingDate]) -> Paragraphs:
    yield ReportSection(_("4. What comes next"))
    asked = asked_paragraphs(overview)
    yield from asked
    counted = Counter(one.what for one in coming)
    if counted:
        listed = _(", ").join(
            _("{unit} {n}").format(unit=_(COMING_LABELS[what]), n=counted[what])
            for what in COMING_LABELS
            if counted[what]
        )
        yield (_("In the time that follows: {listed}.").format(listed=listed),)
    elif not asked:
        yield (_("The work goes on as before; nothing is due."),)
