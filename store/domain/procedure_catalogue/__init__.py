"""The standard procedures as versioned data: which there are on a day, whose they are, how long they usually take.

``procedures.json`` is the data (R19, R20, R57). A definition that changes is ended (``valid_to``) and followed by
another of the same code, so that the definition from which a project's line was proposed can still be read.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypedDict

STAGES = ("land_use", "construction_permission", "construction_works", "completion", "production")
"""In the order in which they follow each other; procedures of one stage run side by side."""
BEFORE_BUILDING = STAGES[:3]
"""The stages that must be finished before building may start (R19, R57)."""


class _DefinitionRow(TypedDict):
    code: str
    name: str
    name_en: str
    stage: str
    department: str
    days: int | dict[str, int] | None
    core: bool
    categories: list[str]
    note: str
    valid_from: str
    valid_to: str | None


class ProcedureDefinition(NamedTuple):
    """One standard procedure. ``days`` is how many working days it usually takes, None where that is not known;
    ``core`` ones are proposed for every project of ``categories``, the others where they apply."""

    code: str
    name: str
    name_en: str
    stage: str
    department: str
    days: int | None
    core: bool
    categories: tuple[str, ...]
    note: str
    valid_from: str
    valid_to: str | None


@cache
def definitions() -> tuple[ProcedureDefinition, ...]:
    """Every version of every definition, in the order in which a project meets them."""
    rows = json.loads((Path(__file__).parent / "procedures.json").read_text(encoding="utf-8"))
    return tuple(_definition(row) for row in rows)


def definitions_on(
    day: str, candidates: tuple[ProcedureDefinition, ...] | None = None
) -> tuple[ProcedureDefinition, ...]:
    """The definitions that hold on a day, ``YYYY-MM-DD``."""
    known = definitions() if candidates is None else candidates
    return tuple(item for item in known if item.valid_from <= day and (item.valid_to is None or day <= item.valid_to))


def procedures_for(category: str, day: str, *, include_optional: bool = False) -> tuple[ProcedureDefinition, ...]:
    """The procedures that a project of this category should go through; with ``include_optional`` also those that only
    some projects need."""
    return tuple(
        item for item in definitions_on(day) if category in item.categories and (item.core or include_optional)
    )


def procedure_order(code: str) -> int:
    """A procedure's rank in the order of `definitions`; one that is no standard procedure comes last."""
    codes = [item.code for item in definitions()]
    return codes.index(code) if code in codes else len(codes)


def definition(code: str, day: str) -> ProcedureDefinition | None:
    """The definition of a code as it holds on a day."""
    return next((item for item in definitions_on(day) if item.code == code), None)


def _definition(row: _DefinitionRow) -> ProcedureDefinition:
    days = row["days"]
    longest = max(days.values()) if isinstance(days, dict) else days  # by kind of form: the longest counts
    head = (row["code"], row["name"], row["name_en"], row["stage"], row["department"], longest, row["core"])
    return ProcedureDefinition(*head, tuple(row["categories"]), row["note"], row["valid_from"], row["valid_to"])
