"""After an upgrade: lines of kinds that were unknown until now move into the buckets where their kind belongs.

A line of an unknown kind is kept in its project's body. When the kind is known it may belong elsewhere, and a later
version of the line would be refused as moved. Each moved line gets a new number, so that a pull brings it to who may
see it now.
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
from sync.central.db.tables import DISTRICT, LINE
from sync.central.writes.merge_batch import LineEntry, line_of
from sync.central.writes.transaction import apply_deltas, bucket_owners, update_departments


def rebucket(database: CentralDatabase, now_ms: int) -> int:
    """Bring every district up to the kinds that this version knows; gives how many lines moved."""
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
    held = [LineEntry(*row) for row in connection.execute(chosen)]
    moves = [(entry, bucket) for entry in held if (bucket := bucket_of(line_of(entry))) != entry.bucket]
    if moves:
        _move_lines(connection, counter, moves)
        audit.record_event(connection, counter, "refiled", kinds=learned, lines=len(moves))
    connection.execute(update(DISTRICT).where(here).values(kinds=orjson.dumps(sorted(kinds())).decode()))
    counter.save(connection)
    return len(moves)


def _move_lines(connection: Connection, counter: DistrictCounter, moves: list[tuple[LineEntry, str]]) -> None:
    sums: dict[str, list[int]] = {}
    new = {bucket: BucketOwner(bucket, bucket[0], line_of(entry).project, None) for entry, bucket in moves}
    for entry, bucket in moves:
        number = counter.next_seq()
        place = (LINE.c.district == counter.district) & (LINE.c.id == entry.id)
        connection.execute(update(LINE).where(place).values(bucket=bucket, seq=number))
        digest = to_unsigned(entry.digest)
        for name, sign in ((entry.bucket, -1), (bucket, 1)):
            row = sums.setdefault(name, [0, 0, 0, 0])
            more = (sign, sign * (digest >> 32), sign * (digest & 0xFFFFFFFF))
            row[:] = number, *(old + by for old, by in zip(row[1:], more, strict=True))
    there = bucket_owners(connection, counter.district, sums)
    apply_deltas(connection, counter, sums, {name: ground for name, ground in new.items() if name not in there})
    update_departments(connection, counter, new.values(), new)
