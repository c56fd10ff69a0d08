"""hello at the central: is there news after the cursor, and are the checksums of the scope equal?"""

from __future__ import annotations

from store.ledger.buckets import SetChecksum
from sync.central.request import RequestContext
from sync.protocol import PROTOCOL, HelloAnswer, HelloRequest


def answer_hello(context: RequestContext, request: HelloRequest) -> HelloAnswer:
    """News after the cursor, equality of the checksums, and the central's time, from one snapshot. Raises `Refusal`
    (401, 426)."""
    context.require_protocol(request.protocol)
    with context.read() as reads:
        cursor, total = reads.parse_cursor(request.cursor), reads.total_checksum()
        return HelloAnswer(
            protocol=PROTOCOL,
            time=context.now_ms(),
            news=reads.has_news(cursor),
            equal=total == SetChecksum(*request.agreed),
            central=reads.caller.central,
            lines=total.lines,
        )
