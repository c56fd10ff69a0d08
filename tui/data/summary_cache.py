"""The figures of periods, seen from the desk: counted in a thread, kept for each state of the ledger."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from store.db.database import Database
from store.domain.status_lights import LightThresholds
from tui.reports.overview import PeriodOverview, period_overview
from tui.reports.periods import Period

MAX_CACHED_PERIODS = 24
"""So many periods are kept: a year of months there and back."""


class SummaryResult(NamedTuple):
    """A period's figures, and how long counting them took, in seconds; none where they were known."""

    overview: PeriodOverview
    seconds: float


class SummaryCache:
    """Counts one period at a time. ``today`` gives the day's marks, ``epoch`` a number that changes with the ledger."""

    def __init__(self, database: Database, today: Callable[[], LightThresholds], epoch: Callable[[], int]) -> None:
        self._database = database
        self._today = today
        self._epoch = epoch
        self._cache: dict[tuple[Period, LightThresholds, int], PeriodOverview] = {}
        self._lock = threading.Lock()

    def get(self, period: Period) -> SummaryResult:
        """What is known of a period today."""
        with self._lock:
            began, on = time.perf_counter(), self._today()
            key = (period, on, self._epoch())
            if key in self._cache:
                return SummaryResult(self._cache[key], 0.0)
            with self._database.read() as connection:
                found = period_overview(connection, on, period)
            current = [(known, one) for known, one in self._cache.items() if known[1:] == key[1:]]
            self._cache = dict([*current[1 - MAX_CACHED_PERIODS :], (key, found)])
            return SummaryResult(found, time.perf_counter() - began)
