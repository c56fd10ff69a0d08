"""Assignment: a person or unit that serves a project in a role, from and to a date (R06, R07, R28–R31)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from sqlmodel import Field, Index, String

from store.ledger.buckets import Area
from store.ledger.kind_facts import NO_VERBS, Verbs
from store.ledger.models.base import Day, Id, LedgerLine


class Assignment(LedgerLine, table=True):
    """Who serves the project as what. Completeness of the six ones is computed from these."""

    __tablename__ = "assignment"
    __table_args__ = (Index("assignment_project", "project_id"), Index("assignment_person", "person_id"))
    area: ClassVar[Area] = Area.HEAD
    writers: ClassVar[Mapping[str, Verbs]] = {"butler": NO_VERBS}

    role: Literal[
        "lead_leader",
        "lead_unit",
        "service_team",
        "butler",
        "project_secretary",
        "department_contact",
        "enterprise_contact",
    ] = Field(sa_type=String)
    person_id: Id | None = None
    unit_id: Id | None = None
    from_date: Day | None = None
    to_date: Day | None = None
    stage: str | None = None
    note: str | None = None
