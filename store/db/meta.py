"""What the device knows of itself, by key: who, where, the last stamp, the clock's offset, how far the sync has come.

Keys: district, district_name, person, person_name, device, stamp, offset_ms, cursor, central, roles, verified_at,
last_round, renew, reached, spoken, lookups, differ (buckets that the latest comparison found to differ), rewording and
rewording_done (``rewording.py``). Values are text; JSON where a value has parts.
"""

from __future__ import annotations

from store.db.connection import Connection


def read_device_state(connection: Connection) -> dict[str, str]:
    """All of it."""
    return dict(connection.execute("SELECT key, value FROM meta"))


def write_device_state(connection: Connection, state: dict[str, str]) -> None:
    """Store the values that differ from what is stored."""
    stored = read_device_state(connection)
    changed = [(key, value) for key, value in state.items() if stored.get(key) != value]
    connection.executemany(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", changed
    )
