"""Training: integrity education or professional training of butlers and contacts (R44, R45)."""

from __future__ import annotations

from typing import ClassVar, Literal

from sqlmodel import Field, String

from store.ledger.buckets import Area
from store.ledger.models.base import Id, LedgerLine, Moment, NonEmptyText, OneLine, SearchFields


class Training(LedgerLine, table=True):
    """Who trained when, and how long (``minutes``). Each attendance is a line of its own (``attendance.py``)."""

    __tablename__ = "training"
    area: ClassVar[Area] = Area.DISTRICT
    search_fields: ClassVar[SearchFields] = SearchFields(title="title", text=("place", "text"), when="at")

    title: NonEmptyText
    kind: Literal["integrity", "professional"] = Field(sa_type=String)
    organiser_id: Id | None = None
    at: Moment
    minutes: int = Field(ge=0, le=100_000)
    place: OneLine | None = None
    text: str | None = None
