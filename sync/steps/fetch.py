"""fetch: whole buckets, for what was newly granted and for what was found to differ.

Device half: `fetch` and `repair_buckets`. Buckets come one after another, each whole; a bucket is put right as soon
as it has come, in one transaction, so that memory is that of a page and a bucket, however much differs.
Central half: `answer_fetch`.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable

from store.ledger.kinds import bucket_of, kinds
from store.ledger.line import Line
from sync.device.device import Device, parse_lines
from sync.exceptions import NotTheCentral
from sync.protocol import MAX_FETCH_BUCKETS, Central, FetchRequest
from sync.round_stats import RoundStats

StillValid = Callable[[], Awaitable[bool]]


async def fetch(device: Device, central: Central, stats: RoundStats) -> None:
    """Fetch what was granted and not yet fetched, also by rounds before this one."""
    await repair_buckets(device, central, stats, await device.run_in_store(device.exchange.backfill_buckets))


async def repair_buckets(
    device: Device, central: Central, stats: RoundStats, buckets: list[str], *, still_valid: StillValid | None = None
) -> bool:
    """Make these buckets agree with the central's; what it lacks is queued to be sent. ``sure`` is asked before that:
    a bucket that has just left our scope looks like an empty one. Gives False if it was not, and nothing was done."""
    wanted = sorted(set(buckets))
    for start in range(0, len(wanted), MAX_FETCH_BUCKETS):
        asked = wanted[start : start + MAX_FETCH_BUCKETS]
        async with contextlib.aclosing(_whole_buckets(device, central, asked)) as arriving:
            async for whole in arriving:
                stats.lines_moved = True
                if still_valid is not None and not await still_valid():
                    return False
                stats.pulled += await device.run_in_store(_repair_store, device, whole)
                stats.advance(received=sum(map(len, whole.values())))
    return True


async def _whole_buckets(
    device: Device, central: Central, buckets: list[str]
) -> AsyncGenerator[dict[str, list[Line]], None]:
    """Buckets with all their lines, as soon as they are whole. They come in the order of their names."""
    left, after = buckets, None
    arrived: dict[str, list[Line]] = defaultdict(list)
    while left:
        page = await central.fetch(FetchRequest(buckets=buckets, after=after))
        if page.after == after and after is not None:
            raise NotTheCentral(central="", detail="its pages lead nowhere")
        strange, last = _group_by_bucket(arrived, parse_lines(page.lines), set(left))
        if strange:
            await device.run_in_store(device.exchange.merge, strange)
        whole = left if page.after is None else [bucket for bucket in left if bucket < last]
        if whole:
            yield {bucket: arrived.pop(bucket, []) for bucket in whole}
        left, after = left[len(whole) :], page.after


def _group_by_bucket(arrived: dict[str, list[Line]], lines: list[Line], asked: set[str]) -> tuple[list[Line], str]:
    """Add lines to their buckets; gives the last bucket, and the lines of kinds that this version does not know, whose
    bucket only the central can tell. Raises `NotTheCentral` for a line that was not asked for."""
    strange, last = [], ""
    for line in lines:
        bucket = bucket_of(line)
        if bucket in asked:
            last = bucket
            arrived[bucket].append(line)
        elif line.kind in kinds():
            raise NotTheCentral(central="", detail="it sent lines that were not asked for")
        else:
            strange.append(line)
    return strange, last


def _repair_store(device: Device, whole: dict[str, list[Line]]) -> int:
    differed = device.exchange.repair(list(whole), [line for lines in whole.values() for line in lines])
    device.exchange.finish_backfill(list(whole))
    return differed
