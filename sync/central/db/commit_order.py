"""The district's counter: its order is the order of commits (decision 4).

A bare database sequence is not: transactions draw numbers first and commit later, in another order, and a reader who
has seen number 8 skips 7 when 7 commits after it. Here the counter is a row that a writer locks before anything else
and holds until its commit, so numbers become visible in their order, one writer's after another's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from store.ledger.buckets import SetChecksum
from sync.central.db.tables import DISTRICT


@dataclass(slots=True)
class DistrictCounter:
    """A district's row, locked until the transaction ends; `save` writes it back."""

    district: str
    seq: int
    total: SetChecksum
    secret: str
    now_ms: int

    def next_seq(self) -> int:
        """The next number."""
        self.seq += 1
        return self.seq

    def save(self, connection: Connection, change: Mapping[str, int] | None = None) -> None:
        """Write the counter, with ``change`` to other columns of the row."""
        values = {"seq": self.seq, **self.total._asdict(), **(change or {})}
        connection.execute(update(DISTRICT).where(DISTRICT.c.code == self.district).values(values))


def lock_district(connection: Connection, district: str, now_ms: int) -> DistrictCounter | None:
    """Take the district's row for this write transaction, waiting for whoever has it; None if there is no such
    district."""
    found = connection.execute(
        select(DISTRICT.c.seq, DISTRICT.c.lines, DISTRICT.c.hi, DISTRICT.c.lo, DISTRICT.c.secret)
        .where(DISTRICT.c.code == district)
        .with_for_update()
    ).first()
    if found is None:
        return None
    return DistrictCounter(district, found.seq, SetChecksum(found.lines, found.hi, found.lo), found.secret, now_ms)


def sole_district(connection: Connection) -> str | None:
    """The district of a database that holds only one."""
    codes = connection.execute(select(DISTRICT.c.code).limit(2)).scalars().all()
    return codes[0] if len(codes) == 1 else None
