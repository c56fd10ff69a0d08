"""Unit: a department, a lead unit or an enterprise (domain.md, Records; R31, R33)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from sqlmodel import Field, String

from store.ledger.buckets import Area
from store.ledger.kind_facts import CREATE_AND_CHANGE, Verbs
from store.ledger.models.base import Day, Id, LedgerLine, NonEmptyText, Phone, SearchFields


class Unit(LedgerLine, table=True):
    """A department, lead unit or enterprise of the district; ``phone`` and ``retired_on`` as in `person`.
    ``contact_id`` is the person to ask for there (R28, R31), who has the phone."""

    __tablename__ = "unit"
    area: ClassVar[Area] = Area.DISTRICT
    search_fields: ClassVar[SearchFields] = SearchFields(title="name", text=("phone", "note"))
    writers: ClassVar[Mapping[str, Verbs]] = {"butler": CREATE_AND_CHANGE}

    name: NonEmptyText
    kind: Literal["department", "lead_unit", "enterprise", "other"] | None = Field(default=None, sa_type=String)
    phone: Phone | None = None
    note: str | None = None
    contact_id: Id | None = None
    retired_on: Day | None = None
