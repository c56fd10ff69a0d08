"""Device state on its way: a backup is one file, so it carries drafts and histories in the ledger's own tables.

`pack` fills the tables of a copy, `unpack` moves what a ledger carries to the device's file when the ledger is opened:
a restored backup, or a ledger of a version before 0008, which kept its device state there. In daily use the tables are
empty.

A draft keeps its id on the way, so that one that has become a line is never moved. The device's file has one draft of
each form: another one that the ledger carries stays in the ledger until that one has been saved or thrown away.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import sqlcipher3.dbapi2 as sqlite

from store.db.connection import Connection
from store.exceptions import StoreError

if TYPE_CHECKING:
    from store.db.database import Database

DEVICE_FILE_ERRORS = (StoreError, sqlite.Error, OSError, ValueError)
"""What reading or writing the device's file may raise: its file or one of its entries is damaged, locked or foreign.
None of these may fail what is done with the ledger."""

_IS_PACKED = (
    "SELECT EXISTS (SELECT 1 FROM carried_draft) OR EXISTS (SELECT 1 FROM carried_round) "
    "OR EXISTS (SELECT 1 FROM meta WHERE key = 'lookups')"
)
_ROUND_COLUMNS = (
    "n, began, at, times, ran_by, outcome, detail, verified, pushed, pulled, superseded, rejected, up, down, ms"
)
_INSERT_ROUND = f"INSERT OR IGNORE INTO {{}} ({_ROUND_COLUMNS}) VALUES ({', '.join('?' * 15)})"
_INSERT_DRAFT = "INSERT OR IGNORE INTO {} (id, key, body, at) VALUES (?, ?, ?, ?)"
_INSERT_SEARCHES = "INSERT OR REPLACE INTO meta (key, value) VALUES ('lookups', ?)"
_UNSAVED_CARRIED = (
    "SELECT id, key, body, at FROM carried_draft WHERE id NOT IN (SELECT id FROM saved_draft) ORDER BY at DESC"
)
_DELETE_SAVED = "DELETE FROM carried_draft WHERE id IN (SELECT id FROM saved_draft)"
_DraftRow = tuple[str, str, str, int]


class PackedState(NamedTuple):
    """The device state that a copy is to carry: rows of ``carried_draft`` and ``carried_round``, and the searches."""

    drafts: list[_DraftRow]
    rounds: list[tuple[object, ...]]
    searches: dict[str, object]


def is_packed(connection: Connection) -> bool:
    """Whether a ledger carries device state."""
    return bool(connection.execute(_IS_PACKED).fetchone()[0])


def unpack(database: Database) -> None:
    """Move what the ledger carries to the device's file. Copied first, deleted then: a crash in between repeats it.
    The ledger's write lock is held throughout, so that nobody unpacks twice what somebody has changed since. Raises
    `DEVICE_FILE_ERRORS`; the ledger then carries what it did."""
    from store.home.device_state import DeviceState  # noqa: PLC0415 - only a restored or old ledger carries something

    state = DeviceState(database)
    with database.read() as ledger, state.read() as device:
        if device is not None and not _has_movable_rows(ledger, device):
            return
    with database.write() as ledger:
        if not is_packed(ledger):
            return
        with state.write() as device:
            waiting = _copy_drafts_to_device(ledger, device)
            _copy_histories_to_device(ledger, device)
        ledger.execute("DELETE FROM carried_draft WHERE id NOT IN (SELECT value FROM json_each(?))", (waiting,))
        ledger.execute("DELETE FROM carried_round")
        ledger.execute("DELETE FROM meta WHERE key = 'lookups'")


def rewrite_carried_drafts(connection: Connection, rewrite: Callable[[str, str], str | None]) -> None:
    """As `store.home.drafts.rewrite_drafts` for the drafts that the ledger carries."""
    rows = connection.execute("SELECT id, key, body FROM carried_draft").fetchall()
    changed = [(text, draft_id) for draft_id, key, body in rows if (text := rewrite(key, body)) != body]
    kept = [each for each in changed if each[0] is not None]
    connection.executemany("UPDATE carried_draft SET body = ? WHERE id = ?", kept)
    gone = [(draft_id,) for text, draft_id in changed if text is None]
    connection.executemany("DELETE FROM carried_draft WHERE id = ?", gone)


def _has_movable_rows(ledger: Connection, device: Connection) -> bool:
    """Whether the ledger carries more than drafts that wait for another draft of their form: opening it then takes no
    write lock."""
    carried = ledger.execute("SELECT count(*) FROM carried_draft").fetchone()[0]
    histories = ledger.execute(
        "SELECT EXISTS (SELECT 1 FROM carried_round) OR EXISTS (SELECT 1 FROM meta WHERE key = 'lookups')"
    )
    return bool(histories.fetchone()[0]) or len(_waiting_drafts(ledger, device)) < carried


def _waiting_drafts(ledger: Connection, device: Connection) -> list[_DraftRow]:
    """Carried drafts whose form has another draft in the device's file, one that is unsaved and differs."""
    saved = {row[0] for row in ledger.execute("SELECT id FROM saved_draft")}
    held = {key: (id, body) for id, key, body in device.execute("SELECT id, key, body FROM draft") if id not in saved}
    return [
        (id, key, body, at)
        for id, key, body, at in ledger.execute(_UNSAVED_CARRIED)
        if key in held and id != held[key][0] and body != held[key][1]
    ]


def _copy_drafts_to_device(ledger: Connection, device: Connection) -> str:
    """Insert the drafts that are not saved, the latest of each form; gives the ids of those that wait, as JSON."""
    saved = ledger.execute("SELECT id FROM saved_draft").fetchall()
    device.executemany("DELETE FROM draft WHERE id = ?", saved)
    device.executemany(_INSERT_DRAFT.format("draft"), ledger.execute(_UNSAVED_CARRIED).fetchall())
    return json.dumps([row[0] for row in _waiting_drafts(ledger, device)])


def _copy_histories_to_device(ledger: Connection, device: Connection) -> None:
    rounds = ledger.execute(f"SELECT {_ROUND_COLUMNS} FROM carried_round").fetchall()
    device.executemany(_INSERT_ROUND.format("round"), rounds)
    for (searches,) in ledger.execute("SELECT value FROM meta WHERE key = 'lookups'").fetchall():
        lists = ((name, json.dumps(entries)) for name, entries in json.loads(searches).items())
        device.executemany("INSERT OR IGNORE INTO recent (list, entries) VALUES (?, ?)", lists)


def read_packed_state(database: Database) -> PackedState:
    """What a copy of ``database``'s ledger is to carry. Read before the ledger is copied, so that a form that is saved
    meanwhile is in the copy as a line, as a draft, or as both, which `pack` tells. Raises `DEVICE_FILE_ERRORS`."""
    from store.home.device_state import DeviceState  # noqa: PLC0415

    with DeviceState(database).read() as device:
        if device is None:
            return PackedState([], [], {})
        drafts = device.execute("SELECT id, key, body, at FROM draft").fetchall()
        rounds = device.execute(f"SELECT {_ROUND_COLUMNS} FROM round").fetchall()
        searches = {name: json.loads(entries) for name, entries in device.execute("SELECT list, entries FROM recent")}
    return PackedState(drafts, rounds, searches)


def pack(state: PackedState, copy: Database) -> None:
    """Let ``copy``, a copy of a ledger, carry this device state. A draft that has become a line in the copy stays
    out."""
    with copy.write() as ledger:
        ledger.executemany(_INSERT_DRAFT.format("carried_draft"), state.drafts)
        ledger.execute(_DELETE_SAVED)
        ledger.executemany(_INSERT_ROUND.format("carried_round"), state.rounds)
        if state.searches:
            ledger.execute(_INSERT_SEARCHES, (json.dumps(state.searches, ensure_ascii=False),))
