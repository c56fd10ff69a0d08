"""Procedure: one standard procedure of one project, and its status (R19, R20, R32, R57)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from sqlmodel import Field, Index, String

from store.ledger.buckets import Area
from store.ledger.kind_facts import CHANGE_ONLY, Verbs
from store.ledger.models.base import Day, Id, LedgerLine, NonEmptyText, OneLine, SearchFields


class Procedure(LedgerLine, table=True):
    """``code`` is that of the definition from which it was proposed (``store/domain/procedure_catalogue``), or the
    project's own; ``name`` is stored with it, so that an old line still reads as it did. ``promise_due`` is the day by
    which the missing document of a ``conditional`` acceptance is promised; ``handler_id`` who handles it on behalf of
    the enterprise; ``day`` the day of the current status."""

    __tablename__ = "procedure"
    __table_args__ = (Index("procedure_project", "project_id"), Index("procedure_department", "department_id"))
    area: ClassVar[Area] = Area.PROCEDURE
    search_fields: ClassVar[SearchFields] = SearchFields(
        title="name", number="document", text=("reason", "note"), when="day"
    )
    writers: ClassVar[Mapping[str, Verbs]] = {"department": CHANGE_ONLY}

    code: NonEmptyText
    name: NonEmptyText
    status: Literal[
        "not_started", "preparing", "submitted", "supplementing", "conditional", "granted", "not_applicable"
    ] = Field(sa_type=String)
    department_id: Id | None = None
    handler_id: Id | None = None
    reason: str | None = None
    promise_due: Day | None = None
    document: OneLine | None = None
    day: Day | None = None
    submitted_on: Day | None = None
    note: str | None = None
    acting_for_id: Id | None = None
