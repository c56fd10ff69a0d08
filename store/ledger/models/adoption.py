"""Adoption: whether a unit has set up its own butler system (R51)."""

from __future__ import annotations

from typing import ClassVar, Literal

from sqlmodel import Field, String

from store.ledger.buckets import Area
from store.ledger.models.base import Day, Id, LedgerLine, SearchFields


class Adoption(LedgerLine, table=True):
    """One line for each unit: it has set the system up, is improving one it had, or has none yet."""

    __tablename__ = "adoption"
    area: ClassVar[Area] = Area.DISTRICT
    search_fields: ClassVar[SearchFields] = SearchFields(title="note", when="day")

    unit_id: Id
    status: Literal["set_up", "improving", "not_yet"] = Field(sa_type=String)
    day: Day | None = None
    note: str | None = None
