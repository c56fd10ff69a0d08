"""Saved view: how a person filters and sorts a list, by a name."""

from __future__ import annotations

from typing import ClassVar

from sqlmodel import JSON, Field

from store.ledger.buckets import Area
from store.ledger.models.base import Id, LedgerLine, NonEmptyText, OneLine


class SavedView(LedgerLine, table=True):
    """A view of the list ``place`` that the person ``person_id`` has saved. ``choices`` are the filter's values as
    ``name=value``, ``sort`` the column that sorts it, with ``-`` before it where that is downwards. Everybody writes
    their own (``store/domain/permissions.py``)."""

    __tablename__ = "saved_view"
    area: ClassVar[Area] = Area.DISTRICT

    person_id: Id
    place: NonEmptyText
    name: NonEmptyText
    choices: list[OneLine] | None = Field(default=None, sa_type=JSON)
    sort: OneLine | None = None
