"""Evaluation: score lines, scores, commendation and criticism of units and persons (R52–R56)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from store.commands import register_lines
from store.commands.exceptions import EntryFieldMissing
from store.commands.people import WriteResult
from store.commands.register_lines import FieldInput
from store.domain.registers import CRITICISM_FAULTS, EVALUATION_REGISTER
from store.values.amounts import parse_scaled
from store.writer.local_writes import Ledger

LEGAL_BASIS = "《辽宁省优化营商环境条例》"
"""The basis that the notice names first (R56); the other two are given where they apply."""
FAULT_BY_NOTICE_TERM = {"弄虚作假": "fraud", "应付了事": "perfunctory", "不真为企业办事": "not_serving"}
"""The notice's own terms for the three reasons of criticism (R55)."""


class Score(TypedDict):
    """The points of one score line: its code, and tenths of a point."""

    line: str
    points: int


def evaluate(ledger: Ledger, *, lines: Sequence[str] = (), **fields: object) -> WriteResult:
    """Evaluate a unit or a person for a period. ``lines`` are ``CODE=POINTS``; their sum is the score unless one is
    given. A criticism's ``reason`` may be one of the three (`CRITICISM_FAULTS`, or in the notice's terms); its basis is
    the provincial regulation unless another is given. Raises `FieldMissing` and what `register_lines.add` raises."""
    if bool(fields.get("unit")) == bool(fields.get("person")):
        raise EntryFieldMissing(fields="unit | person")
    return register_lines.add(ledger, EVALUATION_REGISTER, **_with_derived_fields(fields, lines))


def edit(ledger: Ledger, reference: str, *, lines: Sequence[str] = (), **changes: object) -> WriteResult:
    """Change an evaluation. Raises what `register_lines.edit` raises."""
    return register_lines.edit(ledger, EVALUATION_REGISTER, reference, **_with_derived_fields(changes, lines))


def _with_derived_fields(fields: FieldInput, lines: Sequence[str]) -> dict[str, object]:
    known = {name: value for name, value in fields.items() if value is not None}
    if lines:
        scores = [_parse_score(text) for text in lines]
        known["scores"] = scores
        known.setdefault("score", f"{sum(score['points'] for score in scores) / 10}")
    if known.get("outcome") == "criticism":
        reason = str(known.get("reason") or "")
        fault = reason if reason in CRITICISM_FAULTS else FAULT_BY_NOTICE_TERM.get(reason)
        if fault:
            known.setdefault("fault", fault)
        known.setdefault("basis", LEGAL_BASIS)
    return known


def _parse_score(text: str) -> Score:
    code, _equals, points = text.partition("=")
    return {"line": code.strip(), "points": parse_scaled(points, 10)}
