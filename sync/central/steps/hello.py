"""hello at the central: is there news after the cursor, and are the checksums of the scope equal?"""

from __future__ import annotations

from store.ledger.buckets import SetChecksum
from sync.central.request import RequestContext
from sync.protocol import PROTOCOL, HelloAnswer, HelloRequest


def answer_hello(context: RequestContext, request: HelloRequest) -> HelloAnswer:
    """News after the cursor, equality of the checksums, the epoch, and the central's time, from one snapshot. A cursor
    that this central cannot have given in its present state begins a new epoch. Raises `Refusal` (401, 426)."""
    context.require_protocol(request.protocol)
    answer, is_set_back = _answer(context, request)
    if not is_set_back:
        return answer
    context.begin_epoch(request.cursor)
    return _answer(context, request)[0]


def _answer(context: RequestContext, request: HelloRequest) -> tuple[HelloAnswer, bool]:
    with context.read() as reads:
        cursor, total = reads.parse_cursor(request.cursor), reads.total_checksum()
        answer = HelloAnswer(
            protocol=PROTOCOL,
            time=context.now_ms(),
            news=reads.has_news(cursor),
            equal=total == SetChecksum(*request.agreed),
            central=reads.caller.central,
            lines=total.lines,
            epoch=reads.caller.epoch,
        )
        return answer, reads.set_back(request.cursor) is not None
