"""verify: a round ends by comparing set-digests; where they differ, only the buckets that differ travel again.

Device half: `verify`. Sums of the whole scope ride on hello; sums of 256 groups, then of the buckets within the groups
that differ, narrow a difference down (decision 6).
"""

from __future__ import annotations

from sync.device import Device
from sync.protocol import Central, HelloAnswer, VerifyRequest
from sync.steps.fetch import fetch, refetch
from sync.steps.hello import hello
from sync.steps.pull import pull
from sync.steps.push import push
from sync.tally import Tally

ATTEMPTS = 4
"""Others may write while we compare; after as many tries the next round goes on."""


async def verify(device: Device, central: Central, tally: Tally, greeting: HelloAnswer | None) -> None:
    """Compare, and put right what differs. ``greeting`` is the hello of this round when nothing moved since."""
    for _ in range(ATTEMPTS):
        standing = greeting or await hello(device, central, tally)
        greeting = None
        if standing.news:
            await pull(device, central, tally)
            await fetch(device, central, tally)
        elif standing.equal:
            tally.verified = True
            return
        else:
            await _put_right(device, central, tally)


async def _put_right(device: Device, central: Central, tally: Tally) -> None:
    """Find what differs, fetch it, and send what the central lacks. Our own rows are counted afresh first, since it may
    be they that are damaged."""
    await device.do(device.exchange.recount)
    cursor = (await device.meta()).get("cursor")
    sums = await device.do(device.exchange.agreed_groups)
    groups = await central.verify(VerifyRequest(cursor=cursor, groups=dict(sums)))
    if groups.news or not groups.differ:
        return
    sums = await device.do(device.exchange.agreed_buckets, groups.differ)
    buckets = await central.verify(VerifyRequest(cursor=cursor, buckets=dict(sums), within=groups.differ))
    if not buckets.news:
        await refetch(device, central, tally, buckets.differ)
        await push(device, central, tally)
