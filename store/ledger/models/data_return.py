"""Data return: figures that a project owes the statistics for one period (R23)."""

from __future__ import annotations

from typing import ClassVar

from sqlmodel import Index

from store.ledger.buckets import Area
from store.ledger.models.base import Day, LedgerLine, NonEmptyText, SearchFields


class DataReturn(LedgerLine, table=True):
    """What is due for ``period`` (a month or quarter, as the statistics name it), and when it was returned."""

    __tablename__ = "data_return"
    __table_args__ = (Index("data_return_project", "project_id"),)
    area: ClassVar[Area] = Area.BODY
    search_fields: ClassVar[SearchFields] = SearchFields(title="period", text=("note",), when="due")

    period: NonEmptyText
    due: Day | None = None
    returned: Day | None = None
    note: str | None = None
