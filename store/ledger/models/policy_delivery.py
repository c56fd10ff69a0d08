"""Policy delivery: one of three dated acts that bring a policy to a project (R26)."""

from __future__ import annotations

from typing import ClassVar, Literal

from sqlmodel import JSON, Field, Index, String

from store.ledger.buckets import Area
from store.ledger.models.base import Id, LedgerLine, Moment, OneLine, SearchFields


class PolicyDelivery(LedgerLine, table=True):
    """A policy was transmitted to the project, interpreted there, or its implementation was followed."""

    __tablename__ = "policy_delivery"
    __table_args__ = (Index("policy_delivery_policy", "policy_id"), Index("policy_delivery_project", "project_id"))
    area: ClassVar[Area] = Area.BODY
    search_fields: ClassVar[SearchFields] = SearchFields(title="text", people=("who",), when="at")

    policy_id: Id
    act: Literal["transmit", "interpret", "implement"] = Field(sa_type=String)
    at: Moment
    who: list[OneLine] | None = Field(default=None, sa_type=JSON)
    text: str | None = None
    acting_for_id: Id | None = None
