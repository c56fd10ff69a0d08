"""Policy: a circular or measure that projects should know of (R26, R59)."""

from __future__ import annotations

from typing import ClassVar, Literal

from sqlmodel import JSON, Field, String

from store.ledger.buckets import Area
from store.ledger.models.base import Day, LedgerLine, NonEmptyText, OneLine, SearchFields


class Policy(LedgerLine, table=True):
    """A circular: who issued it when, who may read it, its recipients, its annexes. ``number`` is the document number,
    where it has one."""

    __tablename__ = "policy"
    area: ClassVar[Area] = Area.DISTRICT
    search_fields: ClassVar[SearchFields] = SearchFields(
        title="title", number="number", text=("issuer", "text"), when="issued"
    )

    title: NonEmptyText
    number: OneLine | None = None
    issuer: OneLine | None = None
    issued: Day | None = None
    publicity: Literal["public", "on_request", "internal"] | None = Field(default=None, sa_type=String)
    recipients: list[OneLine] | None = Field(default=None, sa_type=JSON)
    annexes: list[OneLine] | None = Field(default=None, sa_type=JSON)
    text: str | None = None
