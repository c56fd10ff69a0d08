"""Device state on its way: a backup is one file, so it carries drafts and histories in the ledger's own tables.

`pack` fills the tables of a copy, `unpack` moves what a ledger carries to the device's file when the ledger is opened:
a restored backup, or a ledger of a version before 0008, which kept its device state there. In daily use the tables are
empty.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from store.db.connection import Connection

if TYPE_CHECKING:
    from store.db.database import Database

_IS_PACKED = (
    "SELECT EXISTS (SELECT 1 FROM draft) OR EXISTS (SELECT 1 FROM round) "
    "OR EXISTS (SELECT 1 FROM meta WHERE key = 'lookups')"
)
_ROUND_COLUMNS = (
    "n, began, at, times, ran_by, outcome, detail, verified, pushed, pulled, superseded, rejected, up, down, ms"
)
_INSERT_ROUND = f"INSERT OR REPLACE INTO round ({_ROUND_COLUMNS}) VALUES ({', '.join('?' * 15)})"
_INSERT_SEARCHES = "INSERT OR REPLACE INTO meta (key, value) VALUES ('lookups', ?)"


def is_packed(connection: Connection) -> bool:
    """Whether a ledger carries device state."""
    return bool(connection.execute(_IS_PACKED).fetchone()[0])


def unpack(database: Database) -> None:
    """Move what the ledger carries to the device's file. Copied first, deleted then: a crash in between repeats it.
    The ledger's write lock is held throughout, so that nobody unpacks twice what somebody has changed since."""
    from store.home.device_state import DeviceState  # noqa: PLC0415 - only a restored or old ledger carries something

    with database.write() as ledger:
        if not is_packed(ledger):
            return
        with DeviceState(database).write() as device:
            _copy_drafts_to_device(ledger, device)
            rounds = ledger.execute(f"SELECT {_ROUND_COLUMNS} FROM round").fetchall()
            device.executemany(_INSERT_ROUND, rounds)
            for (searches,) in ledger.execute("SELECT value FROM meta WHERE key = 'lookups'").fetchall():
                lists = ((name, json.dumps(entries)) for name, entries in json.loads(searches).items())
                device.executemany("INSERT OR REPLACE INTO recent (list, entries) VALUES (?, ?)", lists)
        for statement in ("DELETE FROM draft", "DELETE FROM round", "DELETE FROM meta WHERE key = 'lookups'"):
            ledger.execute(statement)


def _copy_drafts_to_device(ledger: Connection, device: Connection) -> None:
    drafts = ledger.execute("SELECT key, body, at FROM draft")
    rows = [(key, os.urandom(8).hex(), body, at) for key, body, at in drafts]
    device.executemany("INSERT OR REPLACE INTO draft (key, id, body, at) VALUES (?, ?, ?, ?)", rows)


def pack(database: Database, copy: Database) -> None:
    """Let ``copy``, a copy of ``database``'s ledger, carry the device state that belongs to it. A draft that has become
    a line in the copy stays out."""
    from store.home.device_state import DeviceState  # noqa: PLC0415
    from store.home.drafts import unsaved_drafts  # noqa: PLC0415

    state = DeviceState(database)
    with copy.write() as ledger:
        drafts = [(draft.key, json.dumps(draft.body), draft.at) for draft in unsaved_drafts(ledger, state)]
        ledger.executemany("INSERT INTO draft (key, body, at) VALUES (?, ?, ?)", drafts)
        with state.read() as device:
            if device is not None:
                _copy_histories_to_ledger(device, ledger)


def _copy_histories_to_ledger(device: Connection, ledger: Connection) -> None:
    ledger.executemany(_INSERT_ROUND, device.execute(f"SELECT {_ROUND_COLUMNS} FROM round").fetchall())
    searches = {name: json.loads(entries) for name, entries in device.execute("SELECT list, entries FROM recent")}
    if searches:
        ledger.execute(_INSERT_SEARCHES, (json.dumps(searches, ensure_ascii=False),))
