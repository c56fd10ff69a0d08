"""The central half of hello: is there news after the cursor, and do the checksums of the scope agree?"""

from __future__ import annotations

from store.ledger.buckets import SetChecksum
from sync.central.request import RequestContext
from sync.protocol import PROTOCOL, HelloAnswer, HelloRequest


def answer_hello(context: RequestContext, request: HelloRequest) -> HelloAnswer:
    """The central half: is there news after the cursor, and do the digests of the scope agree?"""
    context.require_protocol(request.protocol)
    with context.read() as view:
        cursor, total = view.parse_cursor(request.cursor), view.total_checksum()
        return HelloAnswer(
            protocol=PROTOCOL,
            time=context.now_ms(),
            news=view.has_news(cursor),
            equal=total == SetChecksum(*request.agreed),
            central=view.caller.central,
            lines=total.lines,
        )
