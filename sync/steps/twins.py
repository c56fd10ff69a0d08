"""push, where the central may answer that another copy of this home has sent since: then this one becomes a device of
its own, unless it was the central that was set back.

Several calls together, for the round and for what a comparison has to send.
"""

from __future__ import annotations

from sync.device.device import Device
from sync.exceptions import HomeCopied
from sync.protocol.calls import Central
from sync.round_stats import RoundStats
from sync.steps.heal import heal, send_versions
from sync.steps.hello import hello
from sync.steps.push import push
from sync.steps.renew import renew_twin

EVIDENCE_TRANSACTIONS = 20
"""The receipts of so many transactions show whether the central has what it acknowledged last."""


async def push_as_own_device(device: Device, central: Central, stats: RoundStats) -> None:
    """Push; where the central says that another copy of this home has done so, as a device of its own, unless the
    central was set back and has lost this one's latest push."""
    try:
        await push(device, central, stats)
    except HomeCopied:
        if not await heal_if_set_back(device, central, stats):
            await renew_twin(device, central)
        await push(device, central, stats)


async def heal_if_set_back(device: Device, central: Central, stats: RoundStats) -> bool:
    """Whether the central does not know this device's latest push because it has lost it: it is shown what it
    acknowledged last, and where it lacks any of that, it is healed. A central that was set back and has taken lines
    since may have nothing else to know it by."""
    if not stats.can_heal:
        return False
    known = (await device.facts()).get("epoch") or None
    refs = await device.run_in_store(device.ledger.latest_receipted, EVIDENCE_TRANSACTIONS)
    await send_versions(device, central, stats, refs, known)
    greeting = await hello(device, central, stats)
    if greeting.epoch == known:
        return False
    await heal(device, central, stats, greeting)
    return True
