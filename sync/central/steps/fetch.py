"""The central half of fetch: whole buckets, paged, for backfill and repair."""

from __future__ import annotations

import orjson

from sync.central.request import RequestContext
from sync.protocol import PAGE_BYTES, FetchRequest


def answer_fetch(context: RequestContext, request: FetchRequest) -> bytes:
    """The central half: the current lines of the buckets in scope; of others nothing, as if they were empty."""
    with context.read() as view:
        page, after = view.lines_in_buckets(request.buckets, request.after, request.limit, PAGE_BYTES)
    return orjson.dumps({"lines": [orjson.Fragment(wire) for wire in page.lines], "after": after})
