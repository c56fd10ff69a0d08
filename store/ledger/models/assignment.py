"""Assignment: a person or unit that serves a project or the district in a role, from and to a date (R06, R07, R15–R18,
R28–R31); and who stands in for whom until a day. What it grants: ``store/domain/grants.py``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from sqlalchemy import text
from sqlmodel import Field, Index, String

from store.ledger.buckets import Area
from store.ledger.kind_facts import NO_VERBS, Verbs
from store.ledger.models.base import Day, Id, LedgerLine, OneLine


class Assignment(LedgerLine, table=True):
    """Who serves as what: the project, or without one the district (from ``department`` on; the line is in its bucket).
    A ``stand_in`` names who acts (``person_id``) and ``for_id``, in whose place. Completeness of the six ones and the
    roles of accounts are computed from these."""

    __tablename__ = "assignment"
    __table_args__ = (
        Index("assignment_project", "project_id"),
        Index("assignment_person", "person_id"),
        Index("assignment_stand_in", "to_date", sqlite_where=text("role = 'stand_in'")),
    )
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
        "department",
        "bureau",
        "supervision_office",
        "principal_leader",
        "auditor",
        "stand_in",
    ] = Field(sa_type=String)
    person_id: Id | None = None
    unit_id: Id | None = None
    for_id: Id | None = None
    from_date: Day | None = None
    to_date: Day | None = None
    stage: OneLine | None = None
    note: str | None = None
