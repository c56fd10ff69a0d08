"""A range of days as a person types it, in milliseconds of the district's time."""

from __future__ import annotations

from datetime import date, datetime, time

from store.ledger.hlc import system_clock_ms
from store.values.times import SHANGHAI, district_time, parse_day

DAY_MS = 86_400_000


def parse_period(since: str | None, until: str | None) -> tuple[int | None, int | None]:
    """From the first day's beginning on, and before the end of the last day; None is unbounded. Raises `BadTime`."""
    now = district_time(system_clock_ms())
    begins = None if since is None else _midnight(parse_day(since, now, "past"))
    return begins, None if until is None else _midnight(parse_day(until, now, "past")) + DAY_MS


def _midnight(day: str) -> int:
    return int(datetime.combine(date.fromisoformat(day), time(), SHANGHAI).timestamp() * 1000)
