"""A kind of line in one file: model, texts, who may write it. Nothing else in the program knows of it.

The store's own kinds are files in ``store/ledger/models``; this one is made known by `toy_kind`, with a registry of its
own, so that its table is never part of the store's schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, ClassVar

from pydantic import StringConstraints
from sqlalchemy.orm import registry

from store.db.migrations.run import engine_over
from store.ledger.buckets import Area
from store.ledger.kind_facts import CREATE_AND_CHANGE, NO_VERBS, Verbs
from store.ledger.kinds import register, unregister
from store.ledger.models.base import LedgerLine, NonEmptyText, SearchFields
from store.writer.sync_writes import SyncLedger


class ToyBase(LedgerLine, registry=registry()):
    """The envelope in a registry apart from the store's."""


class Toy(ToyBase, table=True):
    """A toy of a project: its lead leader brings it, its butler only looks on."""

    __tablename__ = "toy"
    area: ClassVar[Area] = Area.HEAD
    search_fields: ClassVar[SearchFields] = SearchFields(title="name", text=("story",))
    writers: ClassVar[Mapping[str, Verbs]] = {"lead_leader": CREATE_AND_CHANGE, "butler": NO_VERBS}

    name: NonEmptyText
    loud: bool | None = None
    story: str | None = None


class LaterBase(LedgerLine, registry=registry()):
    """The same for a later version's kind, whose table has the same name."""


class LaterToy(LaterBase, table=True):
    """The toy as a later version defines it: its story must be short."""

    __tablename__ = "toy"
    area: ClassVar[Area] = Area.HEAD
    search_fields: ClassVar[SearchFields] = Toy.search_fields
    writers: ClassVar[Mapping[str, Verbs]] = Toy.writers

    name: NonEmptyText
    loud: bool | None = None
    story: Annotated[str, StringConstraints(max_length=4)] | None = None


@contextmanager
def toy_kind(model: type[LedgerLine] = Toy) -> Iterator[None]:
    """Inside the block there is a kind ``toy``; afterwards this program has never heard of it."""
    register(model)
    try:
        yield
    finally:
        unregister(model)


def migrate_toy(exchange: SyncLedger) -> None:
    """The toy kind's migration: its table."""
    with engine_over(exchange.database.connection()).connect() as work:
        Toy.metadata.tables["toy"].create(work)
        work.commit()
