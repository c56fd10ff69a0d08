"""What all kinds share: the envelope's columns, the field types, and the class attributes that describe a kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import StringConstraints
from sqlalchemy.orm import registry
from sqlmodel import JSON, BigInteger, Field, SQLModel

from store.ledger.buckets import Area
from store.ledger.kind_facts import Verbs

STORE_REGISTRY = registry()
"""The device store's tables: a registry of their own, apart from the central's."""

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\d$")]
"""A date, ISO 8601."""
Month = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
"""A month, ``YYYY-MM``."""
Moment = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$")]
"""A time with its offset, ISO 8601."""
NonEmptyText = Annotated[str, StringConstraints(pattern=r"\S")]
"""Text that says something."""


@dataclass(frozen=True, slots=True)
class SearchFields:
    """Which fields of a kind are indexed, by rank: number, title, people, text; ``when`` is the date of a hit."""

    title: str
    number: str | None = None
    people: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    when: str | None = None


class LedgerLine(SQLModel, registry=STORE_REGISTRY):
    """The envelope (decision 1). ``extra`` keeps the fields that this version does not know; ``digest`` is the stored
    version's digest as a signed 64-bit integer, so that damage to the row can be detected.

    Class attributes describe the kind: ``area`` its sort of bucket, ``root`` the field with the id of the issue or
    procedure that a line belongs to, ``search_fields`` what the search index reads (None: not searchable), ``writers``
    what a role may do to its lines where that differs from its rights in the area (``store/domain/permissions.py``),
    ``deletable`` whether anybody may delete its lines."""

    area: ClassVar[Area]
    root: ClassVar[str | None] = None
    search_fields: ClassVar[SearchFields | None] = None
    writers: ClassVar[Mapping[str, Verbs]] = {}
    deletable: ClassVar[bool] = True

    id: str = Field(primary_key=True)
    district: str
    project_id: str | None = None
    stamp: int = Field(sa_type=BigInteger)
    device_id: str
    author_id: str
    deleted: bool = False
    base: int = Field(default=0, sa_type=BigInteger)
    extra: dict[str, object] | None = Field(default=None, sa_type=JSON)
    digest: int = Field(sa_type=BigInteger)
