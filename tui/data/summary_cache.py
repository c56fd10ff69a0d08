"""The figures of periods, seen from the desk: counted in a thread, kept for each state of the ledger."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from store.db.database import Database
from store.domain.status_lights import Marks
from tui.reports.overview import Overview, overview
from tui.reports.periods import Period

KEPT = 24
"""So many periods are kept: a year of months there and back."""


class Counted(NamedTuple):
    """A period's figures, and how long counting them took, in seconds; none where they were known."""

    overview: Overview
    seconds: float


class Overviews:
    """Counts one period at a time. ``today`` gives the day's marks, ``epoch`` a number that changes with the ledger."""

    def __init__(self, database: Database, today: Callable[[], Marks], epoch: Callable[[], int]) -> None:
        self._database = database
        self._today = today
        self._epoch = epoch
        self._known: dict[tuple[Period, Marks, int], Overview] = {}
        self._counting = threading.Lock()

    def of(self, period: Period) -> Counted:
        """What is known of a period today."""
        with self._counting:
            began, on = time.perf_counter(), self._today()
            key = (period, on, self._epoch())
            if key in self._known:
                return Counted(self._known[key], 0.0)
            with self._database.read() as connection:
                found = overview(connection, on, period)
            current = [(known, one) for known, one in self._known.items() if known[1:] == key[1:]]
            self._known = dict([*current[1 - KEPT :], (key, found)])
            return Counted(found, time.perf_counter() - began)
