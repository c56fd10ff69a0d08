"""Project: what a butler serves, and its place in the district's list (R01–R06, R21)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from sqlmodel import JSON, BigInteger, Field, String

from store.ledger.buckets import Area
from store.ledger.kind_facts import CHANGE_ONLY, Verbs
from store.ledger.models.base import Adjustment, LedgerLine, NonEmptyText, OneLine, SearchFields


class Project(LedgerLine, table=True):
    """A large construction project. Its ``project_id`` is its own id; it is never deleted, only taken off the list
    by an adjustment: ``{"act": "added|changed|removed", "date": day, "reason": text}``."""

    __tablename__ = "project"
    area: ClassVar[Area] = Area.HEAD
    search_fields: ClassVar[SearchFields] = SearchFields(
        title="name", number="number", text=("owner", "national_code", "note")
    )
    writers: ClassVar[Mapping[str, Verbs]] = {"butler": CHANGE_ONLY}
    deletable: ClassVar[bool] = False

    name: NonEmptyText
    number: NonEmptyText
    category: Literal["new", "continuing", "advancing"] = Field(sa_type=String)
    stage: Literal["planning", "signed", "landed", "started", "building", "completed", "producing"] | None = Field(
        default=None, sa_type=String
    )
    scope_reason: str | None = None
    investment_yuan: int | None = Field(default=None, ge=0, le=10**15, sa_type=BigInteger)
    owner: OneLine | None = None
    national_code: str | None = Field(
        default=None, regex=r"^[0-9]{4}-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6}$|^[0-9A-Za-z-]{1,40}$"
    )
    adjustments: list[Adjustment] | None = Field(default=None, sa_type=JSON)
    note: str | None = None
