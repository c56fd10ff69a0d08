"""The operator sets a central back to an earlier state: from a backup, or by accepting a copied file as it is.

What happened after that state is known to devices only, which heal it (``sync/central/epochs.py``). What could have
been used since is void from now on.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, update

from sync.central import audit
from sync.central.admin.operator import operator_name
from sync.central.admin.setup import districts, gap_of, open_incomplete
from sync.central.clock import central_clock
from sync.central.db.commit_order import lock_district
from sync.central.db.serving_mark import Gap, clear_mark
from sync.central.db.tables import INVITE
from sync.central.epochs import RESTORED, begin_epoch


def record_set_back(connection: Connection, file: str, made_at: int | None, operator: str) -> None:
    """Begin a new epoch in every district, in the transaction that set the central back: one-time codes that are open
    become void, and the audit says who did it, from which ``file`` and from when that is (``made_at``, in milliseconds
    since 1970)."""
    for district in districts(connection):
        counter = lock_district(connection, district, central_clock().now_ms())
        if counter is None:
            continue
        begin_epoch(connection, counter, RESTORED)
        open_codes = (INVITE.c.district == district) & INVITE.c.used_at.is_(None)
        connection.execute(update(INVITE).where(open_codes).values(used_at=counter.now_ms))
        audit.record_event(connection, counter, "restore", file=file, made_at=made_at, by=operator)
        counter.save(connection)


def accept_incomplete(data_dir: Path) -> None:
    """Take the database of an incomplete copy for the central from now on: what it lacks is healed by the devices.
    Raises what `open_incomplete` raises."""
    database = open_incomplete(data_dir)
    try:
        clear_mark(database, data_dir)
        with database.write() as connection:
            record_set_back(connection, str(data_dir), None, operator_name())
    finally:
        database.close()


def accept_older_file(data_dir: Path) -> bool:
    """The same before a central is served from a file that is older than what its folder has served: somebody put an
    earlier copy in its place. Gives whether it was so."""
    is_older = gap_of(data_dir) is Gap.SET_BACK
    if is_older:
        accept_incomplete(data_dir)
    return is_older
