"""Phrase: a text that is written again and again, offered in the text fields of forms."""

from __future__ import annotations

from typing import ClassVar

from store.ledger.buckets import Area
from store.ledger.models.base import Id, LedgerLine, SomeText


class Phrase(LedgerLine, table=True):
    """A phrase of the person ``person_id``, or of the whole district where that is None. Everybody writes their own
    (``store/domain/permissions.py``)."""

    __tablename__ = "phrase"
    area: ClassVar[Area] = Area.DISTRICT

    text: SomeText
    person_id: Id | None = None
