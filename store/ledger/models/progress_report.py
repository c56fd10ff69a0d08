"""Progress report: a project's figures of one month (R10, R21)."""

from __future__ import annotations

from typing import ClassVar

from sqlmodel import BigInteger, Field, Index

from store.ledger.buckets import Area
from store.ledger.models.base import Id, LedgerLine, Month, SearchFields


class ProgressReport(LedgerLine, table=True):
    """Money in yuan: ``planned`` for the whole year, ``done`` of it since January, ``total`` since the start. ``month``
    is ``YYYY-MM``; ``physical`` describes the physical progress of the building."""

    __tablename__ = "progress_report"
    __table_args__ = (Index("progress_report_project", "project_id", "month"),)
    area: ClassVar[Area] = Area.BODY
    search_fields: ClassVar[SearchFields] = SearchFields(title="physical", text=("text",), when="month")

    month: Month
    planned: int | None = Field(default=None, ge=0, le=10**15, sa_type=BigInteger)
    done: int | None = Field(default=None, ge=0, le=10**15, sa_type=BigInteger)
    total: int | None = Field(default=None, ge=0, le=10**15, sa_type=BigInteger)
    physical: str | None = None
    text: str | None = None
    acting_for_id: Id | None = None
