"""The figures of periods: counted in a thread, cached for each state of the ledger."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from store.db.database import Database
from store.domain.status_lights import LightThresholds
from store.queries.figure_scope import scoped
from store.values.periods import Period
from tui.reports.overview import PeriodOverview, period_overview

MAX_CACHED_PERIODS = 24
"""At most so many periods are cached: a year of months in each direction."""


_Asked = tuple[Period, str | None, str | None]
"""A period, and whose figures: a person's, a unit's, or all."""


class SummaryResult(NamedTuple):
    """A period's figures, and how long counting them took, in seconds; 0 where they were cached."""

    overview: PeriodOverview
    seconds: float


class SummaryCache:
    """Counts one period at a time. ``thresholds`` gives those of today, ``epoch`` a number that changes with the
    ledger."""

    def __init__(self, database: Database, thresholds: Callable[[], LightThresholds], epoch: Callable[[], int]) -> None:
        self._database = database
        self._thresholds = thresholds
        self._epoch = epoch
        self._cache: dict[tuple[_Asked, LightThresholds, int], PeriodOverview] = {}
        self._lock = threading.Lock()

    def get(self, period: Period, person: str | None = None, unit: str | None = None) -> SummaryResult:
        """The figures of a period as of today, of all or of one person or unit, counted where they are not cached."""
        with self._lock:
            began, thresholds = time.perf_counter(), self._thresholds()
            key = ((period, person, unit), thresholds, self._epoch())
            if key in self._cache:
                return SummaryResult(self._cache[key], 0.0)
            with self._database.read() as connection:
                chosen = scoped(connection, thresholds.today, person=person, unit=unit)
                overview = period_overview(chosen, thresholds, period)
            current = [(cached, figures) for cached, figures in self._cache.items() if cached[1:] == key[1:]]
            self._cache = dict([*current[1 - MAX_CACHED_PERIODS :], (key, overview)])
            return SummaryResult(overview, time.perf_counter() - began)
