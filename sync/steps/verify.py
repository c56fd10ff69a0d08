"""verify: a round ends by comparing set-digests; where they differ, only the buckets that differ travel again.

Device half: `verify`. Sums of the whole scope ride on hello; sums of 256 groups, then of the buckets within the groups
that differ, narrow a difference down (decision 6). What left the scope unheard, as when a central was set back to an
older copy, is named too, and forgotten. Central half: `answer_verify`.
"""

from __future__ import annotations

from sync.device.device import Device
from sync.protocol import Central, HelloAnswer, VerifyRequest
from sync.round_stats import Tally
from sync.steps.fetch import fetch, refetch
from sync.steps.hello import hello
from sync.steps.pull import pull
from sync.steps.push import push

ATTEMPTS = 4
"""Others may write while we compare; after as many tries the next round goes on."""


async def verify(device: Device, central: Central, tally: Tally, greeting: HelloAnswer | None) -> None:
    """Compare, and put right what differs. ``greeting`` is the hello of this round when nothing moved since."""
    for _ in range(ATTEMPTS):
        tally.at("verify")
        standing = greeting or await hello(device, central, tally)
        greeting = None
        if standing.news:
            await pull(device, central, tally)
            await fetch(device, central, tally)
        elif standing.equal:
            tally.verified, tally.differ = True, ()
            return
        elif not await _put_right(device, central, tally):
            return


async def _put_right(device: Device, central: Central, tally: Tally) -> bool:
    """Find what differs, fetch it, and send what the central lacks. Our own rows are counted afresh first, since it may
    be they that are damaged. Gives False when nothing came of it, as with a line that cannot be read here."""
    recounted = await device.do(device.exchange.recount)
    before = (tally.pulled, tally.pushed, tally.superseded)
    cursor = (await device.meta()).get("cursor") or None
    sums = await device.do(device.exchange.agreed_groups)
    groups = await central.verify(VerifyRequest(cursor=cursor, groups=dict(sums)))
    if groups.news or not groups.differ:
        return True
    sums = await device.do(device.exchange.agreed_buckets, groups.differ)
    buckets = await central.verify(VerifyRequest(cursor=cursor, buckets=dict(sums), within=groups.differ))
    if buckets.news:
        return True
    tally.differ = buckets.differ
    if buckets.dropped:
        await device.do(device.exchange.merge, [], dropped=buckets.dropped)

    async def nothing_new() -> bool:
        return not (await hello(device, central, tally)).news

    if not await refetch(device, central, tally, buckets.differ, sure=nothing_new):
        return True
    await push(device, central, tally)
    return bool(recounted or buckets.dropped) or (tally.pulled, tally.pushed, tally.superseded) != before
