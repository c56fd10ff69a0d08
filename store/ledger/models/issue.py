"""Issue: a difficulty, problem or request of a project or its enterprise (R24, R49, R58)."""

from __future__ import annotations

from typing import ClassVar, Literal

from sqlmodel import Field, Index, String

from store.ledger.buckets import Area
from store.ledger.models.base import Day, Id, LedgerLine, Moment, NonEmptyText, SearchFields


class Issue(LedgerLine, table=True):
    """The issue as recorded. Its state is computed from its steps (``store/domain/issue_lifecycle.py``), never edited
    here."""

    __tablename__ = "issue"
    __table_args__ = (Index("issue_project", "project_id"),)
    area: ClassVar[Area] = Area.ISSUE
    search_fields: ClassVar[SearchFields] = SearchFields(
        title="title", number="number", text=("text",), when="raised_at"
    )

    number: NonEmptyText
    title: NonEmptyText
    kind: Literal["difficulty", "problem", "request"] = Field(sa_type=String)
    about: Literal["project", "enterprise"] | None = Field(default=None, sa_type=String)
    category: Literal["procedure", "land", "funding", "labour", "utilities", "market", "policy", "other"] | None = (
        Field(default=None, sa_type=String)
    )
    urgency: Literal["immediate", "express", "urgent", "routine"] | None = Field(default=None, sa_type=String)
    department_id: Id | None = None
    owner_id: Id | None = None
    due: Day | None = None
    source: Literal["visit", "report", "meeting"] | None = Field(default=None, sa_type=String)
    source_id: Id | None = None
    raised_at: Moment | None = None
    text: str | None = None
    acting_for_id: Id | None = None
