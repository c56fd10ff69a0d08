"""fetch at the central: whole buckets, paged, for backfill and repair."""

from __future__ import annotations

import orjson

from sync.central.receipts import ReceiptKey
from sync.central.request import RequestContext
from sync.protocol import PAGE_BYTES, FetchRequest


def answer_fetch(context: RequestContext, request: FetchRequest) -> bytes:
    """The answer of `read_buckets`, as JSON."""
    return orjson.dumps(read_buckets(context, request))


def read_buckets(context: RequestContext, request: FetchRequest) -> dict[str, object]:
    """The current lines of the buckets in scope. A bucket out of scope looks like an empty one."""
    with context.read() as reads:
        max_bytes = min(request.max_bytes or PAGE_BYTES, PAGE_BYTES)
        page, after = reads.lines_in_buckets(request.buckets, request.after, request.limit, max_bytes)
        receipts = ReceiptKey(reads.caller.secret).receipts(page.lines)
    lines = [orjson.Fragment(wire) for wire in page.lines]
    return {"lines": lines, "receipts": receipts, "after": after}
