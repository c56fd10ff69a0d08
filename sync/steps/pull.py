"""pull: what others wrote since this device's cursor, in commit order, and changes of its scope.

Device half: `begin` and `pull`. A page and the cursor that covers it are stored in one transaction, so that a round may
be killed anywhere and goes on where it was. Central half: `answer_pull`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import orjson

from store.exchange import Merged
from sync.ahead import call_off
from sync.device import Device, readable
from sync.exceptions import NotTheCentral
from sync.protocol import PAGE_BYTES, Central, PullAnswer, PullRequest
from sync.tally import Tally

if TYPE_CHECKING:
    from sync.central.desk import Desk
    from sync.central.view import View


async def begin(device: Device, central: Central, tally: Tally) -> None:
    """Pull before the push if this device has never read: its own lines, once pushed, would all come back otherwise."""
    if not (await device.meta()).get("cursor"):
        await pull(device, central, tally)


async def pull(device: Device, central: Central, tally: Tally) -> None:
    """Take in page after page until there is no more."""
    tally.at("pull")
    meta = await device.meta()
    async with contextlib.aclosing(_pages(central, meta.get("cursor") or None)) as pages:
        async for page in pages:
            merged = await device.do(_take_in, device, page)
            tally.moved = True
            tally.pulled += merged.applied
            tally.went(received=len(page.lines))


async def _pages(central: Central, cursor: str | None) -> AsyncGenerator[PullAnswer]:
    """The pages after a cursor. The next one is on its way while one is being stored, and never more than that, so that
    memory stays that of two pages."""
    page = await central.pull(PullRequest(cursor=cursor))
    while page.more:
        if page.cursor == cursor:
            raise NotTheCentral(central="", detail="its pages lead nowhere")
        cursor = page.cursor
        following = asyncio.create_task(central.pull(PullRequest(cursor=cursor)))
        try:
            yield page
            page = await following
        finally:
            await call_off(following)
    yield page


def _take_in(device: Device, page: PullAnswer) -> Merged:
    lines = readable(page.lines)
    return device.exchange.merge(lines, cursor=page.cursor, granted=page.granted, dropped=page.dropped)


# The central half


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
