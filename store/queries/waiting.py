"""What the daemon asks of the store between rounds."""

from __future__ import annotations

from typing import NamedTuple

from store.db.connection import Connection
from store.writer import checksums


class OutboxSnapshot(NamedTuple):
    """What a round would be for: ``lines`` unsent, two numbers that differ when other lines wait, and when the device
    joined a central."""

    lines: int
    last: int
    digests: int
    joined: str

    def needs_round(self, before: OutboxSnapshot | None) -> bool:
        """Whether something has come up that was not there ``before``."""
        return self != before and (self.lines > 0 or before is None or self.joined != before.joined)


def outbox_snapshot(connection: Connection) -> OutboxSnapshot:
    """What waits to be sent, in brief, and since when is there somebody to send it to?"""
    found = connection.execute(
        "SELECT count(*), coalesce(max(n), 0), coalesce(sum(digest & 0xFFFFFFFF), 0), "
        "coalesce((SELECT value FROM meta WHERE key = 'joined'), '') FROM outbox WHERE state = 'pending'"
    ).fetchone()
    return OutboxSnapshot(*found)


def has_checksum_mismatch(connection: Connection) -> bool:
    """Do the rows differ from their running digests? Reads every line, so not for every day's hour."""
    return checksums.recompute_by_bucket(connection) != checksums.checksums_by_bucket(connection)
