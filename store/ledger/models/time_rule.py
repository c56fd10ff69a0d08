"""Time rule: until when an act on an issue must be done where nobody has set a day (domain.md, issue)."""

from __future__ import annotations

from typing import ClassVar, Literal

from sqlmodel import Field, String

from store.ledger.buckets import Area
from store.ledger.models.base import Day, LedgerLine, OneLine


class TimeRule(LedgerLine, table=True):
    """The district's rule for an ``act`` (None: settling) on issues of an ``urgency`` and a ``category`` (None: any):
    so many ``days`` of ``counting`` since ``start``, for times that begin from ``valid_from`` to ``valid_until``;
    ``pauses`` says which waiting stops the clock, ``extended_by`` which role alone extends it, when it is asked
    (``store/domain/time_rules.py``). An act is any word: a rule for one that a later version adds must not be read as
    one for settling here."""

    __tablename__ = "time_rule"
    area: ClassVar[Area] = Area.DISTRICT

    days: int = Field(ge=1, le=1000)
    counting: Literal["workdays", "days", "hours", "clock_hours"] = Field(sa_type=String)
    start: Literal["recorded", "assigned", "called"] = Field(sa_type=String)
    urgency: Literal["immediate", "express", "urgent", "routine"] | None = Field(default=None, sa_type=String)
    category: Literal["procedure", "land", "funding", "labour", "utilities", "market", "policy", "other"] | None = (
        Field(default=None, sa_type=String)
    )
    pauses: Literal["none", "enterprise", "outside", "any"] = Field(sa_type=String)
    valid_from: Day
    valid_until: Day | None = None
    note: str | None = None
    act: OneLine | None = None
    extended_by: Literal["butler", "lead_leader", "bureau"] | None = Field(default=None, sa_type=String)
