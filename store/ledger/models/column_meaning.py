"""Column meaning: what a person said that a column of a kind of table is, so that the next table is read by itself."""

from __future__ import annotations

from typing import ClassVar

from store.ledger.buckets import Area
from store.ledger.models.base import LedgerLine, NonEmptyText


class ColumnMeaning(LedgerLine, table=True):
    """``heading``, as it is compared (`store.importing.headings.normalize_heading`), is the ``field`` of a ``ledger``
    in the tables of this district. Offices pass one form around, so it is the district's and not a person's or a
    device's; the latest that is said holds."""

    __tablename__ = "column_meaning"
    area: ClassVar[Area] = Area.DISTRICT

    ledger: NonEmptyText
    heading: NonEmptyText
    field: NonEmptyText
