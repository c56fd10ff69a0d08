"""history at the central: the stored versions of a line."""

from __future__ import annotations

import orjson

from sync.central.request import RequestContext


def answer_history(context: RequestContext, line_id: str) -> bytes | None:
    """A `HistoryAnswer`: the current version, then the replaced ones, latest first. None for a line that is missing or
    out of scope."""
    with context.read() as reads:
        versions = reads.history(line_id)
    if not versions:
        return None
    answer = [
        {
            "line": orjson.Fragment(version.wire),
            "received_at": version.received_at,
            "reason": version.reason,
            "current": version.reason is None,
        }
        for version in versions
    ]
    return orjson.dumps({"versions": answer})
