"""The central half of fetch: whole buckets, paged, for backfill and repair."""

from __future__ import annotations

import orjson

from sync.central.request import Desk
from sync.protocol import PAGE_BYTES, FetchRequest


def answer_fetch(desk: Desk, request: FetchRequest) -> bytes:
    """The central half: the current lines of the buckets in scope; of others nothing, as if they were empty."""
    with desk.reading() as view:
        page, after = view.lines_in(request.buckets, request.after, request.limit, PAGE_BYTES)
    return orjson.dumps({"lines": [orjson.Fragment(wire) for wire in page.wires], "after": after})
