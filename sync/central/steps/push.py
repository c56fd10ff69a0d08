"""push at the central: each line gets an outcome; the same lines sent again get the same answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import orjson

from sync.central.exceptions import Refusal
from sync.central.metrics import LINES
from sync.central.receipts import ReceiptKey
from sync.central.request import RequestContext
from sync.central.writes.merge_batch import FORBIDDEN, MergeOutcome
from sync.central.writes.validation import InvalidLine, ValidLine
from sync.protocol import PushChain


def answer_push(context: RequestContext, lines: Sequence[object], chain: PushChain | None = None) -> bytes:
    """The answer of `take_in`, as JSON. Raises the same."""
    return orjson.dumps(take_in(context, lines, chain))


def take_in(
    context: RequestContext, lines: Sequence[object], chain: PushChain | None, *, in_order: bool = True
) -> dict[str, object]:
    """Validate each line, lock the district, merge the lines in order, write, answer. Sending the same lines again
    changes nothing and gets the same answer. What a home wrote alone, beyond its sender's roles, is kept for the
    bureau, and so is a close-out number that a central which was set back does not know. What does not come in the
    device's order (``in_order``), as a file does not, is no link of its chain. Raises `Refusal` (409 ``twin``) for
    another copy of the home that sent the push before, with nothing stored."""
    caller = context.caller()
    validated = context.validate_lines(lines, caller)
    with context.write(caller) as transaction:
        if accepted := not in_order or transaction.accepts(chain):
            batch = transaction.load_batch(validated, alone_until_ms=chain.alone_until if chain else None)
            outcomes = [batch.merge_line(line) for line in validated]
            kept = transaction.propose(batch.proposals) | transaction.claim_numbers(batch.shown_numbers)
            outcomes = [_as_proposed(one) if one.id in kept else one for one in outcomes]
            transaction.write_batch(batch, chain=chain if in_order else None, sent=len(validated))
    if not accepted:
        raise Refusal(409, "twin", "another copy of this home has sent lines since")
    for name, number in Counter(outcome.outcome for outcome in outcomes).items():
        LINES.labels(caller.district, name).inc(number)
    receipts = ReceiptKey(caller.secret).receipts(_versions(validated, outcomes))
    answers = [_outcome_json(outcome) for outcome in outcomes]
    return {"outcomes": answers, "receipts": receipts, "time": context.now_ms()}


def _as_proposed(outcome: MergeOutcome) -> MergeOutcome:
    if outcome.code != FORBIDDEN:
        return outcome
    return outcome._replace(code="proposed", reason="it waits for the bureau")


def _versions(pushed: Sequence[ValidLine | InvalidLine], outcomes: Sequence[MergeOutcome]) -> Iterator[bytes]:
    """The versions that get a receipt, in the order of `PushAnswer`."""
    for line, outcome in zip(pushed, outcomes, strict=True):
        own = line.wire if isinstance(line, ValidLine) and outcome.outcome != "rejected" else None
        yield from (wire.encode() for wire in (own, outcome.winner, outcome.loser) if wire is not None)


def _outcome_json(outcome: MergeOutcome) -> dict[str, object]:
    answer: dict[str, object] = {"id": outcome.id, "outcome": outcome.outcome}
    if outcome.outcome == "applied":
        return answer if outcome.loser is None else {**answer, "loser": orjson.Fragment(outcome.loser)}
    if outcome.code is not None:
        answer |= {"code": outcome.code, "reason": outcome.reason}
    if outcome.winner is not None:
        answer |= {"winner": orjson.Fragment(outcome.winner), "unseen": outcome.unseen}
    return answer
