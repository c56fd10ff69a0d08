"""District limit: one of the district's day counts and switches (domain.md, Lights: every limit is configuration)."""

from __future__ import annotations

from typing import ClassVar

from sqlmodel import Field

from store.ledger.buckets import Area
from store.ledger.models.base import LedgerLine, NonEmptyText


class DistrictLimit(LedgerLine, table=True):
    """``name`` is one of ``store/domain/limits.py``; a limit without a line has its default there."""

    __tablename__ = "district_limit"
    area: ClassVar[Area] = Area.DISTRICT

    name: NonEmptyText
    value: int = Field(ge=0, le=100_000)
