"""Issue step: one act on an issue. Steps are only ever added, so that acts of two devices never conflict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from sqlalchemy import text as sql
from sqlmodel import JSON, Field, Index, String

from store.ledger.buckets import Area
from store.ledger.kind_facts import CREATE_AND_CHANGE, Verbs
from store.ledger.models.base import Day, Id, LedgerLine, Moment, OneLine, ReadVersion, SearchFields


class IssueStep(LedgerLine, table=True):
    """One act of the transition table in domain.md, with its fields: a reason, a date, a department, an owner.
    ``with_ids``: the departments that co-handle an assigned issue. ``request_id``: the request for an extension (a
    step) that this one grants or refuses. ``taken_over``: the table that tells of it; whoever
    took it over did not do it."""

    __tablename__ = "issue_step"
    __table_args__ = (
        Index("issue_step_issue", "issue_id"),
        Index(
            "issue_step_turned_back",
            "issue_id",
            sqlite_where=sql("act IN ('returned', 'rejected', 'reopened', 'disputed') AND deleted = 0"),
        ),
    )
    area: ClassVar[Area] = Area.ISSUE
    root: ClassVar[str | None] = "issue_id"
    search_fields: ClassVar[SearchFields] = SearchFields(
        title="text", text=("measure", "evidence", "reason"), when="at"
    )
    writers: ClassVar[Mapping[str, Verbs]] = dict.fromkeys(
        ("lead_leader", "department", "supervision_office", "principal_leader"), CREATE_AND_CHANGE
    )
    deletable: ClassVar[bool] = False

    issue_id: Id
    act: Literal[
        "recorded", "assigned", "accepted", "disputed", "progress", "waiting", "extended", "escalated", "resolved",
        "settled", "confirmed", "rejected", "approved", "returned", "reopened", "cancelled", "reminded", "supervised",
        "told", "opinion", "passed_on", "extension_asked", "extension_refused",
    ] = Field(sa_type=String)  # fmt: skip
    at: Moment | None = None
    text: str | None = None
    reason: str | None = None
    department_id: Id | None = None
    with_ids: list[Id] | None = Field(default=None, sa_type=JSON)
    owner_id: Id | None = None
    due: Day | None = None
    until: Day | None = None
    waiting_for: Literal["enterprise", "authority", "agreement"] | None = Field(default=None, sa_type=String)
    level: int | None = Field(default=None, ge=1, le=3)
    meeting_id: Id | None = None
    measure: str | None = None
    evidence: str | None = None
    cause: Literal["dissatisfied", "supervision"] | None = Field(default=None, sa_type=String)
    merged_into: Id | None = None
    close_number: OneLine | None = None
    versions: list[ReadVersion] | None = Field(default=None, sa_type=JSON)
    acting_for_id: Id | None = None
    taken_over: OneLine | None = None
    request_id: Id | None = None
