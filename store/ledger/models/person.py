"""Person: someone of the district's offices or of an enterprise; matched on normalised name and phone (domain.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from sqlmodel import Index

from store.ledger.buckets import Area
from store.ledger.kind_facts import CREATE_AND_CHANGE, Verbs
from store.ledger.models.base import Day, Id, LedgerLine, NonEmptyText, OneLine, Phone, SearchFields


class Person(LedgerLine, table=True):
    """A named person. Roles are held per project, by assignments. Phones are `contact` lines; ``phone`` is read from
    lines of older versions. From ``retired_on`` on the person is no longer offered where names are typed."""

    __tablename__ = "person"
    __table_args__ = (Index("person_name", "name", "id"),)
    area: ClassVar[Area] = Area.DISTRICT
    search_fields: ClassVar[SearchFields] = SearchFields(title="name", text=("phone", "title", "note"))
    writers: ClassVar[Mapping[str, Verbs]] = {"butler": CREATE_AND_CHANGE}

    name: NonEmptyText
    phone: Phone | None = None
    unit_id: Id | None = None
    title: OneLine | None = None
    note: str | None = None
    retired_on: Day | None = None
