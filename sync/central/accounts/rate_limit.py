"""Rate limits against guessing, per window of ten minutes: one-time codes by address and by code, tokens by address.

No limit is shared by all: whoever guesses shuts out nobody else. A valid code is no guess, so it is judged before the
limit of its address: one in 2**60 codes is valid, and the answer to any other costs a read. The counts are in the
database, so that they hold across worker processes and machines; beyond a limit nothing is written.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

from sqlalchemy import Connection, Insert, case, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from sync.central.db.tables import ATTEMPT

WINDOW_MS = 600_000
MAX_WRONG_CODES = 10
"""Wrong codes of one address in a window that are answered as wrong; further ones are told to wait."""
MAX_REFUSALS_OF_CODE = 10
"""So often a window a valid code may be refused for what its home says of itself; then it must wait."""
AUDITED_REFUSED_TOKENS, MAX_REFUSED_TOKENS = 5, 60
"""Refused tokens of one address in a window: this many are recorded in the audit, and this many are answered by 401
rather than 429."""
_NO_DISTRICT = ""
"""The table leads with a district like every other; an attempt belongs to none."""
_IPV6_NETWORK_BITS = 64


def wrong_code_key(address: str) -> str:
    """The key under which wrong codes of an address are counted."""
    return f"join {_network_of(address)}"


def refused_code_key(code_hash: str) -> str:
    """The key under which refusals of a valid code are counted."""
    return f"code {code_hash}"


def refused_token_key(address: str) -> str:
    """The key under which refused tokens of an address are counted."""
    return f"token {_network_of(address)}"


def refused_role_key(device: str) -> str:
    """The key under which calls are counted that none of a device's roles allows."""
    return f"role {device}"


def attempts(connection: Connection, key: str, now_ms: int) -> int:
    """How many attempts were counted under a key in this window."""
    counted = select(ATTEMPT.c.tries).where(
        ATTEMPT.c.district == _NO_DISTRICT, ATTEMPT.c.key == key, ATTEMPT.c.started == _window_start(now_ms)
    )
    return connection.execute(counted).scalar() or 0


def count_attempt(connection: Connection, key: str, now_ms: int) -> int:
    """Count an attempt; gives how many there were in this window, with this one. Counts of former windows are
    deleted."""
    started = _window_start(now_ms)
    connection.execute(delete(ATTEMPT).where(ATTEMPT.c.district == _NO_DISTRICT, ATTEMPT.c.started < started))
    maker = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = maker(ATTEMPT).values(district=_NO_DISTRICT, key=key, started=started, tries=1)
    tries = case((ATTEMPT.c.started == started, ATTEMPT.c.tries + 1), else_=1)
    statement: Insert = row.on_conflict_do_update(
        index_elements=[ATTEMPT.c.district, ATTEMPT.c.key], set_={"started": started, "tries": tries}
    )
    return int(connection.execute(statement.returning(ATTEMPT.c.tries)).scalar_one())


def seconds_left(now_ms: int) -> int:
    """How many seconds this window lasts, at least one."""
    return (_window_start(now_ms) + WINDOW_MS - now_ms) // 1000 + 1


def _window_start(now_ms: int) -> int:
    return now_ms - now_ms % WINDOW_MS


def _network_of(address: str) -> str:
    """What one machine can choose its address from: of IPv6 the network, of which it has all addresses."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    mapped = parsed.ipv4_mapped
    return str(mapped) if mapped else f"{IPv6Address(int(parsed) >> _IPV6_NETWORK_BITS << _IPV6_NETWORK_BITS)}/64"
