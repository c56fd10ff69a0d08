"""Close-out: the number that the central gave to a closed issue (R48)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from sqlmodel import Field, Index

from store.ledger.buckets import Area
from store.ledger.kind_facts import NO_VERBS, Verbs
from store.ledger.models.base import Id, LedgerLine, NonEmptyText, SearchFields


class CloseOut(LedgerLine, table=True):
    """Written by the central alone, in the transaction that applies an approval, so that a district's numbers are
    gapless within a year. It belongs to one approval (``approval_id``, an issue step)."""

    __tablename__ = "close_out"
    __table_args__ = (Index("close_out_issue", "issue_id"),)
    area: ClassVar[Area] = Area.ISSUE
    root: ClassVar[str | None] = "issue_id"
    search_fields: ClassVar[SearchFields] = SearchFields(title="number", number="number")
    writers: ClassVar[Mapping[str, Verbs]] = {"butler": NO_VERBS, "bureau": NO_VERBS}

    issue_id: Id
    approval_id: Id
    number: NonEmptyText
    year: int = Field(ge=1900, le=2100)
    serial: int = Field(ge=1, le=10**9)
