"""The central half of history: the versions of a line that the central keeps."""

from __future__ import annotations

import orjson

from sync.central.request import RequestContext
from sync.protocol import WireLine, WireMessage


class HistoryVersion(WireMessage):
    """One version: the line, when the central received it (milliseconds since 1970), and why it is not current."""

    line: WireLine
    received_at: int
    reason: str | None
    current: bool


class HistoryAnswer(WireMessage):
    """The versions of a line that the central keeps, the current one first."""

    versions: list[HistoryVersion]


def answer_history(context: RequestContext, line_id: str) -> bytes | None:
    """The central half: the current version, then those set aside, latest first; None for hidden and missing."""
    with context.read() as view:
        versions = view.history(line_id)
    if not versions:
        return None
    told = [
        {
            "line": orjson.Fragment(past.wire),
            "received_at": past.received_at,
            "reason": past.reason,
            "current": past.reason is None,
        }
        for past in versions
    ]
    return orjson.dumps({"versions": told})
