"""The central half of pull: lines in commit order after a cursor, and buckets granted or withdrawn since."""

from __future__ import annotations

import orjson

from sync.central.reads.snapshot import ScopedReads
from sync.central.request import RequestContext
from sync.protocol import PAGE_BYTES, PullRequest


def answer_pull(context: RequestContext, request: PullRequest) -> bytes:
    """The central half: lines and scope changes up to the same place in the order of commits, and the cursor there.

    A page that was lost is simply asked for again. Lines travel as they are stored, never decoded."""
    with context.read() as view:
        cursor = view.parse_cursor(request.cursor) or view.initial_cursor()
        events = view.scope_events_after(cursor, request.limit)
        full = len(events) == request.limit
        until = events[-1][0] if full else view.current_seq()
        page = view.lines_after(cursor, until, request.limit, PAGE_BYTES)
        end = page.last_key[0] if page.has_more else until
        granted, dropped = _scope_changes(view, [event for event in events if event[0] <= end])
        answer = {
            "lines": [orjson.Fragment(wire) for wire in page.lines],
            "granted": granted,
            "dropped": dropped,
            "cursor": view.cursor_token(cursor._replace(seq=end)),
            "more": full or page.has_more,
            "time": context.now_ms(),
        }
    return orjson.dumps(answer)


def _scope_changes(reads: ScopedReads, events: list[tuple[int, str, bool]]) -> tuple[list[str], list[str]]:
    """What the events of this page come to now: a bucket that has left again since is not granted any more, one
    that has come back is not dropped."""
    touched = {bucket: granted for _, bucket, granted in events}
    mine = reads.in_scope(list(touched))
    granted = sorted(bucket for bucket, entered in touched.items() if entered and bucket in mine)
    dropped = sorted(bucket for bucket, entered in touched.items() if not entered and bucket not in mine)
    return granted, dropped
