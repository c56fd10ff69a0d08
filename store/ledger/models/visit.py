"""Visit: one line of the service log (R14, R35, R42, R47)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from sqlalchemy import text
from sqlmodel import JSON, Field, Index, String

from store.ledger.buckets import Area
from store.ledger.kind_facts import ALL_VERBS, Verbs
from store.ledger.models.base import Id, LedgerLine, Moment, OneLine, SearchFields


class Visit(LedgerLine, table=True):
    """When, where and how a project was served, by whom, what was seen, which issues were raised or advanced."""

    __tablename__ = "visit"
    __table_args__ = (
        Index("visit_project", "project_id", "at", "id", sqlite_where=text("deleted = 0")),
        Index("visit_at", "at", "id", sqlite_where=text("deleted = 0")),
    )
    area: ClassVar[Area] = Area.BODY
    search_fields: ClassVar[SearchFields] = SearchFields(
        title="text", people=("participants",), text=("place",), when="at"
    )
    writers: ClassVar[Mapping[str, Verbs]] = {"lead_leader": ALL_VERBS}

    at: Moment
    how: Literal["visit", "discussion", "phone", "wechat", "meeting", "other"] = Field(sa_type=String)
    place: OneLine | None = None
    participants: list[OneLine] | None = Field(default=None, sa_type=JSON)
    participants_note: OneLine | None = None
    text: str | None = None
    issues_raised: list[Id] | None = Field(default=None, sa_type=JSON)
    issues_moved: list[Id] | None = Field(default=None, sa_type=JSON)
    acting_for_id: Id | None = None
