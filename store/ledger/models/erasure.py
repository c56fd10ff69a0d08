"""Erasure: the bureau has what is held on a person, or an attached file, erased, for a reason and on a legal basis."""

from __future__ import annotations

from typing import ClassVar

from sqlmodel import Index

from store.ledger.buckets import Area
from store.ledger.models.base import Id, LedgerLine, SomeText


class Erasure(LedgerLine, table=True):
    """What is held on ``person_id`` is erased, wherever this line arrives (``store/domain/erasures.py``); an id of an
    attached file is there where that is erased, since older versions read the field all the same. The line's id follows
    from it. It names nobody, and is never deleted: it also erases what arrives after it."""

    __tablename__ = "erasure"
    __table_args__ = (Index("erasure_person", "person_id"),)
    area: ClassVar[Area] = Area.DISTRICT
    deletable: ClassVar[bool] = False

    person_id: Id
    reason: SomeText
    basis: SomeText
