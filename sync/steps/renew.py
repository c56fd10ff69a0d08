"""renew: a copied or restored store becomes a device of its own before it syncs.

Device half: `renew`. Two stores that stamp as one device could give two versions one rank; so a store remembers where
its file lies, and one that lies elsewhere than it did, or that a backup was restored into, asks for a new id and token.
Central half: `answer_renew`.
"""

from __future__ import annotations

from store.ledger.line import new_id
from sync.device.device import LOG, Device, device_name, is_copy, store_fingerprint
from sync.protocol import Central, DeviceName, RenewRequest


async def renew(device: Device, central: Central) -> bool:
    """Become a device of our own if this store is a copy; gives whether. ``central`` speaks with the new token from
    then on; the old one stays good for the original."""
    meta = await device.meta()
    place = store_fingerprint(device.home.database)
    if not is_copy(meta, device.home.database):
        if meta.get("place") != place:
            await device.run_in_store(device.exchange.save_device_state, place=place)
        return False
    own = DeviceName(id=new_id(), name=meta.get("device_name") or device_name())
    answer = await central.renew(RenewRequest(device=own))
    await device.run_in_store(device.credentials.save_token, answer.token)
    await device.run_in_store(device.exchange.save_device_state, device=own.id, renew="", place=place)
    LOG.info("this store is a copy: it is a device of its own now, %s", own.id)
    return True
