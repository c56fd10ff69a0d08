"""A backup for people: one encrypted file with the ledger and what belongs to it of the device's state."""

from __future__ import annotations

from pathlib import Path

from store.db.database import Database
from store.writer.carried_state import pack


def backup_store(database: Database, target: Path) -> None:
    """Write an encrypted copy to ``target`` (same key), consistent although others may be writing. It carries drafts of
    forms, since they are somebody's typed work, and the histories. Raises `HomeExists` when ``target`` exists."""
    database.backup(target)
    copy = database.with_same_key(target)
    try:
        pack(database, copy)
    finally:
        copy.close()
