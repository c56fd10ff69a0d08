"""Statistics entry: a project's entry in the statistics, with its four documents (R23)."""

from __future__ import annotations

from typing import ClassVar

from sqlmodel import Index

from store.ledger.buckets import Area
from store.ledger.models.base import Day, LedgerLine


class StatisticsEntry(LedgerLine, table=True):
    """The day on which each document was submitted (filing document, works contract, site photo, construction licence),
    and the day on which the project was entered."""

    __tablename__ = "statistics_entry"
    __table_args__ = (Index("statistics_entry_project", "project_id"),)
    area: ClassVar[Area] = Area.BODY

    filing: Day | None = None
    contract: Day | None = None
    photo: Day | None = None
    licence: Day | None = None
    entered: Day | None = None
    note: str | None = None
