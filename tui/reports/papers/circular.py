"""The circular (通报; R52-R56): a period's figures, who is commended or criticised and why, what is overdue, what is
asked; the rankings are its annexes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from store.db.connection import Connection
from store.domain.status_lights import LightThresholds
from store.queries.papers import Judged, judged_in
from store.queries.report_rows import StuckIssue, stuck_issues
from tui.i18n.translate import _, value_label
from tui.reports.frame import Frame
from tui.reports.overview import PeriodOverview, period_overview
from tui.reports.papers.month import figures_text
from tui.reports.papers.ranking import RATED_TITLES, ranking_table
from tui.reports.papers.wording import asked_paragraphs, period_of, stuck_table, written_period
from tui.reports.report import PAGE_FOOTER, Report, ReportSection, RowValues, prose

Paragraphs = Iterator[RowValues | ReportSection]


def circular(
    connection: Connection,
    thresholds: LightThresholds,
    *,
    period: str | None = None,
    recipient: str | None = None,
) -> Report:
    """The circular on a period; on the present month where ``period`` is None. ``recipient`` is in words. Raises
    `BadPeriod`."""
    overview = period_overview(connection, thresholds, period_of(period, thresholds.today, thresholds.today[:7]))
    stuck = [one for one in stuck_issues(connection, thresholds) if one.issue.light == "red"]
    name = written_period(overview.period.name)
    title = _("Circular on the work of the project butlers in {period}").format(period=name)
    judged = judged_in(connection, overview.period.name)
    paragraphs = [*_text(overview, name, judged, stuck)]
    annexes = [ranking_table(connection, thresholds, overview.period, kind, "page") for kind in RATED_TITLES]
    if stuck:
        annexes.append(stuck_table(stuck, thresholds.today, _("Overdue issues"), starts_page=True))
    frame = Frame(
        layout="letter",
        to=recipient or _("All units concerned"),
        period=name,
        annexes=tuple(table.title for table in annexes),
    )
    total = len(paragraphs) + sum(len(list(table.rows)) for table in annexes)
    return Report("circular", title, (prose(title, paragraphs), *annexes), total, _(PAGE_FOOTER), frame=frame)


def _text(overview: PeriodOverview, name: str, judged: Sequence[Judged], stuck: Sequence[StuckIssue]) -> Paragraphs:
    yield ReportSection(_("1. Figures"))
    yield from ((text,) for text in figures_text(overview, name))
    yield ReportSection(_("2. Commended"))
    yield from _judged(judged, "commendation", _("Nobody was commended by an evaluation of this period."))
    yield ReportSection(_("3. Criticised"))
    yield from _judged(judged, "criticism", _("Nobody was criticised by an evaluation of this period."))
    yield ReportSection(_("4. Overdue"))
    by_holder = Counter(one.issue.leading or _("no department yet") for one in stuck)
    counted = _(", ").join(_("{unit} {n}").format(unit=unit, n=count) for unit, count in by_holder.most_common())
    overdue = _("Overdue issues: {n}. By department: {counted}.").format(n=len(stuck), counted=counted)
    yield (overdue if stuck else _("No issue is overdue."),)
    yield ReportSection(_("5. What is asked"))
    yield from asked_paragraphs(overview)
    yield (_("All units see to what is listed in the annexes and record what is done as progress of each issue."),)


def _judged(judged: Sequence[Judged], outcome: str, nobody: str) -> Paragraphs:
    chosen = [one for one in judged if one.outcome == outcome]
    if not chosen:
        yield (nobody,)
    for number, one in enumerate(chosen, 1):
        fault = value_label("evaluation.fault", one.fault) if one.fault else None
        said = _("; ").join(part for part in (fault, one.reason, one.basis) if part)
        yield (_("({n}) {name}: {said}.").format(n=number, name=one.name, said=said or _("no reason is recorded")),)
