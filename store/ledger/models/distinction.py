"""Distinction: two records that look like one person or unit, and that the bureau has said to be two."""

from __future__ import annotations

from typing import ClassVar, Literal

from sqlmodel import Field, String

from store.ledger.buckets import Area
from store.ledger.models.base import Id, LedgerLine


class Distinction(LedgerLine, table=True):
    """These two are not the same, so they are not proposed as doubles again. ``first_id`` is the lesser of the two ids,
    and the line's id follows from both."""

    __tablename__ = "distinction"
    area: ClassVar[Area] = Area.DISTRICT

    what: Literal["person", "unit"] = Field(sa_type=String)
    first_id: Id
    second_id: Id
    note: str | None = None
