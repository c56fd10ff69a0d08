"""Holiday year: the days off and the days worked instead that the State Council announced for one year."""

from __future__ import annotations

from typing import ClassVar

from sqlmodel import JSON, Field

from store.ledger.buckets import Area
from store.ledger.models.base import Day, LedgerLine


class HolidayYear(LedgerLine, table=True):
    """Entered by the bureau for a year that the program does not know; ``off`` are all days off, ``worked`` the
    weekends worked instead (``store/domain/holidays.py``)."""

    __tablename__ = "holiday_year"
    area: ClassVar[Area] = Area.DISTRICT

    year: int = Field(ge=1900, le=2100)
    off: list[Day] = Field(sa_type=JSON)
    worked: list[Day] | None = Field(default=None, sa_type=JSON)
