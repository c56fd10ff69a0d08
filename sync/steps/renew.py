"""renew: a copied or restored store becomes a device of its own before it syncs.

Device half: `renew`. Two stores that stamp as one device could give two versions one rank; so a store remembers where
its file lies, and one that lies elsewhere than it did, or that a backup was restored into, asks for a new id and token.
Central half: `answer_renew`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.lines import new_id
from sync.device import LOG, Device, device_name, is_copy, place_of
from sync.protocol import Central, DeviceName, RenewAnswer, RenewRequest

if TYPE_CHECKING:
    from sync.central.desk import Desk


async def renew(device: Device, central: Central) -> bool:
    """Become a device of our own if this store is a copy; gives whether. ``central`` speaks with the new token from
    then on; the old one stays good for the original."""
    meta = await device.meta()
    place = place_of(device.home.database)
    if not is_copy(meta, device.home.database):
        if meta.get("place") != place:
            await device.do(device.exchange.remember, place=place)
        return False
    own = DeviceName(id=new_id(), name=meta.get("device_name") or device_name())
    answer = await central.renew(RenewRequest(device=own))
    await device.do(device.credentials.save_token, answer.token)
    await device.do(device.exchange.remember, device=own.id, renew="", place=place)
    LOG.info("this store is a copy: it is a device of its own now, %s", own.id)
    return True


# The central half


def answer_renew(desk: Desk, request: RenewRequest) -> RenewAnswer:
    """The central half: another device of the same account, with a token of its own. The old one stays as it is."""
    return RenewAnswer(token=desk.renew(request.device))
