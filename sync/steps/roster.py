"""roster on the device: keep the accounts, roles and devices of the central for it, sealed, in case it is set back.

It is fetched when hello names another mark than that of the roster at hand, at the end of a round: nothing else waits
for it. The central's side is ``sync/central/steps/roster.py``; ``heal.py`` sends it back.
"""

from __future__ import annotations

from sync.device.device import LOG, Device
from sync.exceptions import CentralUnreachable, RequestDeclined
from sync.protocol import Central, HelloAnswer
from sync.round_stats import RoundStats


async def keep_roster(device: Device, central: Central, stats: RoundStats, greeting: HelloAnswer) -> None:
    """Fetch the central's roster if it has changed. A failure is logged and left to the next round; so is the roster of
    a central that proved to be set back in this round, since it must get the one at hand first."""
    mark, _sealed = await device.run_in_store(device.ledger.kept_roster)
    if greeting.roster in (None, mark) or stats.set_back:
        return
    try:
        answer = await central.roster()
    except (CentralUnreachable, RequestDeclined) as error:
        LOG.warning("the roster cannot be fetched (%s)", error.code)
        return
    await device.run_in_store(device.ledger.keep_roster, answer.mark, answer.sealed)
