"""The central half of hello: is there news after the cursor, and do the checksums of the scope agree?"""

from __future__ import annotations

from store.ledger.buckets import Sum
from sync.central.request import Desk
from sync.protocol import PROTOCOL, HelloAnswer, HelloRequest


def answer_hello(desk: Desk, request: HelloRequest) -> HelloAnswer:
    """The central half: is there news after the cursor, and do the digests of the scope agree?"""
    desk.require(request.protocol)
    with desk.reading() as view:
        cursor, total = view.cursor(request.cursor), view.total()
        return HelloAnswer(
            protocol=PROTOCOL,
            time=desk.now(),
            news=view.has_news(cursor),
            equal=total == Sum(*request.agreed),
            central=view.caller.central,
            lines=total.lines,
        )
