"""On which of a person's devices reminders are told: on the one at which the person worked last."""

from __future__ import annotations

from store.db.device_facts import read_device_facts
from store.ledger.line import derived_id
from store.values.times import district_time, format_moment
from store.writer.local_writes import Draft, Ledger

DEVICE = "reminder_device"


def remind_here(ledger: Ledger, now_ms: int) -> str:
    """From now on the person at this device is reminded on it, and on no other of theirs that knows of this line.
    ``now_ms`` is the corrected clock. Returns the line's id."""
    facts = read_device_facts(ledger.database.connection())
    line_id = derived_id(facts.district, DEVICE, facts.person)
    at = format_moment(district_time(now_ms).replace(microsecond=0))
    ledger.put_many([Draft(DEVICE, {"person_id": facts.person, "at": at}, None, line_id)])
    return line_id
