"""fetch on the device: whole buckets, for backfill of granted ones and repair of differing ones.

Buckets arrive one after another; each is repaired in one transaction as soon as it is complete, so that memory is that
of a page and a bucket, however much differs. The central's side is ``sync/central/steps/fetch.py``.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable

from store.ledger.kinds import bucket_of, kinds
from store.ledger.line import Line
from sync.device.device import Device, parse_lines
from sync.exceptions import NotTheCentral
from sync.protocol import MAX_FETCH_BUCKETS, FetchAnswer, FetchRequest
from sync.protocol.calls import BucketSource, Central
from sync.round_stats import RoundStats
from sync.steps.paging import ask_page
from sync.steps.receipts import receipts_by_id

MAX_EMPTY_PAGES = 100
"""A page of whole buckets has lines, unless it is the last; a central that sends more empty ones leads nowhere."""
StillValid = Callable[[], Awaitable[bool]]
WholeBuckets = tuple[dict[str, list[Line]], dict[str, bytes]]
"""Buckets with all their lines, and the lines' receipts by id."""


async def fetch(device: Device, central: Central, stats: RoundStats) -> None:
    """Fetch the buckets that were granted and not fetched yet, by this round or earlier ones."""
    await repair_buckets(device, central, stats, await device.run_in_store(device.ledger.backfill_buckets))


async def repair_buckets(
    device: Device,
    central: BucketSource,
    stats: RoundStats,
    buckets: list[str],
    *,
    still_valid: StillValid | None = None,
) -> bool:
    """Make these buckets equal to the central's; lines that it lacks are queued for the next push. ``still_valid`` is
    asked before each repair, since a bucket that has just left the scope looks like an empty one; when it says no, the
    repair stops and the result is False."""
    wanted = sorted(set(buckets))
    for start in range(0, len(wanted), MAX_FETCH_BUCKETS):
        chunk = wanted[start : start + MAX_FETCH_BUCKETS]
        async with contextlib.aclosing(_whole_buckets(device, central, chunk)) as complete_buckets:
            async for whole, receipts in complete_buckets:
                stats.lines_moved = True
                if still_valid is not None and not await still_valid():
                    return False
                stats.pulled += await device.run_in_store(_repair_store, device, whole, receipts)
                stats.advance(received=sum(map(len, whole.values())))
    return True


async def _whole_buckets(
    device: Device, central: BucketSource, buckets: list[str]
) -> AsyncGenerator[WholeBuckets, None]:
    """Buckets with all their lines and receipts, as soon as they are complete. They arrive in the order of their
    names."""
    left, after, empty_pages = buckets, None, 0
    arrived: dict[str, list[Line]] = defaultdict(list)
    receipts: dict[str, bytes] = {}
    while left:
        page = await _page(device, central, buckets, after)
        empty_pages = 0 if page.lines else empty_pages + 1
        if (page.after == after and after is not None) or empty_pages > MAX_EMPTY_PAGES:
            raise NotTheCentral(central="", detail="its pages lead nowhere")
        unknown_kinds, last = _group_by_bucket(arrived, parse_lines(page.lines), set(left))
        receipts |= receipts_by_id(page.lines, page.receipts)
        if unknown_kinds:
            await device.run_in_store(device.ledger.merge, unknown_kinds, receipts=receipts)
        whole = left if page.after is None else [bucket for bucket in left if bucket < last]
        if whole:
            lines = {bucket: arrived.pop(bucket, []) for bucket in whole}
            yield lines, {line.id: receipts.pop(line.id, b"") for each in lines.values() for line in each}
        left, after = left[len(whole) :], page.after


async def _page(device: Device, central: BucketSource, buckets: list[str], after: str | None) -> FetchAnswer:
    limits = device.page_limits

    async def ask() -> FetchAnswer:
        bounds = {"limit": limits.lines, "max_bytes": limits.max_bytes}
        return await central.fetch(FetchRequest(buckets=buckets, after=after, **bounds))

    return await ask_page(device, ask, lambda page: page.after is not None)


def _group_by_bucket(arrived: dict[str, list[Line]], lines: list[Line], wanted: set[str]) -> tuple[list[Line], str]:
    """Add lines to their buckets; gives the lines of kinds that this version does not know, whose bucket only the
    central can tell, and the last bucket. Raises `NotTheCentral` for a line of another bucket."""
    unknown_kinds, last = [], ""
    for line in lines:
        bucket = bucket_of(line)
        if bucket in wanted:
            last = bucket
            arrived[bucket].append(line)
        elif line.kind in kinds():
            raise NotTheCentral(central="", detail="it sent lines that were not asked for")
        else:
            unknown_kinds.append(line)
    return unknown_kinds, last


def _repair_store(device: Device, whole: dict[str, list[Line]], receipts: dict[str, bytes]) -> int:
    differed = device.ledger.repair(list(whole), [line for lines in whole.values() for line in lines], receipts)
    device.ledger.finish_backfill(list(whole))
    return differed
