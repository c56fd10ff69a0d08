"""Evaluation: how a unit or a person did in a period (R52–R56)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from sqlmodel import JSON, Field, Index, String

from store.ledger.buckets import Area
from store.ledger.kind_facts import ALL_VERBS, Verbs
from store.ledger.models.base import Id, LedgerLine, NonEmptyText, ScoreLine, SearchFields


class Evaluation(LedgerLine, table=True):
    """``scores`` are ``{"line": code, "points": tenths}`` by the district's score lines (``criterion.py``); ``score``
    is their sum, or what was given without lines, in tenths. Criticism names one of the notice's three reasons
    (``fault``) and its legal basis. Seen by those who supervise the district; circulated by a report."""

    __tablename__ = "evaluation"
    __table_args__ = (Index("evaluation_period", "period"),)
    area: ClassVar[Area] = Area.BUREAU
    search_fields: ClassVar[SearchFields] = SearchFields(title="reason", text=("basis", "text"), when="period")
    writers: ClassVar[Mapping[str, Verbs]] = {"supervision_office": ALL_VERBS}

    period: NonEmptyText
    unit_id: Id | None = None
    person_id: Id | None = None
    scores: list[ScoreLine] | None = Field(default=None, sa_type=JSON)
    score: int | None = Field(default=None, ge=0, le=10_000)
    outcome: Literal["none", "commendation", "criticism"] = Field(sa_type=String)
    fault: Literal["fraud", "perfunctory", "not_serving"] | None = Field(default=None, sa_type=String)
    reason: str | None = None
    basis: str | None = None
    text: str | None = None
