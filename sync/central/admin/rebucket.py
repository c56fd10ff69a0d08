"""After an upgrade: move lines of kinds that were unknown until now into the buckets of their kind.

A line of an unknown kind is stored in its project's body. Once the kind is known it may belong elsewhere, and a later
version of the line would be rejected as moved. Each moved line gets a new number, so that a pull brings it to those who
may see it now. In the same way an issue's departments are computed anew where steps have a field that they follow from
and that was unknown until now (`SCOPE_FIELDS`), and people are erased whom lines of a kind that was unknown erase.
"""

from __future__ import annotations

import orjson
from sqlalchemy import Connection, select, update

from store.domain.erasures import ERASURE
from store.ledger.kinds import bucket_of, kinds
from store.ledger.row_mapping import to_unsigned
from sync.central import audit
from sync.central.accounts.scope import BucketOwner
from sync.central.admin.setup import districts
from sync.central.db.commit_order import DistrictCounter, lock_district
from sync.central.db.database import CentralDatabase
from sync.central.db.tables import DISTRICT, LINE, LineRow
from sync.central.writes.stored_rows import line_of
from sync.central.writes.transaction import (
    WriteTransaction,
    apply_deltas,
    bucket_owners,
    central_itself,
    update_departments,
)

SCOPE_FIELDS = frozenset({"with_ids"})
"""Fields of issue steps that an issue's departments follow from: kept beside the kinds that the central knows."""


def rebucket(database: CentralDatabase, now_ms: int) -> int:
    """Update every district to the kinds that this version knows; gives how many lines moved."""
    with database.write() as connection:
        counters = [lock_district(connection, district, now_ms) for district in districts(connection)]
        return sum(_rebucket_district(connection, counter) for counter in counters if counter is not None)


def _rebucket_district(connection: Connection, counter: DistrictCounter) -> int:
    here = DISTRICT.c.code == counter.district
    known = set(orjson.loads(connection.execute(select(DISTRICT.c.kinds).where(here)).scalar_one()))
    learned, fields = sorted(kinds().keys() - known), sorted(SCOPE_FIELDS - known)
    if not learned and not fields:
        return 0
    chosen = select(LINE).where(LINE.c.district == counter.district, LINE.c.kind.in_(learned), ~LINE.c.damaged)
    rows = [LineRow(*row) for row in connection.execute(chosen)]
    moves = [(row, bucket) for row in rows if (bucket := bucket_of(line_of(row))) != row.bucket]
    if moves:
        _move_lines(connection, counter, moves)
        audit.record_event(connection, counter, "refiled", kinds=learned, lines=len(moves))
    _update_issues_with(connection, counter, fields)
    if erasures := [row for row in rows if row.kind == ERASURE]:
        WriteTransaction(connection, central_itself(connection, counter), counter).erase(erasures)
    all_known = orjson.dumps(sorted([*kinds(), *SCOPE_FIELDS])).decode()
    connection.execute(update(DISTRICT).where(here).values(kinds=all_known))
    counter.save(connection)
    return len(moves)


def _update_issues_with(connection: Connection, counter: DistrictCounter, fields: list[str]) -> None:
    """Compute the departments of issues whose steps have these fields."""
    for field in fields:
        has_field = LINE.c.wire.like(f'%"{field}":%')
        chosen = select(LINE.c.bucket).distinct().where(
            LINE.c.district == counter.district, LINE.c.kind == "issue_step", has_field
        )  # fmt: skip
        buckets = sorted(connection.execute(chosen).scalars())
        if buckets:
            update_departments(connection, counter, bucket_owners(connection, counter.district, buckets).values(), ())


def _move_lines(connection: Connection, counter: DistrictCounter, moves: list[tuple[LineRow, str]]) -> None:
    deltas: dict[str, list[int]] = {}
    owners = {bucket: BucketOwner(bucket, bucket[0], line_of(row).project, None) for row, bucket in moves}
    for row, bucket in moves:
        seq = counter.next_seq()
        same_line = (LINE.c.district == counter.district) & (LINE.c.id == row.id)
        connection.execute(update(LINE).where(same_line).values(bucket=bucket, seq=seq))
        counter.accept([row._replace(seq=seq)])
        digest = to_unsigned(row.digest)
        for name, sign in ((row.bucket, -1), (bucket, 1)):
            delta = deltas.setdefault(name, [0, 0, 0, 0])
            more = (sign, sign * (digest >> 32), sign * (digest & 0xFFFFFFFF))
            delta[:] = seq, *(old + by for old, by in zip(delta[1:], more, strict=True))
    existing = bucket_owners(connection, counter.district, deltas)
    apply_deltas(connection, counter, deltas, {name: owner for name, owner in owners.items() if name not in existing})
    update_departments(connection, counter, owners.values(), owners)
