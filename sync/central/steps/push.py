"""push at the central: each line gets an outcome; the same lines sent again get the same answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import orjson

from sync.central.request import RequestContext
from sync.central.writes.merge_batch import MergeOutcome


def answer_push(context: RequestContext, lines: Sequence[object]) -> bytes:
    """Validate each line, lock the district, merge the lines in order, write, answer. Sending the same lines again
    changes nothing and gets the same answer."""
    caller = context.caller()
    validated = context.validate_lines(lines)
    with context.write(caller) as transaction:
        batch = transaction.load_batch(validated)
        outcomes = [batch.merge_line(line) for line in validated]
        transaction.write_batch(batch)
    return _encode_answer(outcomes, context.now_ms())


def _encode_answer(outcomes: Iterable[MergeOutcome], now_ms: int) -> bytes:
    return orjson.dumps({"outcomes": [_outcome_json(outcome) for outcome in outcomes], "time": now_ms})


def _outcome_json(outcome: MergeOutcome) -> dict[str, object]:
    answer: dict[str, object] = {"id": outcome.id, "outcome": outcome.outcome}
    if outcome.outcome == "applied":
        return answer if outcome.loser is None else {**answer, "loser": orjson.Fragment(outcome.loser)}
    if outcome.code is not None:
        answer |= {"code": outcome.code, "reason": outcome.reason}
    if outcome.winner is not None:
        answer["winner"] = orjson.Fragment(outcome.winner)
    return answer
