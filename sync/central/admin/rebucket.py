"""After an upgrade: lines of kinds that were unknown until now move into the buckets where their kind belongs.

A line of an unknown kind is kept in its project's body. When the kind is known it may belong elsewhere, and a later
version of the line would be refused as moved. Each moved line gets a new number, so that a pull brings it to who may
see it now.
"""

from __future__ import annotations

import orjson
from sqlalchemy import Connection, select, update

from store.ledger.kinds import bucket_of, kinds
from store.ledger.row_mapping import unsigned
from sync.central import audit
from sync.central.accounts.scope import Ground
from sync.central.admin.setup import districts
from sync.central.db.commit_order import Counter, lock
from sync.central.db.database import Database
from sync.central.db.tables import DISTRICT, LINE
from sync.central.writes.merge_batch import LineEntry, line_of
from sync.central.writes.transaction import add_up, grounds_of, relocate


def refile(database: Database, now_ms: int) -> int:
    """Bring every district up to the kinds that this version knows; gives how many lines moved."""
    with database.write() as connection:
        counters = [lock(connection, district, now_ms) for district in districts(connection)]
        return sum(_refile(connection, counter) for counter in counters if counter is not None)


def _refile(connection: Connection, counter: Counter) -> int:
    here = DISTRICT.c.code == counter.district
    known = set(orjson.loads(connection.execute(select(DISTRICT.c.kinds).where(here)).scalar_one()))
    learned = sorted(kinds().keys() - known)
    if not learned:
        return 0
    chosen = select(LINE).where(LINE.c.district == counter.district, LINE.c.kind.in_(learned), ~LINE.c.damaged)
    held = [LineEntry(*row) for row in connection.execute(chosen)]
    moves = [(entry, bucket) for entry in held if (bucket := bucket_of(line_of(entry))) != entry.bucket]
    if moves:
        _move(connection, counter, moves)
        audit.record(connection, counter, "refiled", kinds=learned, lines=len(moves))
    connection.execute(update(DISTRICT).where(here).values(kinds=orjson.dumps(sorted(kinds())).decode()))
    counter.save(connection)
    return len(moves)


def _move(connection: Connection, counter: Counter, moves: list[tuple[LineEntry, str]]) -> None:
    sums: dict[str, list[int]] = {}
    new = {bucket: Ground(bucket, bucket[0], line_of(entry).project, None) for entry, bucket in moves}
    for entry, bucket in moves:
        number = counter.take()
        place = (LINE.c.district == counter.district) & (LINE.c.id == entry.id)
        connection.execute(update(LINE).where(place).values(bucket=bucket, seq=number))
        digest = unsigned(entry.digest)
        for name, sign in ((entry.bucket, -1), (bucket, 1)):
            row = sums.setdefault(name, [0, 0, 0, 0])
            more = (sign, sign * (digest >> 32), sign * (digest & 0xFFFFFFFF))
            row[:] = number, *(old + by for old, by in zip(row[1:], more, strict=True))
    there = grounds_of(connection, counter.district, sums)
    add_up(connection, counter, sums, {name: ground for name, ground in new.items() if name not in there})
    relocate(connection, counter, new.values(), new)
