"""The central half of push: each line gets an outcome; the same lines sent again get the same answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from sync.central.request import RequestContext
from sync.central.writes.merge_batch import MergeOutcome


def answer_push(context: RequestContext, lines: Sequence[object]) -> bytes:
    """The central half: look each line over, lock the district, judge them in order, write, answer. Sending the same
    lines again changes nothing and gets the same answer."""
    context.caller()
    inspected = context.validate_lines(lines)
    with context.write() as writing:
        batch = writing.load_batch(inspected)
        outcomes = [batch.merge_line(one) for one in inspected]
        writing.write_batch(batch)
    return _encode_answer(outcomes, context.now_ms())


def _encode_answer(outcomes: Iterable[MergeOutcome], now_ms: int) -> bytes:
    return orjson.dumps({"outcomes": [_outcome_json(outcome) for outcome in outcomes], "time": now_ms})


def _outcome_json(outcome: MergeOutcome) -> dict[str, Any]:
    told: dict[str, Any] = {"id": outcome.id, "outcome": outcome.outcome}
    if outcome.outcome == "applied":
        return told if outcome.loser is None else {**told, "loser": orjson.Fragment(outcome.loser)}
    if outcome.code is not None:
        told |= {"code": outcome.code, "reason": outcome.reason}
    if outcome.winner is not None:
        told["winner"] = orjson.Fragment(outcome.winner)
    return told
