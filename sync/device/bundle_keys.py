"""The device's keys for bundles: they follow from a secret seed among the facts of its encrypted store."""

from __future__ import annotations

from store.db.device_facts import read_device_facts
from sync.device.device import Device
from sync.protocol.bundle.keys import SEED_BYTES, BundleKeys, keys_from_seed

SEED = "bundle_seed"
"""The fact that the keys follow from. A copied home gets another one with its own device."""


def bundle_keys(device: Device) -> BundleKeys:
    """The keys of this device, made with their first use. To be called in the store's thread."""
    seed = read_device_facts(device.ledger.database.connection()).get(SEED)
    if not seed:
        seed = device.chance.random_bytes(SEED_BYTES).hex()
        device.ledger.save_facts(**{SEED: seed})
    return keys_from_seed(bytes.fromhex(seed))
