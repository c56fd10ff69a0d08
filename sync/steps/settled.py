"""Whether an exchange was the whole round: each later step would look for its work, this looks once for all."""

from __future__ import annotations

from typing import NamedTuple

from store.db.device_facts import read_device_facts
from store.queries.export_records import waiting_exports
from store.queries.status import outbox_counts
from sync.device.device import Device
from sync.device.others_bundles import others_bundles
from sync.protocol import HelloAnswer
from sync.protocol.bundle.names import bundles_in
from sync.round_stats import RoundStats


class _Left(NamedTuple):
    """What the steps after the exchange begin with: the epoch that was healed last, the cursor, whether lines are
    unsent or held or buckets to be fetched, the mark of the roster at hand, whether exports are to be told, and whether
    bundles of colleagues are to be handed in."""

    epoch: str | None
    cursor: str | None
    has_lines: bool
    roster: str
    has_exports: bool
    has_bundles: bool


async def is_settled(device: Device, stats: RoundStats, greeting: HelloAnswer) -> bool:
    """Whether both sides were found equal and nothing is left for another step of the round."""
    is_open = stats.lines_moved or stats.pull_due or stats.blocked or stats.central_clock_off_ms is not None
    if is_open or greeting.news or not greeting.equal or greeting.rotate or greeting.epoch is None:
        return False
    left = await device.run_in_store(_read, device)
    return (
        left.epoch == greeting.epoch
        and left.cursor is not None
        and not left.has_lines
        and greeting.roster in (None, left.roster)
        and not (greeting.exports and left.has_exports)
        and not (greeting.agree is not None and left.has_bundles)
    )


def _read(device: Device) -> _Left:
    carried = others_bundles(device.home).waiting
    with device.ledger.database.read() as connection:
        facts, waiting = read_device_facts(connection), outbox_counts(connection)
        return _Left(
            facts.get("epoch"),
            facts.get("cursor") or None,
            "pending" in waiting or "backfill" in waiting,
            device.ledger.kept_roster()[0],
            any(waiting_exports(connection, facts.person, 1)),
            carried.is_dir() and any(bundles_in(carried)),
        )
