"""Fields of dataclasses, for JSON."""

from __future__ import annotations

from dataclasses import Field, fields
from functools import cache
from typing import ClassVar, Protocol


class Record(Protocol):
    """A dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[object]]]


def field_values(record: Record) -> dict[str, object]:
    """The fields of a dataclass by name, in their order. Unlike `dataclasses.asdict` it copies nothing: records within
    stay records, which orjson writes as they are. A list of a million lines needs it once a row."""
    return {name: getattr(record, name) for name in _field_names(type(record))}


@cache
def _field_names(record_class: type[Record]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(record_class))
