"""A kind that exists only for a test: it shows that adding one takes a model and a table, and nothing else."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from sqlalchemy.exc import SAWarning

from store.db.migrations.run import engine_over
from store.ledger.buckets import Area
from store.ledger.kinds import kinds
from store.ledger.models.base import STORE_REGISTRY, LedgerLine, NonEmptyText, SearchFields
from store.writer.sync_writes import SyncLedger


@contextmanager
def toy_kind() -> Iterator[None]:
    """Inside the block there is a kind ``toy``; afterwards this program has never heard of it."""

    warnings.filterwarnings("ignore", "This declarative base already contains", SAWarning)

    class Toy(LedgerLine, table=True):
        """A toy of a project."""

        __tablename__ = "toy"
        area: ClassVar[Area] = Area.HEAD
        search_fields: ClassVar[SearchFields] = SearchFields(title="name")

        name: NonEmptyText
        loud: bool | None = None

    kinds.cache_clear()
    try:
        yield
    finally:
        STORE_REGISTRY.metadata.remove(STORE_REGISTRY.metadata.tables["toy"])
        del Toy.__table__  # type: ignore[attr-defined]
        kinds.cache_clear()


def migrate_toy(exchange: SyncLedger) -> None:
    """The toy kind's migration: its table."""
    with engine_over(exchange.database.connection()).connect() as work:
        STORE_REGISTRY.metadata.tables["toy"].create(work)
        work.commit()
