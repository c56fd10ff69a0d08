"""The central half of pull: lines in commit order after a cursor, and buckets granted or withdrawn since."""

from __future__ import annotations

import orjson

from sync.central.reads.snapshot import View
from sync.central.request import Desk
from sync.protocol import PAGE_BYTES, PullRequest


def answer_pull(desk: Desk, request: PullRequest) -> bytes:
    """The central half: lines and scope changes up to the same place in the order of commits, and the cursor there.

    A page that was lost is simply asked for again. Lines travel as they are stored, never decoded."""
    with desk.reading() as view:
        cursor = view.cursor(request.cursor) or view.fresh()
        events = view.events_after(cursor, request.limit)
        full = len(events) == request.limit
        until = events[-1][0] if full else view.counter()
        page = view.lines_after(cursor, until, request.limit, PAGE_BYTES)
        end = page.last[0] if page.cut else until
        granted, dropped = _changes(view, [event for event in events if event[0] <= end])
        answer = {
            "lines": [orjson.Fragment(wire) for wire in page.wires],
            "granted": granted,
            "dropped": dropped,
            "cursor": view.sealed(cursor._replace(seq=end)),
            "more": full or page.cut,
            "time": desk.now(),
        }
    return orjson.dumps(answer)


def _changes(view: View, events: list[tuple[int, str, bool]]) -> tuple[list[str], list[str]]:
    """What the events of this page come to now: a bucket that has left again since is not granted any more, one
    that has come back is not dropped."""
    touched = {bucket: granted for _, bucket, granted in events}
    mine = view.in_scope(list(touched))
    granted = sorted(bucket for bucket, entered in touched.items() if entered and bucket in mine)
    dropped = sorted(bucket for bucket, entered in touched.items() if not entered and bucket not in mine)
    return granted, dropped
