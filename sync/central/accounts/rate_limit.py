"""Rate limits against guessing, per window of ten minutes: one-time codes by address and in all, tokens by address.

The counts are in the database, so that they hold across worker processes and machines.
"""

from __future__ import annotations

from sqlalchemy import Connection, Insert, case, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from sync.central.db.tables import ATTEMPT

WINDOW_MS = 600_000
MAX_ATTEMPTS_PER_ADDRESS = 10
MAX_ATTEMPTS_IN_ALL = 300
"""Failed attempts allowed in a window: one in 2**60 codes is valid, so this many guesses find nothing."""
AUDITED_REFUSED_TOKENS, MAX_REFUSED_TOKENS = 5, 60
"""Refused tokens of one address in a window: this many are recorded in the audit, and this many are answered by 401
rather than 429."""
_NO_DISTRICT = ""
"""The table leads with a district like every other; an attempt belongs to none."""


def count_attempt(connection: Connection, address: str, now_ms: int) -> int | None:
    """Count an attempt at a one-time code; gives the seconds to wait when that is beyond the limits, else None."""
    started = _begin_window(connection, now_ms)
    tries = [(_count(connection, key, started, 1), limit) for key, limit in _code_limits(address)]
    too_many = any(count > limit for count, limit in tries)
    return (started + WINDOW_MS - now_ms) // 1000 + 1 if too_many else None


def refund_attempt(connection: Connection, address: str, now_ms: int) -> None:
    """A valid code is no guess: take its attempt back, so that an office can enrol all its laptops at once."""
    for key, _ in _code_limits(address):
        _count(connection, key, _window_start(now_ms), -1)


def refused_tokens(connection: Connection, address: str, now_ms: int) -> int:
    """How many tokens of this address were refused in this window."""
    counted = select(ATTEMPT.c.tries).where(
        ATTEMPT.c.district == _NO_DISTRICT,
        ATTEMPT.c.key == _token_key(address),
        ATTEMPT.c.started == _window_start(now_ms),
    )
    return connection.execute(counted).scalar() or 0


def count_refused_token(connection: Connection, address: str, now_ms: int) -> int:
    """Count a refused token; gives how many there were in this window, with this one."""
    return _count(connection, _token_key(address), _begin_window(connection, now_ms), 1)


def _window_start(now_ms: int) -> int:
    return now_ms - now_ms % WINDOW_MS


def _begin_window(connection: Connection, now_ms: int) -> int:
    """When the current window began; counts of former ones are deleted."""
    started = _window_start(now_ms)
    connection.execute(delete(ATTEMPT).where(ATTEMPT.c.district == _NO_DISTRICT, ATTEMPT.c.started < started))
    return started


def _token_key(address: str) -> str:
    return f"token {address}"


def _code_limits(address: str) -> tuple[tuple[str, int], ...]:
    return ((f"join {address}", MAX_ATTEMPTS_PER_ADDRESS), ("join", MAX_ATTEMPTS_IN_ALL))


def _count(connection: Connection, key: str, started: int, by: int) -> int:
    maker = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = maker(ATTEMPT).values(district=_NO_DISTRICT, key=key, started=started, tries=max(by, 0))
    tries = case((ATTEMPT.c.started == started, ATTEMPT.c.tries + by), else_=max(by, 0))
    statement: Insert = row.on_conflict_do_update(
        index_elements=[ATTEMPT.c.district, ATTEMPT.c.key], set_={"started": started, "tries": tries}
    )
    return int(connection.execute(statement.returning(ATTEMPT.c.tries)).scalar_one())
