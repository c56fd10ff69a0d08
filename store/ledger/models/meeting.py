"""Meeting: a special meeting on a project's issues (R13, R34, R36)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from sqlmodel import JSON, Field, Index

from store.ledger.buckets import Area
from store.ledger.kind_facts import ALL_VERBS, Verbs
from store.ledger.models.base import Id, LedgerLine, Moment, NonEmptyText, OneLine, SearchFields


class Meeting(LedgerLine, table=True):
    """Who met at which level about which of the project's issues; each decision is a step of its issue. A meeting on
    several projects is a line in each, so that nobody reads of a project outside their scope; these lines share
    ``session``."""

    __tablename__ = "meeting"
    __table_args__ = (Index("meeting_project", "project_id"), Index("meeting_session", "session"))
    area: ClassVar[Area] = Area.BODY
    search_fields: ClassVar[SearchFields] = SearchFields(
        title="title", number="number", people=("participants",), text=("place", "text"), when="at"
    )
    writers: ClassVar[Mapping[str, Verbs]] = {"lead_leader": ALL_VERBS, "principal_leader": ALL_VERBS}

    session: Id
    number: NonEmptyText
    title: NonEmptyText
    at: Moment
    level: int = Field(ge=1, le=3)
    chair_id: Id | None = None
    place: OneLine | None = None
    departments: list[Id] | None = Field(default=None, sa_type=JSON)
    participants: list[OneLine] | None = Field(default=None, sa_type=JSON)
    issues: list[Id] | None = Field(default=None, sa_type=JSON)
    text: str | None = None
    acting_for_id: Id | None = None
