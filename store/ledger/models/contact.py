"""Contact: how a person or unit is reached (domain.md, person; phones are replicated only to roles that call)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from sqlmodel import Index

from store.ledger.buckets import Area
from store.ledger.kind_facts import CREATE_AND_CHANGE, Verbs
from store.ledger.models.base import PHONE_LINE, Id, LedgerLine, OneLine, SomeText


class Contact(LedgerLine, table=True):
    """A phone of one person or unit: a line of its own in a bucket of its own, so that roles that supervise the
    district see its people without their phones. Search finds the person by it (``store/search/contact_phones.py``).
    The main phone names its owner in ``person_id`` or ``unit_id``; every further one in ``further_of``, which older
    versions do not read, so that the main phone stays the one that they show. ``label`` says what it is for."""

    __tablename__ = "contact"
    __table_args__ = (
        Index("contact_person", "person_id"),
        Index("contact_unit", "unit_id"),
        Index("contact_further", "further_of"),
    )
    area: ClassVar[Area] = Area.CONTACT
    writers: ClassVar[Mapping[str, Verbs]] = {"butler": CREATE_AND_CHANGE}

    person_id: Id | None = None
    unit_id: Id | None = None
    further_of: Id | None = None
    phone: Annotated[SomeText, PHONE_LINE]
    label: OneLine | None = None
    note: str | None = None
