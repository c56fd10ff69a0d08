"""File rule: how many attached files an act on an issue needs (domain.md, Life of an issue)."""

from __future__ import annotations

from typing import ClassVar, Literal

from sqlmodel import Field, String

from store.ledger.buckets import Area
from store.ledger.models.base import Day, LedgerLine


class FileRule(LedgerLine, table=True):
    """The district's rule that an ``act`` on issues of a ``category`` (None: any) needs so many ``files``, for acts
    from ``valid_from`` to ``valid_until`` (``store/domain/file_rules.py``)."""

    __tablename__ = "file_rule"
    area: ClassVar[Area] = Area.DISTRICT

    act: Literal["settled", "confirmed", "approved"] = Field(sa_type=String)
    files: int = Field(ge=0, le=100)
    category: Literal["procedure", "land", "funding", "labour", "utilities", "market", "policy", "other"] | None = (
        Field(default=None, sa_type=String)
    )
    valid_from: Day
    valid_until: Day | None = None
    note: str | None = None
