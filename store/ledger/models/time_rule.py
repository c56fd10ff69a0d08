"""Time rule: until when an issue must be settled where nobody has set a due date (domain.md, issue)."""

from __future__ import annotations

from typing import ClassVar, Literal

from sqlmodel import Field, String

from store.ledger.buckets import Area
from store.ledger.models.base import Day, LedgerLine


class TimeRule(LedgerLine, table=True):
    """The district's rule for issues of an ``urgency`` and a ``category`` (None: any): so many ``days`` of ``counting``
    since ``start``, for issues whose time begins from ``valid_from`` to ``valid_until``; ``pauses`` says which waiting
    stops the clock (``store/domain/time_rules.py``)."""

    __tablename__ = "time_rule"
    area: ClassVar[Area] = Area.DISTRICT

    days: int = Field(ge=1, le=1000)
    counting: Literal["workdays", "days"] = Field(sa_type=String)
    start: Literal["recorded", "assigned"] = Field(sa_type=String)
    urgency: Literal["immediate", "express", "urgent", "routine"] | None = Field(default=None, sa_type=String)
    category: Literal["procedure", "land", "funding", "labour", "utilities", "market", "policy", "other"] | None = (
        Field(default=None, sa_type=String)
    )
    pauses: Literal["none", "enterprise", "outside", "any"] = Field(sa_type=String)
    valid_from: Day
    valid_until: Day | None = None
    note: str | None = None
