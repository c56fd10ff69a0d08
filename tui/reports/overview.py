"""The figures of a period (R16, R27, R46): counted once, and told by the summary report and by the screen alike."""

from __future__ import annotations

from typing import NamedTuple

from store.db.connection import Connection
from store.domain.limits import Limits, limits
from store.domain.status_lights import SIX_ONES, Marks
from store.queries import summary as reading
from store.queries.projects import ProjectRow, projects
from store.queries.summary import Found, Load, Month
from tui.reports.periods import Period, month_of
from tui.reports.rules import Looked, Rule, findings

MONTHS_SHOWN = 12


class Overview(NamedTuple):
    """What is counted. ``done`` in the period and ``before`` in the one before it, ``stands`` today; ``months`` end
    with the period's last; ``categories`` are recorded in the period and open today; ``closing`` and ``ageing`` have a
    number for each of `store.queries.summary.BANDS`; ``lacking`` says of each of the six ones how many projects lack
    it."""

    period: Period
    today: str
    limits: Limits
    done: dict[str, int]
    before: dict[str, int]
    stands: dict[str, int]
    months: list[Month]
    departments: list[Load]
    categories: list[tuple[str | None, int, int]]
    closing: list[int]
    median: int | None
    ageing: list[int]
    projects: list[ProjectRow]
    lacking: dict[str, int]
    found: list[tuple[Rule, Found]]


def overview(connection: Connection, on: Marks, period: Period) -> Overview:
    """Everything that is known of a period. Half a second at 100,000 lines: call it in a thread."""
    since, until, last = period.since, period.until, period.first + period.months
    listed, chosen = projects(connection, on), limits(connection)
    closing, median = reading.closing_times(connection, since, until)
    silent = {"silent": sum(one.silent for one in listed)}
    return Overview(
        period,
        on.today,
        chosen,
        reading.period_figures(connection, since, until),
        reading.period_figures(connection, period.before.since, period.before.until),
        reading.present_figures(connection, on) | silent,
        reading.by_month(connection, [month_of(number) for number in range(last - MONTHS_SHOWN, last)]),
        reading.by_department(connection, on, since, until),
        reading.by_category(connection, since, until),
        closing,
        median,
        reading.ageing(connection, on),
        listed,
        {name: sum(name in one.missing for one in listed) for name, _fillers in SIX_ONES},
        findings(Looked(connection, on, period, chosen, listed)),
    )
