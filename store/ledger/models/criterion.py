"""Criterion: one score line by which the district evaluates (R53)."""

from __future__ import annotations

from typing import ClassVar

from sqlmodel import Field

from store.ledger.buckets import Area
from store.ledger.models.base import LedgerLine, NonEmptyText, OneLine, SearchFields


class Criterion(LedgerLine, table=True):
    """``points`` is the maximum of the score line, in tenths; ``fact`` the ledger's figure that is shown beside the
    score, so that an evaluation can be checked (``store/queries/evaluation_facts.py``)."""

    __tablename__ = "criterion"
    area: ClassVar[Area] = Area.BUREAU
    search_fields: ClassVar[SearchFields] = SearchFields(title="name", number="code")

    code: NonEmptyText
    name: NonEmptyText
    points: int = Field(ge=0, le=10_000)
    fact: OneLine | None = None
    rank: int | None = Field(default=None, ge=-(10**9), le=10**9)
