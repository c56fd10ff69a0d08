"""After an upgrade: move lines of kinds that were unknown until now into the buckets of their kind.

A line of an unknown kind is stored in its project's body. Once the kind is known it may belong elsewhere, and a later
version of the line would be rejected as moved. Each moved line gets a new number, so that a pull brings it to those who
may see it now.
"""

from __future__ import annotations

import orjson
from sqlalchemy import Connection, select, update

from store.ledger.kinds import bucket_of, kinds
from store.ledger.row_mapping import to_unsigned
from sync.central import audit
from sync.central.accounts.scope import BucketOwner
from sync.central.admin.setup import districts
from sync.central.db.commit_order import DistrictCounter, lock_district
from sync.central.db.database import CentralDatabase
from sync.central.db.tables import DISTRICT, LINE, LineRow
from sync.central.writes.merge_batch import line_of
from sync.central.writes.transaction import apply_deltas, bucket_owners, update_departments


def rebucket(database: CentralDatabase, now_ms: int) -> int:
    """Update every district to the kinds that this version knows; gives how many lines moved."""
    with database.write() as connection:
        counters = [lock_district(connection, district, now_ms) for district in districts(connection)]
        return sum(_rebucket_district(connection, counter) for counter in counters if counter is not None)


def _rebucket_district(connection: Connection, counter: DistrictCounter) -> int:
    here = DISTRICT.c.code == counter.district
    known = set(orjson.loads(connection.execute(select(DISTRICT.c.kinds).where(here)).scalar_one()))
    learned = sorted(kinds().keys() - known)
    if not learned:
        return 0
    chosen = select(LINE).where(LINE.c.district == counter.district, LINE.c.kind.in_(learned), ~LINE.c.damaged)
    rows = [LineRow(*row) for row in connection.execute(chosen)]
    moves = [(row, bucket) for row in rows if (bucket := bucket_of(line_of(row))) != row.bucket]
    if moves:
        _move_lines(connection, counter, moves)
        audit.record_event(connection, counter, "refiled", kinds=learned, lines=len(moves))
    connection.execute(update(DISTRICT).where(here).values(kinds=orjson.dumps(sorted(kinds())).decode()))
    counter.save(connection)
    return len(moves)


def _move_lines(connection: Connection, counter: DistrictCounter, moves: list[tuple[LineRow, str]]) -> None:
    deltas: dict[str, list[int]] = {}
    owners = {bucket: BucketOwner(bucket, bucket[0], line_of(row).project, None) for row, bucket in moves}
    for row, bucket in moves:
        seq = counter.next_seq()
        same_line = (LINE.c.district == counter.district) & (LINE.c.id == row.id)
        connection.execute(update(LINE).where(same_line).values(bucket=bucket, seq=seq))
        digest = to_unsigned(row.digest)
        for name, sign in ((row.bucket, -1), (bucket, 1)):
            delta = deltas.setdefault(name, [0, 0, 0, 0])
            more = (sign, sign * (digest >> 32), sign * (digest & 0xFFFFFFFF))
            delta[:] = seq, *(old + by for old, by in zip(delta[1:], more, strict=True))
    existing = bucket_owners(connection, counter.district, deltas)
    apply_deltas(connection, counter, deltas, {name: owner for name, owner in owners.items() if name not in existing})
    update_departments(connection, counter, owners.values(), owners)
