"""Sets the district's limits (``store/domain/limits.py``), which are replicated to all devices."""

from __future__ import annotations

from store.commands.exceptions import LimitUnknown, SwitchUnknown
from store.db.device_facts import read_device_facts
from store.domain.limits import LIMIT_NAMES, SWITCHES
from store.ledger.line import derived_id
from store.values.amounts import parse_scaled
from store.writer.local_writes import Draft, Ledger


def set_limit(ledger: Ledger, name: str, value: str) -> None:
    """Set one limit for the whole district. Raises `LimitUnknown`, `SwitchUnknown`, `BadAmount` or `BadLine`."""
    ledger.require_role("district_limit")
    if name not in LIMIT_NAMES:
        raise LimitUnknown(name=name)
    if name in SWITCHES and value.strip() not in ("0", "1"):
        raise SwitchUnknown(name=name, value=value)
    district = read_device_facts(ledger.database.connection()).district
    body = {"name": name, "value": parse_scaled(value, 1)}
    ledger.put_many([Draft("district_limit", body, id=derived_id(district, "district_limit", name))])
