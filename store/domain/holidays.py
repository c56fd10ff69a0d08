"""The holidays that the bureau entered for years that the program does not know: handed out with the sync, and used by
`store.values.workdays` in every process that opens the ledger. A known year is the program's own.

May read the ledger; loads no model. The table that is typed is read by ``store/importing/holidays.py``.
"""

from __future__ import annotations

from datetime import date

import orjson

from store.db.connection import Connection
from store.values.times import stored_day
from store.values.workdays import HolidayCalendar, use_entered_years


def read_holiday_years(connection: Connection) -> dict[int, HolidayCalendar]:
    """Which holidays has the bureau entered? By year; days that are none are left out."""
    rows = connection.execute("SELECT year, off, worked FROM holiday_year WHERE deleted = 0 ORDER BY stamp, device_id")
    return {year: HolidayCalendar(_days(off), _days(worked)) for year, off, worked in rows}


def use_holiday_years(connection: Connection) -> None:
    """Count working days in this process by the holidays that this ledger knows."""
    use_entered_years(read_holiday_years(connection))


def _days(stored: str | None) -> frozenset[date]:
    days = (stored_day(str(text)) for text in orjson.loads(stored or "[]"))
    return frozenset(day for day in days if day is not None)
