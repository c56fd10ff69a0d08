"""Merge: two records of one person or one unit, and which of them stays."""

from __future__ import annotations

from typing import ClassVar, Literal

from sqlmodel import Field, String

from store.ledger.buckets import Area
from store.ledger.models.base import Id, LedgerLine


class Merge(LedgerLine, table=True):
    """``from_id`` is shown as ``into_id`` from now on, wherever it stands (``store/domain/merges.py``). The line's id
    follows from ``from_id``, so that a record is merged into one other; undone by deleting the line. The bureau's."""

    __tablename__ = "merge"
    area: ClassVar[Area] = Area.DISTRICT

    what: Literal["person", "unit"] = Field(sa_type=String)
    from_id: Id
    into_id: Id
    note: str | None = None
