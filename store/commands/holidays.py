"""Enters the holidays of years, which are handed out to all devices (``store/domain/holidays.py``)."""

from __future__ import annotations

from collections.abc import Mapping

from store.db.device_facts import read_device_facts
from store.domain.holidays import use_holiday_years
from store.ledger.line import derived_id
from store.values.workdays import HolidayCalendar
from store.writer.local_writes import Draft, Ledger


def enter_years(ledger: Ledger, years: Mapping[int, HolidayCalendar]) -> None:
    """Write these years, each in the place of what was entered for it before, in one transaction."""
    district = read_device_facts(ledger.database.connection()).district
    ledger.put_many([_draft(district, year, calendar) for year, calendar in sorted(years.items())])
    use_holiday_years(ledger.database.connection())


def _draft(district: str, year: int, calendar: HolidayCalendar) -> Draft:
    body: dict[str, object] = {"year": year, "off": sorted(day.isoformat() for day in calendar.off)}
    if calendar.worked:
        body["worked"] = sorted(day.isoformat() for day in calendar.worked)
    return Draft("holiday_year", body, id=derived_id(district, "holiday_year", str(year)))
