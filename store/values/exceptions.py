"""Errors of typed values that only this package raises; those that others raise too are in ``store/exceptions.py``."""

from __future__ import annotations

from store.exceptions import BadMonth, StoreError


class BadPeriod(StoreError):
    """A typed period could not be read (``store/values/periods.py``)."""

    code = "bad_period"
    what = "“{text}” is not a period."
    data = "Nothing was written."
    remedy = (
        "Write a week like 2026W48, a month like 2026-07 or 上月, a quarter like 2026Q3 or 2026年三季度, a half like "
        "2026H1, several months like 2026年1-10月, or a year like 2026."
    )


class PeriodYearMissing(BadPeriod):
    """A period without a year, of which this year’s is mostly still to come."""

    code = "period_year_missing"
    what = "“{text}” has no year, and most of this year’s is still to come."
    remedy = "Write it with its year, like 2026年四季度 or 2026-12."


class MonthYearMissing(BadMonth):
    """A month without a year, of which this year’s has not begun."""

    code = "month_year_missing"
    what = "“{text}” has no year, and this year’s has not begun."
    remedy = "Write it with its year, like 2026-12 or 去年12月."
