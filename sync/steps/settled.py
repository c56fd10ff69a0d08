"""Whether an exchange was the whole round: each later step would look for its work, this looks once for all. What is
work for a step is that step's own rule (``is_due``).
"""

from __future__ import annotations

from store.db.device_facts import read_device_facts
from store.queries.status import outbox_counts
from sync.device.device import Device
from sync.protocol import HelloAnswer
from sync.round_stats import RoundStats
from sync.steps import exports, hand_in, heal, pull, roster, rotate


async def is_settled(device: Device, stats: RoundStats, greeting: HelloAnswer) -> bool:
    """Whether both sides were found equal and nothing is left for another step of the round."""
    is_open = stats.lines_moved or stats.blocked or stats.restored_log or stats.central_clock_off_ms is not None
    if is_open or not greeting.equal or greeting.epoch is None:
        return False
    return not await device.run_in_store(_is_anything_due, device, stats, greeting)


def _is_anything_due(device: Device, stats: RoundStats, greeting: HelloAnswer) -> bool:
    with device.ledger.database.read() as connection:
        facts, waiting = read_device_facts(connection), outbox_counts(connection)
        return (
            heal.epoch_due(facts.get("epoch") or None, greeting) is not None
            or pull.is_due(facts, stats, greeting)
            or "pending" in waiting  # what push sends, and heal of what was found missing
            or "backfill" in waiting  # what fetch asks for
            or rotate.is_due(stats, greeting)
            or roster.is_due(device.ledger.kept_roster()[0], stats, greeting)
            or exports.is_due(connection, facts.person, greeting)
            or hand_in.is_due(device, greeting)
        )
