"""verify: a round ends by comparing set-digests; where they differ, only the buckets that differ travel again.

Device half: `verify`. Sums of the whole scope ride on hello; sums of 256 groups, then of the buckets within the groups
that differ, narrow a difference down (decision 6). What left the scope unheard, as when a central was set back to an
older copy, is named too, and forgotten. Central half: `answer_verify`.
"""

from __future__ import annotations

from sync.device.device import Device
from sync.protocol import Central, HelloAnswer, VerifyRequest
from sync.round_stats import RoundStats
from sync.steps.fetch import fetch, repair_buckets
from sync.steps.hello import hello
from sync.steps.pull import pull
from sync.steps.push import push

MAX_COMPARISONS = 4
"""Others may write while we compare; after as many tries the next round goes on."""


async def verify(device: Device, central: Central, stats: RoundStats, hello_answer: HelloAnswer | None) -> None:
    """Compare, and put right what differs. ``greeting`` is the hello of this round when nothing moved since."""
    for _ in range(MAX_COMPARISONS):
        stats.begin_step("verify")
        standing = hello_answer or await hello(device, central, stats)
        hello_answer = None
        if standing.news:
            await pull(device, central, stats)
            await fetch(device, central, stats)
        elif standing.equal:
            stats.verified, stats.differing_buckets = True, ()
            return
        elif not await _repair_differences(device, central, stats):
            return


async def _repair_differences(device: Device, central: Central, stats: RoundStats) -> bool:
    """Find what differs, fetch it, and send what the central lacks. Our own rows are counted afresh first, since it may
    be they that are damaged. Gives False when nothing came of it, as with a line that cannot be read here."""
    recounted = await device.run_in_store(device.exchange.recompute_checksums)
    before = (stats.pulled, stats.pushed, stats.superseded)
    cursor = (await device.meta()).get("cursor") or None
    sums = await device.run_in_store(device.exchange.group_checksums)
    groups = await central.verify(VerifyRequest(cursor=cursor, groups=dict(sums)))
    if groups.news or not groups.differ:
        return True
    sums = await device.run_in_store(device.exchange.bucket_checksums, groups.differ)
    buckets = await central.verify(VerifyRequest(cursor=cursor, buckets=dict(sums), within=groups.differ))
    if buckets.news:
        return True
    stats.differing_buckets = buckets.differ
    if buckets.dropped:
        await device.run_in_store(device.exchange.merge, [], dropped=buckets.dropped)

    async def nothing_new() -> bool:
        return not (await hello(device, central, stats)).news

    if not await repair_buckets(device, central, stats, buckets.differ, still_valid=nothing_new):
        return True
    await push(device, central, stats)
    return bool(recounted or buckets.dropped) or (stats.pulled, stats.pushed, stats.superseded) != before
