"""A backup for people: one encrypted file with the ledger and what belongs to it of the device's state."""

from __future__ import annotations

import contextlib
from pathlib import Path

from store.db.database import Database
from store.writer.carried_blobs import pack_blobs
from store.writer.carried_state import DEVICE_FILE_ERRORS, PackedState, pack, read_packed_state
from store.writer.scrubbing import is_scrub_due


def backup_store(database: Database, target: Path) -> bool:
    """Write an encrypted copy to ``target`` (same key), consistent although others may be writing. It carries the bytes
    of attachments that are here, drafts of forms, since they are somebody's typed work, and the histories. Raises
    `HomeExists` when ``target`` exists.

    Returns whether it carries drafts and histories: where the device's file cannot be read, it is without them."""
    state: PackedState | None
    try:
        state = read_packed_state(database)
    except DEVICE_FILE_ERRORS:
        state = None
    is_due = is_scrub_due(database)
    database.backup(target, compact=is_due)
    with contextlib.closing(database.with_same_key(target)) as copy:
        pack_blobs(database, copy, _leaving(database) if is_due else ())
    return state is not None and _pack_into(state, database.with_same_key(target))


def _leaving(database: Database) -> set[str]:
    from store.writer.stray_blobs import names_to_go  # noqa: PLC0415 - loads the kinds; seldom is anything to go

    return names_to_go(database)


def _pack_into(state: PackedState, copy: Database) -> bool:
    try:
        pack(state, copy)
    except DEVICE_FILE_ERRORS:
        return False
    finally:
        copy.close()
    return True
