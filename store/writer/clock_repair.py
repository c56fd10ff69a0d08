"""Repair of stamps on a device: what a central's clock that was ahead has stamped, once the central tells the interval.

The device changes what it holds by the function that the central has changed its lines by
(``store/ledger/clock_repair.py``), so that both have the same bytes again without sending a line. The versions as they
were stay in history.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce

import orjson

from store.db.connection import Connection
from store.ledger.clock_repair import ClockRepair, repaired_line, repaired_unsent
from store.ledger.kinds import bucket_of, kinds
from store.ledger.line import canonical_json, digest_of
from store.ledger.row_mapping import (
    DIGEST_INDEX,
    UNKNOWN_COLUMNS,
    line_from,
    select_columns,
    to_unsigned,
    unknown_line_from,
)
from store.writer.sync_writes import SyncLedger
from store.writer.transaction import HELD, PENDING, OutboxRow, StoredLine, Transaction, select_outbox


class ClockRepairLedger(SyncLedger):
    """The ledger with the repair of what was stamped in the future."""

    def adopt_repairs(self, repairs: Sequence[ClockRepair]) -> int:
        """Apply those of the central's repairs that this device does not know yet, and remember them all; returns how
        many lines changed. Unsent lines keep their order; those that wait as what the central has lost, and are what
        it has now, wait no more."""
        with self._transaction() as change:
            known = [ClockRepair(*each) for each in orjson.loads(change.facts.get("clock_repairs") or "[]")]
            new = [repair for repair in repairs if repair not in known]
            change.facts["clock_repairs"] = orjson.dumps([list(repair) for repair in repairs]).decode()
            waiting = {(row.kind, row.id): row for row in select_outbox(change.connection)} if new else {}
            changed = 0
            for held in _stamped_since(change.connection, [repair.to_first for repair in new]):
                changed += _repair(change, held, waiting.get((held.line.kind, held.line.id)), new)
            if changed:
                change.add_notice("clock_repaired", {"lines": changed})
            return changed


def _repair(change: Transaction, held: StoredLine, row: OutboxRow | None, repairs: Sequence[ClockRepair]) -> bool:
    is_unsent = row is not None and row.state != HELD
    line = reduce(repaired_unsent if is_unsent else repaired_line, repairs, held.line)
    if line is held.line:
        return False
    digest = digest_of(canonical_json(line))
    if row is None or line.body != held.line.body:
        change.archive(held.line, "restamped")
    if row is None:
        change.add_to_checksum(bucket_of(line), held.digest, -1)
        change.add_to_checksum(bucket_of(line), digest)
    elif row.base_digest == digest:
        change.acknowledge(row.id)
    else:
        base_stamp = reduce(lambda stamp, repair: repair.stamp(stamp), repairs, row.base_stamp or 0)
        change.enqueue(line, (row.base_digest, base_stamp or None), HELD if row.state == HELD else PENDING)
    change.set_current(line, digest)
    change.observe_stamps([line.stamp])
    return True


def _stamped_since(connection: Connection, stamps: Iterable[int]) -> Iterator[StoredLine]:
    """The current lines stamped since the earliest of these, in the order of their stamps: later ones may name a
    version from the future."""
    since = min(stamps, default=None)
    if since is None:
        return
    stored: list[StoredLine] = []
    for kind in kinds().values():
        rows = connection.execute(f"SELECT {select_columns(kind)} FROM {kind.name} WHERE stamp >= ?", (since,))
        stored += [StoredLine(line_from(kind, row), to_unsigned(row[DIGEST_INDEX])) for row in rows]
    rows = connection.execute(f"SELECT {UNKNOWN_COLUMNS} FROM unknown_line WHERE stamp >= ?", (since,))
    stored += [StoredLine(unknown_line_from(row), to_unsigned(row[-1])) for row in rows]
    yield from sorted(stored, key=lambda held: (held.line.stamp, held.line.id))
