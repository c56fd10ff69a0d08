"""The ranking of units and butlers by three rates (R52, R53): answered in time, solved, satisfied."""

from __future__ import annotations

from store.db.connection import Connection
from store.domain.limits import read_limits
from store.domain.status_lights import LightThresholds
from store.queries.rates import RatedKind, Rates, RateShare, rates
from store.values.periods import Period
from tui.i18n.translate import N_, _
from tui.reports.frame import Frame
from tui.reports.papers.wording import period_of, written_period
from tui.reports.report import PAGE_FOOTER, Report, ReportColumn, ReportTable, RowValues, TableStart

RATED_TITLES: dict[RatedKind, str] = {"unit": N_("Ranking of the units"), "butler": N_("Ranking of the butlers")}
_NAMES: dict[RatedKind, str] = {"unit": N_("Unit"), "butler": N_("Butler")}


def ranking(connection: Connection, thresholds: LightThresholds, *, period: str | None = None) -> Report:
    """The ranking in a period; in the present month where ``period`` is None. Raises `BadPeriod`."""
    chosen = period_of(period, thresholds.today, thresholds.today[:7])
    tables = tuple(ranking_table(connection, thresholds, chosen, kind) for kind in RATED_TITLES)
    title = _("Ranking by response, solution and satisfaction, {period}").format(period=written_period(chosen.name))
    total = sum(len(list(table.rows)) for table in tables)
    return Report("ranking", title, tables, total, _(PAGE_FOOTER), frame=Frame(period=written_period(chosen.name)))


def ranking_table(
    connection: Connection, thresholds: LightThresholds, period: Period, kind: RatedKind, starts: TableStart = "sheet"
) -> ReportTable:
    """The ranking of units or butlers in a period, with a note that says what is counted."""
    response = read_limits(connection).response
    rated = rates(connection, thresholds, kind, period.since, period.until, response)
    columns = (
        ReportColumn("place", _("Rank"), "number", 6),
        ReportColumn("name", _(_NAMES[kind]), width=15),
        ReportColumn("response_of", _("Answered / given"), width=11),
        ReportColumn("response", _("Response rate, %"), "number", 12),
        ReportColumn("solved_of", _("Solved / due"), width=11),
        ReportColumn("solved", _("Solution rate, %"), "number", 12),
        ReportColumn("satisfied_of", _("Satisfied / asked"), width=11),
        ReportColumn("satisfied", _("Satisfaction rate, %"), "number", 12),
    )
    rows: list[RowValues] = [_row(one) for one in rated]
    note = rates_note(kind, response) if rows else _("Nothing was given, due or asked about.")
    return ReportTable(_(RATED_TITLES[kind]), columns, rows, note, starts)


def _row(rated: Rates) -> RowValues:
    shares = (rated.response, rated.solved, rated.satisfied)
    cells = [cell for share in shares for cell in (_count(share), share.percent)]
    return rated.place, rated.name, *cells


def _count(share: RateShare) -> str | None:
    return f"{share.done}/{share.of}" if share.of else None


def rates_note(kind: RatedKind, response: int) -> str:
    """What the three rates count, so that anybody can check them by hand."""
    given = {
        "unit": _("Answered: issues assigned in the period that the unit took up within {n} working days."),
        "butler": _("Answered: issues recorded in the period that were assigned within {n} working days."),
    }
    return " ".join(
        (
            given[kind].format(n=response),
            _("Solved: of what was due or closed in the period, what is closed."),
            _("Satisfied: of those asked in the period, the basically and wholly satisfied, as said last."),
            _("Ranked by solution, response, satisfaction."),
        )
    )
