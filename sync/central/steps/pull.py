"""pull at the central: lines in commit order after a cursor, and buckets that entered or left the scope since."""

from __future__ import annotations

import orjson

from sync.central.db.tables import ScopeEventRow
from sync.central.exceptions import FirstSyncWaits
from sync.central.reads.cursor import FirstRead, reads_from_the_beginning
from sync.central.reads.snapshot import ScopedReads
from sync.central.receipts import ReceiptKey
from sync.central.request import RequestContext
from sync.protocol import PAGE_BYTES, PullRequest


def answer_pull(context: RequestContext, request: PullRequest) -> bytes:
    """The page after a cursor, as JSON."""
    if reads_from_the_beginning(request.cursor):
        require_turn(context)  # before anything is read for it
    with context.read() as reads:
        page = read_page(context, reads, request)
    return orjson.dumps(page)


def require_turn(context: RequestContext) -> None:
    """Called before a page for a device that reads from the beginning is made. Raises `FirstSyncWaits`."""
    if context.first_syncs_wait:
        raise FirstSyncWaits


def read_page(
    context: RequestContext, reads: ScopedReads, request: PullRequest, *, may_begin_first_read: bool = False
) -> dict[str, object]:
    """Lines and scope changes up to the same place in the order of commits, and the cursor for that place; or the next
    lines of a first read, which begins where it may and where one page does not hold everything.

    After a lost answer the device asks for the page again. A device that reads from the beginning has nothing to lose.
    Lines are sent as they are stored, never decoded. Raises `FirstSyncWaits`."""
    size, now_ms = min(request.max_bytes or PAGE_BYTES, PAGE_BYTES), context.now_ms()
    if first := _first_read(reads, request, may_begin=may_begin_first_read):
        require_turn(context)
        return _first_page(reads, first, request.limit, size, now_ms)
    cursor = reads.parse_cursor(request.cursor) or reads.initial_cursor()
    if cursor.seq < cursor.since:
        require_turn(context)
    events = reads.scope_events_after(cursor, request.limit)
    full = len(events) == request.limit
    until = events[-1].seq if full else reads.current_seq()
    page = reads.lines_after(cursor, until, request.limit, size)
    end = page.last.seq if page.has_more else until
    granted, dropped = _scope_changes(reads, [event for event in events if event.seq <= end])
    told = reads.butlers_of(dropped, now_ms)
    return {
        **({"butlers": told} if told else {}),
        "lines": [orjson.Fragment(wire) for wire in page.lines],
        "receipts": ReceiptKey(reads.caller.secret).receipts(page.lines),
        "lost": [lost.model_dump() for lost in reads.lost_versions(page)] if request.cursor else [],
        "granted": granted,
        "dropped": dropped,
        "cursor": reads.cursor_token(cursor._replace(seq=end)),
        "more": full or page.has_more,
        "time": now_ms,
    }


def _first_read(reads: ScopedReads, request: PullRequest, *, may_begin: bool) -> FirstRead | None:
    first = reads.parse_first_read(request.cursor)
    if first is None and may_begin and request.cursor is None:
        begun = reads.begin_first_read()
        return begun if begun.total > request.limit else None
    return first


def _first_page(reads: ScopedReads, first: FirstRead, limit: int, size: int, now_ms: int) -> dict[str, object]:
    """The next lines of a first read. What entered or left the scope since it began follows it, in commit order."""
    page, first = reads.first_lines(first, limit, size)
    return {
        "lines": [orjson.Fragment(wire) for wire in page.lines],
        "receipts": ReceiptKey(reads.caller.secret).receipts(page.lines),
        "lost": [],
        "granted": [],
        "dropped": [],
        "cursor": reads.first_read_token(first),
        "more": page.has_more or first.since < reads.current_seq(),
        "first": first.total,
        "time": now_ms,
    }


def _scope_changes(reads: ScopedReads, events: list[ScopeEventRow]) -> tuple[list[str], list[str]]:
    """The net result of the events: buckets granted, and buckets dropped. A bucket that has left again since is not
    granted any more, one that has come back is not dropped."""
    changed = {event.bucket: event.granted for event in events}
    in_scope = reads.in_scope(list(changed))
    granted = sorted(bucket for bucket, entered in changed.items() if entered and bucket in in_scope)
    dropped = sorted(bucket for bucket, entered in changed.items() if not entered and bucket not in in_scope)
    return granted, dropped
