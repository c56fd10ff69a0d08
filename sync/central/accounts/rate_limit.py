"""Rate limits on guessing: how often one address, and all together, may try a code in ten minutes.

The counts are in the database, so that they hold across worker processes and machines.
"""

from __future__ import annotations

from sqlalchemy import Connection, Insert, case, delete
from sqlalchemy.dialects import postgresql, sqlite

from sync.central.db.tables import ATTEMPT

WINDOW_MS = 600_000
MAX_ATTEMPTS_PER_ADDRESS = 10
MAX_ATTEMPTS_IN_ALL = 300
"""Failed attempts allowed in a window: one in 2**60 codes is valid, so this many guesses find nothing."""
AUDITED_REFUSED_TOKENS, MAX_REFUSED_TOKENS = 5, 60
"""Refused tokens of one address in a window: so many are written into the audit, so many are answered at all."""
_NO_DISTRICT = ""
"""Attempts lead with a district like every table; who guesses a code has none."""


class RefusedTokenCounter:
    """Refused tokens by address, counted in this process: whoever floods must not make it write."""

    def __init__(self) -> None:
        self._started = 0
        self._counts: dict[str, int] = {}

    def count(self, address: str, now_ms: int) -> int:
        """How many this is within the window."""
        started = now_ms - now_ms % WINDOW_MS
        if started != self._started:
            self._started, self._counts = started, {}
        self._counts[address] = self._counts.get(address, 0) + 1
        return self._counts[address]


def count_attempt(connection: Connection, address: str, now_ms: int) -> int | None:
    """Count an attempt at a one-time code; the seconds to wait when that is beyond the limits, else None."""
    started = now_ms - now_ms % WINDOW_MS
    connection.execute(delete(ATTEMPT).where(ATTEMPT.c.district == _NO_DISTRICT, ATTEMPT.c.started < started))
    tries = [(_count(connection, key, started, 1), limit) for key, limit in _limits(address)]
    too_many = any(count > limit for count, limit in tries)
    return (started + WINDOW_MS - now_ms) // 1000 + 1 if too_many else None


def refund_attempt(connection: Connection, address: str, now_ms: int) -> None:
    """A valid code was no guess: take its attempt back, so that an office may enrol all its laptops at once."""
    started = now_ms - now_ms % WINDOW_MS
    for key, _ in _limits(address):
        _count(connection, key, started, -1)


def _limits(address: str) -> tuple[tuple[str, int], ...]:
    return ((f"join {address}", MAX_ATTEMPTS_PER_ADDRESS), ("join", MAX_ATTEMPTS_IN_ALL))


def _count(connection: Connection, key: str, started: int, by: int) -> int:
    maker = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = maker(ATTEMPT).values(district=_NO_DISTRICT, key=key, started=started, tries=max(by, 0))
    tries = case((ATTEMPT.c.started == started, ATTEMPT.c.tries + by), else_=max(by, 0))
    statement: Insert = row.on_conflict_do_update(
        index_elements=[ATTEMPT.c.district, ATTEMPT.c.key], set_={"started": started, "tries": tries}
    )
    return int(connection.execute(statement.returning(ATTEMPT.c.tries)).scalar_one())
