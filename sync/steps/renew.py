"""renew on the device: a copied or restored store becomes a device of its own before it syncs.

Two stores with one device id could give two versions the same stamp and device, which no rule can order. So a store
records a fingerprint of its file; when that differs, or a backup was restored, it asks for a new device id and token.
The central's side is ``sync/central/steps/renew.py``.
"""

from __future__ import annotations

from store.db.device_facts import DeviceFacts
from sync.device.device import LOG, Device, device_name
from sync.device.fingerprint import is_copy
from sync.protocol import DeviceName, RenewRequest
from sync.protocol.calls import Central


async def renew(device: Device, central: Central, facts: DeviceFacts) -> bool:
    """Enrol this store, of which these are the ``facts``, as a device of its own if it is a copy; gives whether it is.
    ``central`` uses the new token from then on, and the old one ends with its first use: whichever copy syncs first
    goes on."""
    fingerprint = device.fingerprint()
    place = str(fingerprint)
    if not is_copy(facts, fingerprint):
        if (own_id := facts.get("renewing")) and _is_token_of(
            await device.run_in_store(device.credentials.token), own_id
        ):
            await device.run_in_store(device.ledger.become_twin, own_id)  # killed after its token was saved
        if facts.get("place") != place:
            await device.run_in_store(device.ledger.save_facts, place=place)
        return False
    own = _own_name(device, facts)
    await device.run_in_store(device.ledger.save_facts, renewing=own.id)  # a lost answer is asked for again
    if not _is_token_of(await device.run_in_store(device.credentials.token), own.id):  # else killed after it was saved
        answer = await central.renew(RenewRequest(device=own))
        await device.run_in_store(device.credentials.save_token, answer.token)
    await device.run_in_store(device.ledger.become_device, own.id, place)
    LOG.info("this store is a copy: it is a device of its own now, %s", own.id)
    return True


async def renew_twin(device: Device, central: Central) -> None:
    """Enrol this store as a device of its own beside the other copy of it, which the central has found out. What is
    unsent becomes this device's: the edits of two copies did not know of each other. The person is told."""
    facts = await device.facts()
    own = _own_name(device, facts)
    await device.run_in_store(device.ledger.save_facts, renewing=own.id)
    answer = await central.renew(RenewRequest(device=own, twin=True))
    await device.run_in_store(device.credentials.save_token, answer.token)
    await device.run_in_store(device.ledger.become_twin, own.id)
    LOG.info("this store is one of two copies: it is a device of its own now, %s", own.id)


def _own_name(device: Device, facts: DeviceFacts) -> DeviceName:
    """What this store will be as a device of its own. It has its keys for bundles from its first round on."""
    return DeviceName(id=facts.get("renewing") or device.new_id(), name=facts.get("device_name") or device_name())


def _is_token_of(token: str | None, device: str) -> bool:
    """Whether a token (``district.device.secret``) is this device's."""
    return (token or "").split(".")[1:2] == [device]
