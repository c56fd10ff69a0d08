"""roster on the device: keep the accounts, roles and devices of the central for it, sealed, in case it is set back.

It is fetched when hello names another mark than that of the roster at hand, at the end of a round: nothing else waits
for it. The central's side is ``sync/central/steps/roster.py``; ``heal.py`` sends it back, and `come_back` where the
central does not even know the device.
"""

from __future__ import annotations

from sync.device.device import LOG, Device
from sync.exceptions import CentralUnreachable, DeviceRefused, RequestDeclined
from sync.protocol import HelloAnswer, ReturnRequest
from sync.protocol.calls import Central
from sync.round_stats import RoundStats


async def keep_roster(device: Device, central: Central, stats: RoundStats, greeting: HelloAnswer) -> None:
    """Fetch the central's roster if it has changed, as it has when this device has got another token: the central could
    be set back before the next round. A failure is logged and left to the next round; so is the roster of
    a central that proved to be set back in this round, since it must get the one at hand first."""
    mark, _sealed = await device.run_in_store(device.ledger.kept_roster)
    if not is_due(mark, stats, greeting):
        return
    try:
        answer = await central.roster()
    except (CentralUnreachable, RequestDeclined) as error:
        LOG.warning("the roster cannot be fetched (%s)", error.code)
        return
    await device.run_in_store(device.ledger.keep_roster, answer.mark, answer.sealed)


def is_due(mark: str, stats: RoundStats, greeting: HelloAnswer) -> bool:
    """Whether another roster than the one at hand, with this ``mark``, is to be fetched."""
    return greeting.roster is not None and (greeting.roster != mark or stats.token_rotated) and not stats.set_back


async def come_back(device: Device, central: Central) -> bool:
    """Show a central that does not know this device the roster that it keeps: if the central was set back to before
    this device joined, it knows the device again. Gives whether it does."""
    _mark, sealed = await device.run_in_store(device.ledger.kept_roster)
    if not sealed:
        return False
    try:
        await central.come_back(ReturnRequest(roster=sealed))
    except (RequestDeclined, DeviceRefused):
        return False
    LOG.info("the central was set back to before this device joined, and knows it again")
    return True
