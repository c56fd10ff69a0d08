"""A valid body of every kind, made from its model, and what no field may say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Any

from store.ledger.kinds import Kind, kinds
from store.ledger.line import new_id

SOME_ID = new_id()
_BY_TYPE: Mapping[str, object] = {"string": "甲", "object": {}}
_BY_PATTERN = ("ab" * 32, "image/jpeg", "2026-05-20", "2026-05", "2026-05-20T09:00+08:00", SOME_ID)
NESTED: list[object] = reduce(lambda inner, _n: [inner], range(20), list[object]())
POISONS: tuple[object, ...] = (
    2**63, -(2**63), 2**70, float("nan"), NESTED, "a\0b", "\ud800", "\u202e倒", "\x1b[2J", "甲" + "\u0301" * 40,
    ["甲" + "\u0301" * 40], [2**70], [None] * 2_001, 1.5, None, {"a": 1},
)  # fmt: skip
"""Wrong for every field of a kind; all but the last three are wrong for unknown fields, too."""
NO_DAYS = ("9999-12-31", "2026-99-99", "2026-02-30", "1899-12-31", "２０２６-01-01", "2026-1-1", "", "明天")
"""Wrong for every day, month and time."""


def valid_body(kind: Kind) -> dict[str, object]:
    """A body with every field of the kind."""
    return {name: _sample(field) for name, field in _fields(kind).items()}


def _fields(kind: Kind) -> Mapping[str, Mapping[str, Any]]:
    properties = kind.body_model.model_json_schema()["properties"]
    return {name: field["anyOf"][0] if "anyOf" in field else field for name, field in properties.items()}


def _sample(field: Mapping[str, Any]) -> object:
    if "enum" in field:
        return field["enum"][0]
    if field["type"] == "integer":
        return max(1, field.get("minimum", 1))
    if field["type"] == "array":
        return [_sample(field["items"])]
    if field.get("pattern", r"\S") != r"\S":
        return next((text for text in _BY_PATTERN if re.search(field["pattern"], text)), "x-1")
    return _BY_TYPE[field["type"]]


def poisoned_bodies() -> Iterator[tuple[str, str, dict[str, object]]]:
    """Every field of every kind, and one that no kind has, with everything that it may not say: kind, field, body."""
    for name, kind in kinds().items():
        body = valid_body(kind)
        for field, schema in _fields(kind).items():
            for poison in _poisons_of(schema):
                yield name, field, {**body, field: poison}
        for poison in POISONS[:-3]:
            yield name, "newer_field", {**body, "newer_field": poison}


def _poisons_of(field: Mapping[str, Any]) -> Iterator[object]:
    yield from POISONS
    if "2100" in field.get("pattern", ""):
        yield from NO_DAYS
    if "maximum" in field:
        yield from (field["maximum"] + 1, field["minimum"] - 1)
