"""What all kinds share: the envelope's columns, the field types, and the class attributes that describe a kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import AfterValidator, StringConstraints
from sqlalchemy.orm import registry
from sqlmodel import JSON, BigInteger, Field, SQLModel

from store.ledger.buckets import Area
from store.ledger.kind_facts import Verbs

STORE_REGISTRY = registry()
"""The device store's tables: a registry of their own, apart from the central's."""

_DAY = (
    "((19|20)[0-9]{2}|2100)-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|"
    "1[0-9]|2[0-8]))|((19|20)(0[48]|[2468][048]|[13579][26])|2000)-02-29"
)
"""A day that there is, from 1900 to 2100: what ``store/values/workdays.py`` computes with."""
_ID_PATTERN = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_DAY_PATTERN = f"^({_DAY})$"
_MONTH_PATTERN = "^((19|20)[0-9]{2}|2100)-(0[1-9]|1[0-2])$"
_MOMENT_PATTERN = f"^({_DAY})T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$"
PATTERN_PROBLEMS = {
    _DAY_PATTERN: "no_date", _MONTH_PATTERN: "no_date", _MOMENT_PATTERN: "no_date", r"\S": "empty",
}  # fmt: skip
"""What is wrong with a text that one of these patterns does not match (``store/ledger/validity.py``)."""

Id = Annotated[str, StringConstraints(pattern=_ID_PATTERN)]
Day = Annotated[str, StringConstraints(pattern=_DAY_PATTERN)]
"""A date, ISO 8601."""
Month = Annotated[str, StringConstraints(pattern=_MONTH_PATTERN)]
"""A month, ``YYYY-MM``."""
Moment = Annotated[str, StringConstraints(pattern=_MOMENT_PATTERN)]
"""A time with its offset, ISO 8601."""


@dataclass(frozen=True, slots=True)
class WrittenLength:
    """How many characters officers may write into a field, or into each text of a list. It is judged when an officer
    writes (`store.writer.local_writes`), never of what arrives: older versions wrote longer ones, which stay valid."""

    most: int


ONE_LINE, PHONE_LINE = WrittenLength(200), WrittenLength(60)
OneLine = Annotated[str, ONE_LINE]
"""Text that a form and a list show in one line: a place, a document's number, who was there."""
Phone = Annotated[str, PHONE_LINE]
SomeText = Annotated[str, StringConstraints(pattern=r"\S", max_length=2_000)]
"""Text that says something."""
NonEmptyText = Annotated[SomeText, ONE_LINE]
"""One line that says something: a name, a number, a title."""


def _shaped(**checks: Callable[[object], bool]) -> Callable[[dict[str, object]], dict[str, object]]:
    """A validator of an object that a field holds: these of its values, where it has them, are so; it may have more."""

    def validate(value: dict[str, object]) -> dict[str, object]:
        if not all(name not in value or check(value[name]) for name, check in checks.items()):
            raise ValueError("a value of it is of another form")
        return value

    return validate


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_day(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(_DAY, value) is not None


Adjustment = Annotated[dict[str, object], AfterValidator(_shaped(act=_is_text, date=_is_day, reason=_is_text))]
"""``{"act": "added|changed|removed", "date": day, "reason": text}``."""
ScoreLine = Annotated[dict[str, object], AfterValidator(_shaped(line=_is_text, points=_is_whole))]
"""``{"line": code, "points": tenths}``."""
ReadVersion = Annotated[dict[str, object], AfterValidator(_shaped(id=_is_text, stamp=_is_whole, device=_is_text))]
"""``{"id": line, "stamp": stamp, "device": device}``: a version of a line that somebody had read."""


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
    procedure that a line belongs to, ``of_field`` the field with the kind of line in whose bucket it lies,
    ``search_fields`` what the search index reads (None: not searchable), ``writers``
    what a role may do to its lines where that differs from its rights in the area (``store/domain/permissions.py``),
    ``deletable`` whether anybody may delete its lines."""

    area: ClassVar[Area]
    root: ClassVar[str | None] = None
    of_field: ClassVar[str | None] = None
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
