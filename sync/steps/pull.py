"""pull on the device: what others wrote since its cursor, in commit order, and changes of its scope.

A page and the cursor that covers it are stored in one transaction, so that a round may be killed anywhere and goes on
where it was. The central's side is ``sync/central/steps/pull.py``.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from store.db.device_facts import DeviceFacts
from store.writer.first_read import FirstReadPage
from store.writer.given_up import ProjectButler
from store.writer.sync_writes import MergeResult
from sync.device.device import Device, parse_lines
from sync.exceptions import NotTheCentral
from sync.protocol import HelloAnswer, PullAnswer, PullRequest
from sync.protocol.calls import Central
from sync.round_stats import RoundStats
from sync.steps.paging import ask_page
from sync.steps.prefetch import cancel_and_wait
from sync.steps.receipts import receipts_by_id

MAX_EMPTY_PAGES = 1_000
"""So many pages in a row may bring changes of scope and no line; a central that sends more of them leads nowhere."""


async def initial_pull(device: Device, central: Central, stats: RoundStats) -> None:
    """Pull before the push if this device has never pulled: otherwise its own lines, once pushed, would all come
    back."""
    if not (await device.facts()).get("cursor"):
        await pull(device, central, stats)


def is_due(facts: DeviceFacts, stats: RoundStats, greeting: HelloAnswer) -> bool:
    """Whether there are pages after the cursor, or all of them are still to come."""
    return greeting.news or stats.pull_due or not facts.get("cursor")


async def pull(device: Device, central: Central, stats: RoundStats) -> None:
    """Merge page after page until there are no more."""
    stats.begin_step("pull")
    facts = await device.facts()
    async with contextlib.aclosing(_pages(device, central, facts.get("cursor") or None)) as pages:
        async for page in pages:
            await take_page(device, stats, page)


async def take_page(device: Device, stats: RoundStats, page: PullAnswer, *, late: bool = False) -> None:
    """Merge a page, and count what it brought; ``late`` is as in `SyncLedger.merge`."""
    merged = await device.run_in_store(_merge_page, device, page, late)
    stats.lines_moved = True
    stats.pull_due &= page.more
    stats.pulled += merged.applied
    stats.superseded += merged.superseded
    stats.advance(received=len(page.lines))


class PageSequence:
    """Sees to it that pages lead somewhere; begins at a cursor."""

    def __init__(self, cursor: str | None) -> None:
        self._cursor = cursor
        self._empty_pages = 0

    def check(self, page: PullAnswer) -> None:
        """Raise `NotTheCentral` when a page that is not the last does not advance the cursor."""
        self._empty_pages = 0 if page.lines else self._empty_pages + 1
        if page.more and (page.cursor == self._cursor or self._empty_pages > MAX_EMPTY_PAGES):
            raise NotTheCentral(central="", detail="its pages lead nowhere")
        self._cursor = page.cursor


async def _pages(device: Device, central: Central, cursor: str | None) -> AsyncGenerator[PullAnswer]:
    """The pages after a cursor. One page is prefetched while the one before is being stored, so that memory stays that
    of two pages. Raises `NotTheCentral` when a cursor does not advance."""
    page, sequence = await _page(device, central, cursor), PageSequence(cursor)
    while page.more:
        sequence.check(page)
        following = asyncio.create_task(_page(device, central, page.cursor))
        try:
            yield page
            page = await following
        finally:
            await cancel_and_wait(following)
    yield page


async def _page(device: Device, central: Central, cursor: str | None) -> PullAnswer:
    """The page after a cursor, as long as the line carries."""
    limits = device.page_limits

    async def ask() -> PullAnswer:
        return await central.pull(PullRequest(cursor=cursor, limit=limits.lines, max_bytes=limits.max_bytes))

    return await ask_page(device, ask, lambda page: page.more)


def _merge_page(device: Device, page: PullAnswer, late: bool) -> MergeResult:
    lines = parse_lines(page.lines)
    receipts = receipts_by_id(page.lines, page.receipts)
    if page.first is not None:
        return device.ledger.merge_first_read(lines, FirstReadPage(page.first, page.more), page.cursor, receipts)
    lost = frozenset((each.id, each.stamp) for each in page.lost)
    return device.ledger.merge(
        lines, cursor=page.cursor, granted=page.granted, dropped=page.dropped, receipts=receipts, lost=lost, late=late,
        butlers=[ProjectButler(each.project, each.person, each.name) for each in page.butlers],
    )  # fmt: skip
