"""Follow-up: the enterprise was asked whether it is satisfied with how its issue was settled (R40, R41)."""

from __future__ import annotations

from typing import ClassVar, Literal

from sqlmodel import JSON, Field, Index, String

from store.ledger.buckets import Area
from store.ledger.models.base import Id, LedgerLine, Moment, OneLine, SearchFields


class FollowUp(LedgerLine, table=True):
    """When and how the enterprise was asked, who answered, and how satisfied they are. It has no effect by itself: an
    officer who hears of dissatisfaction reopens the issue."""

    __tablename__ = "follow_up"
    __table_args__ = (Index("follow_up_issue", "issue_id"),)
    area: ClassVar[Area] = Area.ISSUE
    root: ClassVar[str | None] = "issue_id"
    search_fields: ClassVar[SearchFields] = SearchFields(title="text", people=("who",), when="at")

    issue_id: Id
    at: Moment
    how: Literal["visit", "discussion", "phone", "wechat", "meeting", "other"] = Field(sa_type=String)
    who: list[OneLine] | None = Field(default=None, sa_type=JSON)
    satisfaction: Literal["satisfied", "basically", "dissatisfied"] = Field(sa_type=String)
    text: str | None = None
    acting_for_id: Id | None = None
