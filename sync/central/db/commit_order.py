"""The district's counter: its order is the order of commits (decision 4).

That of a database sequence is not: transactions take their numbers first and commit later, in another order, and a
reader who has seen number 8 misses 7 when 7 commits after it. Here the counter is a row that a writer locks before
anything else and holds until its commit, so numbers become visible in their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from store.ledger.buckets import SetChecksum
from sync.central.db.tables import DISTRICT


@dataclass(slots=True)
class DistrictCounter:
    """A district's row, locked until the transaction ends; `save` writes it. ``secret`` is the key of its cursors."""

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
        """Write counter and total, and ``change`` to other columns of the row."""
        values = {"seq": self.seq, **self.total._asdict(), **(change or {})}
        connection.execute(update(DISTRICT).where(DISTRICT.c.code == self.district).values(values))


def lock_district(connection: Connection, district: str, now_ms: int) -> DistrictCounter | None:
    """Lock the district's row for this write transaction, waiting for whoever holds it; None if there is no such
    district."""
    row = connection.execute(
        select(DISTRICT.c.seq, DISTRICT.c.lines, DISTRICT.c.hi, DISTRICT.c.lo, DISTRICT.c.secret)
        .where(DISTRICT.c.code == district)
        .with_for_update()
    ).first()
    if row is None:
        return None
    seq, lines, hi, lo, secret = row
    return DistrictCounter(district, seq, SetChecksum(lines, hi, lo), secret, now_ms)


def sole_district(connection: Connection) -> str | None:
    """The district of a database that has only one, else None."""
    codes = connection.execute(select(DISTRICT.c.code).limit(2)).scalars().all()
    return codes[0] if len(codes) == 1 else None
