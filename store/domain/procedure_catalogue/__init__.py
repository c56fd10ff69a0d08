"""The standard procedures, as versioned data: which there are on a day, whose they are, how long they usually take.

``procedures.json`` is the data (R19, R20, R57). A definition that changes is ended (``valid_to``) and followed by
another of the same code, so that what a project's line was proposed from can still be read. Nothing else is code.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

STAGES = ("land_use", "construction_permission", "construction_works", "completion", "production")
"""In the order in which they follow each other; procedures of one stage run side by side."""
BEFORE_BUILDING = STAGES[:3]
"""What must be through before building may start (R19, R57)."""


class ProcedureDefinition(NamedTuple):
    """One standard procedure. ``days`` is how many working days it usually takes, None where nobody says; ``core`` ones
    are proposed for every project of ``categories``, the others where they apply."""

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
    return tuple(one for one in known if one.valid_from <= day and (one.valid_to is None or day <= one.valid_to))


def procedures_for(category: str, day: str, *, include_optional: bool = False) -> tuple[ProcedureDefinition, ...]:
    """What a project of this category should go through; with ``everything`` also what only some projects need."""
    return tuple(one for one in definitions_on(day) if category in one.categories and (one.core or include_optional))


def procedure_order(code: str) -> int:
    """A procedure's place in the order; what is no standard procedure comes last."""
    codes = [one.code for one in definitions()]
    return codes.index(code) if code in codes else len(codes)


def definition(code: str, day: str) -> ProcedureDefinition | None:
    """The definition of a code as it holds on a day."""
    return next((one for one in definitions_on(day) if one.code == code), None)


def _definition(row: dict[str, Any]) -> ProcedureDefinition:
    days = row["days"]
    longest = max(days.values()) if isinstance(days, dict) else days  # a report takes longest, a mere form less
    return ProcedureDefinition(**{**row, "days": longest, "categories": tuple(row["categories"])})
