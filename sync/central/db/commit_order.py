"""The district's counter: its order is the order of commits (decision 4).

That of a database sequence is not: transactions take their numbers first and commit later, in another order, and a
reader who has seen number 8 misses 7 when 7 commits after it. Here the counter is a row that a writer locks before
anything else and holds until its commit, so numbers become visible in their order.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, select, update

from store.ledger.buckets import SetChecksum
from store.ledger.line import RandomBytes, new_id
from sync.central.db.clock_bounds import MAX_BEHIND_MS, is_contradicted, is_within_bounds
from sync.central.db.database import WRITTEN_MARK
from sync.central.db.intake_log import append_entry, parse_tail
from sync.central.db.tables import DISTRICT, LineRow, VersionRow

_LOCK = (
    select(
        DISTRICT.c.seq, DISTRICT.c.lines, DISTRICT.c.hi, DISTRICT.c.lo, DISTRICT.c.secret, DISTRICT.c.clock_mark,
        DISTRICT.c.clock_doubt_ms, DISTRICT.c.audit_link, DISTRICT.c.repair_due, DISTRICT.c.clock_repairs,
        DISTRICT.c.clock_doubt_at, DISTRICT.c.grants_day, DISTRICT.c.intake,
    )
    .where(DISTRICT.c.code == bindparam("its_code"))
    .with_for_update()
)  # fmt: skip
_SAVE = update(DISTRICT).where(DISTRICT.c.code == bindparam("its_code"))
"""Both are of every write: building a statement takes longer than executing it."""


@dataclass(slots=True)
class DistrictCounter:
    """A district's row, locked until the transaction ends; `save` writes it. ``secret`` is the key of its cursors;
    ``clock_mark`` the latest time at which anything was written; ``clock_doubt_ms`` by how much the clock was found to
    be off, None while it is believed; ``audit_link`` the newest link of the audit's chain; ``repair_due`` the mark that
    was found to be in the future, until that is repaired; ``clock_repairs`` (JSON) the repairs of before.
    ``grants_day`` is the day up to which the dates of assignments have been applied. ``random_bytes`` makes ids, codes
    and tokens. ``intake`` is the tail of the log of what was taken in; ``accepted`` are the texts of the versions that
    its next entry will have, by number, and ``logged`` is the last number that no entry will have any more."""

    district: str
    seq: int
    total: SetChecksum
    secret: str
    now_ms: int
    clock_mark: int = 0
    clock_doubt_ms: int | None = None
    audit_link: str | None = None
    repair_due: int | None = None
    clock_repairs: str | None = None
    clock_doubt_at: int | None = None
    grants_day: str | None = None
    random_bytes: RandomBytes = os.urandom
    intake: str | None = None
    accepted: dict[int, str] = field(default_factory=dict)
    logged: int = -1

    def __post_init__(self) -> None:
        """What was numbered before is in the log already, or is no version."""
        self.logged = self.seq

    def accept(self, rows: Iterable[LineRow | VersionRow]) -> None:
        """Note the versions among these rows that were numbered since the lock: `save` adds them to the log of what was
        taken in. One row may come twice, as a current version and as a replaced one."""
        self.accepted |= {row.seq: row.wire for row in rows if row.seq > self.logged}

    def next_seq(self) -> int:
        """The next number."""
        self.seq += 1
        return self.seq

    def new_id(self) -> str:
        """A fresh id of the present time."""
        return new_id(self.now_ms, self.random_bytes)

    # The clock (``sync/central/clock.py``)

    @property
    def clock_is_trusted(self) -> bool:
        """Whether the present time is within its bounds, and nobody has contradicted it."""
        within = is_within_bounds(self.clock_mark, self.now_ms)
        return within and not is_contradicted(self.clock_doubt_at, self.now_ms)

    @property
    def clock_off_ms(self) -> int:
        """By how much the clock is ahead, as far as is known."""
        return self.now_ms - self.clock_mark if self.clock_doubt_ms is None else self.clock_doubt_ms

    @property
    def is_refusing(self) -> bool:
        """Whether devices have been told that the clock is off."""
        return self.clock_doubt_ms is not None

    def adopt_clock(self) -> None:
        """Believe the present time. Where it is behind the latest write, that was stamped in the future."""
        if self.now_ms < self.clock_mark - MAX_BEHIND_MS:
            self.repair_due = max(self.repair_due or 0, self.clock_mark)
        self.clock_mark, self.clock_doubt_ms, self.clock_doubt_at = self.now_ms, None, None

    def refuse_clock(self, off_ms: int) -> None:
        """Note that the clock seems to be ahead by ``off_ms``; from now on, where it is within its bounds."""
        within = is_within_bounds(self.clock_mark, self.now_ms)
        self.clock_doubt_at = (self.clock_doubt_at or self.now_ms) if within else None
        self.clock_doubt_ms = off_ms

    def save(
        self, connection: Connection, change: Mapping[str, int] | None = None, *, is_evidence: bool = True
    ) -> None:
        """Write counter, total, chain and log, the time of this write, and ``change`` to other columns of the row. A
        time out of bounds is not kept, nor that of a write which nobody has sent: it is no evidence for the clock."""
        clock: dict[str, int | None] = {"clock_doubt_ms": self.clock_doubt_ms, "clock_doubt_at": self.clock_doubt_at}
        if self.clock_is_trusted:
            clock = {"clock_mark": max(self.clock_mark, self.now_ms), "clock_doubt_ms": None, "clock_doubt_at": None}
        repairs: dict[str, object] = {"repair_due": self.repair_due, "clock_repairs": self.clock_repairs}
        repairs |= {"grants_day": self.grants_day, "intake": self._log_accepted(connection)}
        row = {"seq": self.seq, **self.total._asdict(), "audit_link": self.audit_link, **repairs}
        values = {**row, **(clock if is_evidence else {}), **(change or {})}
        connection.execute(_SAVE, {"its_code": self.district, **values})
        connection.info[WRITTEN_MARK] = self.district

    def _log_accepted(self, connection: Connection) -> str | None:
        if self.accepted:
            tail = parse_tail(self.intake)
            tail = append_entry(connection, self.district, self.secret, tail, self.accepted, self.now_ms)
            self.intake, self.logged, self.accepted = tail.to_text(), max(self.accepted), {}
        return self.intake


def lock_district(
    connection: Connection, district: str, now_ms: int, random_bytes: RandomBytes = os.urandom
) -> DistrictCounter | None:
    """Lock the district's row for this write transaction, waiting for whoever holds it; None if there is no such
    district."""
    row = connection.execute(_LOCK, {"its_code": district}).first()
    if row is None:
        return None
    seq, lines, hi, lo, secret, mark, doubt, link, due, repairs, doubt_at, day, log = row
    total = SetChecksum(lines, hi, lo)
    return DistrictCounter(
        district, seq, total, secret, now_ms, mark, doubt, link, due, repairs, doubt_at, day, random_bytes, log
    )


def clock_marks(connection: Connection) -> dict[str, int]:
    """The latest time at which anything was written, by district."""
    return {code: mark for code, mark in connection.execute(select(DISTRICT.c.code, DISTRICT.c.clock_mark))}


def sole_district(connection: Connection) -> str | None:
    """The district of a database that has only one, else None."""
    codes = connection.execute(select(DISTRICT.c.code).limit(2)).scalars().all()
    return codes[0] if len(codes) == 1 else None
