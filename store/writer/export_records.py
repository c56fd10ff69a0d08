"""Records of exports: kept on the device, offline too, until a central has taken them into its audit.

Each is committed before the file is put in its place, so that none leaves without. They are no lines: nobody else sees
them, they are in no checksum, and no commit of the ledger is announced for them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence

from store.db.database import Database
from store.db.device_facts import corrected_ms, read_device_facts
from store.exceptions import DiskFull, ReadOnlyStore
from store.ledger.line import new_id

ClockMs = Callable[[], int]
MAX_RECORDS = 10_000
"""So many are kept where no central takes them, the latest."""


def record_export(database: Database, wall_clock: ClockMs, what: str, file_kind: str, rows: int) -> bool:
    """Keep the record of an export, on a connection of its own, so that the caller may be reading. ``wall_clock`` is
    this machine's, in ms since 1970. False where the disk takes nothing in: that keeps nobody from reading. Raises
    `StoreBusy`."""
    try:
        with contextlib.closing(database.with_same_key(database.path)) as apart, apart.write() as connection:
            facts = read_device_facts(connection)
            row = (new_id(), corrected_ms(wall_clock(), facts.offset_ms), facts.person, what, file_kind, rows)
            connection.execute(
                "INSERT INTO export_record (id, at, person_id, what, file_kind, rows) VALUES (?, ?, ?, ?, ?, ?)", row
            )
            connection.execute(
                "DELETE FROM export_record WHERE id IN "
                "(SELECT id FROM export_record ORDER BY at DESC, id DESC LIMIT -1 OFFSET ?)",
                (MAX_RECORDS,),
            )
    except (DiskFull, ReadOnlyStore):
        return False
    return True


def forget_exports(database: Database, ids: Sequence[str]) -> None:
    """Delete the records that the central has taken."""
    with contextlib.closing(database.with_same_key(database.path)) as apart, apart.write() as connection:
        connection.executemany("DELETE FROM export_record WHERE id = ?", ((each,) for each in ids))
