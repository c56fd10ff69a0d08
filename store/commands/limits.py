"""Sets the district's limits (``store/domain/limits.py``), which are replicated to all devices."""

from __future__ import annotations

from dataclasses import replace

from store.commands.exceptions import LimitTimesDisordered, LimitUnknown, SwitchUnknown
from store.db.connection import Connection
from store.db.device_facts import read_device_facts
from store.domain.limits import CLOCK_TIMES, LIMIT_NAMES, SWITCHES, read_limits
from store.exceptions import BadTime
from store.ledger.line import derived_id
from store.values.amounts import parse_scaled
from store.values.clock_times import read_clock_time
from store.values.dates import normalize_typed
from store.writer.local_writes import Draft, Ledger


def set_limit(ledger: Ledger, name: str, value: str) -> None:
    """Set one limit for the whole district. Raises `LimitUnknown`, `SwitchUnknown`, `LimitTimesDisordered`, `BadTime`,
    `BadAmount` or `BadLine`."""
    ledger.require_role("district_limit")
    if name not in LIMIT_NAMES:
        raise LimitUnknown(name=name)
    if name in SWITCHES and value.strip() not in ("0", "1"):
        raise SwitchUnknown(name=name, value=value)
    connection = ledger.database.connection()
    district = read_device_facts(connection).district
    number = _time_of_day(connection, name, value) if name in CLOCK_TIMES else parse_scaled(value, 1)
    body = {"name": name, "value": number}
    ledger.put_many([Draft("district_limit", body, id=derived_id(district, "district_limit", name))])


def _time_of_day(connection: Connection, name: str, value: str) -> int:
    """A time of the hours of offices as the limit keeps it: hours and minutes, 830 for 8:30."""
    read = read_clock_time(normalize_typed(value))
    if read is None and not (value.isdecimal() and len(value) <= len("1730")):
        raise BadTime(text=value)
    number = read.hour * 100 + read.minute if read else int(value)
    limits = replace(read_limits(connection), **{name: number})
    if number % 100 > _LAST_MINUTE or not limits.set_hours.are_in_order:
        raise LimitTimesDisordered(name=name, value=value)
    return number


_LAST_MINUTE = 59
