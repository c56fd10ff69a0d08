"""rotate on the device: another token takes the place of the present one, when hello says that this is due.

The new one is kept before it is used, and both are good until then: a lost answer or a kill leaves the present one, and
the next round asks again. Where it cannot be kept the device goes on with the present one, and its person is told once.
The central's side is ``sync/central/steps/rotate.py``.
"""

from __future__ import annotations

from functools import partial

from store.exceptions import GuanjiaError
from sync.device.device import LOG, Device
from sync.exceptions import CentralUnreachable, DeviceRefused, RequestDeclined
from sync.protocol import HelloAnswer
from sync.protocol.calls import Central
from sync.round_stats import RoundStats

NOTICE = "token_not_renewed"


async def rotate(device: Device, central: Central, stats: RoundStats, greeting: HelloAnswer) -> None:
    """Get another token and keep it, if that is due; a failure is left to the next round. A central that doubts its
    clock, or was set back in this round, is not asked."""
    if not is_due(stats, greeting):
        return
    try:
        await device.run_in_store(device.credentials.try_to_save)
        await central.rotate(partial(_keep, device))
    except (CentralUnreachable, RequestDeclined, DeviceRefused) as error:
        LOG.warning("no other token could be had (%s)", error.code)
    except (GuanjiaError, OSError) as error:
        await _tell_once(device, error)
    else:
        stats.token_rotated = True
        await device.run_in_store(partial(device.ledger.save_facts, token_not_renewed=""))
        LOG.info("this device has another token")


def is_due(stats: RoundStats, greeting: HelloAnswer) -> bool:
    """Whether another token is to be asked for now."""
    return greeting.rotate and not greeting.clock_doubtful and not stats.set_back


async def _keep(device: Device, token: str) -> None:
    await device.run_in_store(device.credentials.save_token, token)


async def _tell_once(device: Device, error: GuanjiaError | OSError) -> None:
    """A notice when keeping first fails, and nothing more until it has succeeded."""
    code = error.code if isinstance(error, GuanjiaError) else type(error).__name__
    LOG.warning("the other token cannot be kept (%s)", code)
    if not (await device.facts()).get(NOTICE):
        await device.run_in_store(device.ledger.add_notice, NOTICE, {"detail": code})
        await device.run_in_store(partial(device.ledger.save_facts, token_not_renewed=code))
