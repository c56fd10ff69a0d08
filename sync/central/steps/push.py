"""The central half of push: each line gets an outcome; the same lines sent again get the same answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from sync.central.request import Desk
from sync.central.writes.merge_batch import Outcome


def answer_push(desk: Desk, lines: Sequence[object]) -> bytes:
    """The central half: look each line over, lock the district, judge them in order, write, answer. Sending the same
    lines again changes nothing and gets the same answer."""
    desk.caller()
    inspected = desk.inspect(lines)
    with desk.writing() as writing:
        batch = writing.batch(inspected)
        outcomes = [batch.judge(one) for one in inspected]
        writing.carry_out(batch)
    return _encoded(outcomes, desk.now())


def _encoded(outcomes: Iterable[Outcome], now_ms: int) -> bytes:
    return orjson.dumps({"outcomes": [_told(outcome) for outcome in outcomes], "time": now_ms})


def _told(outcome: Outcome) -> dict[str, Any]:
    told: dict[str, Any] = {"id": outcome.id, "outcome": outcome.outcome}
    if outcome.outcome == "applied":
        return told if outcome.loser is None else {**told, "loser": orjson.Fragment(outcome.loser)}
    if outcome.code is not None:
        told |= {"code": outcome.code, "reason": outcome.reason}
    if outcome.winner is not None:
        told["winner"] = orjson.Fragment(outcome.winner)
    return told
