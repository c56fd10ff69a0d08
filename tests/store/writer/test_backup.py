"""A backup is copied page by page; of what was erased it has nothing, though the store's file still may."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from store.db.database import Database
from store.writer.backup import backup_store
from store.writer.scrubbing import SCRUB_FACT
from tests.store.devices import device


def _free_pages(database: Database) -> int:
    return int(database.connection().execute("PRAGMA freelist_count").fetchone()[0])


def test_a_backup_has_no_page_that_may_hold_what_was_erased(tmp_path: Path) -> None:
    """Until the file has been written anew after an erasure, a backup is written row by row, without its free pages."""
    ledger = device(tmp_path, "a")
    ledger.put("project", {"name": "示范项目", "number": "续1", "category": "continuing"})
    with ledger.database.write() as connection:
        connection.execute("CREATE TABLE gone AS SELECT hex(zeroblob(9000)) AS x")
    with ledger.database.write() as connection:
        connection.execute("DROP TABLE gone")
    assert _free_pages(ledger.database) > 0
    for name, is_due in (("before", False), ("after", True)):
        if is_due:
            ledger.database.connection().execute("INSERT INTO meta (key, value) VALUES (?, '1')", (SCRUB_FACT,))
        assert backup_store(ledger.database, tmp_path / name)
        with closing(ledger.database.with_same_key(tmp_path / name)) as copy:
            assert (_free_pages(copy) == 0) == is_due
            assert copy.connection().execute("SELECT count(*) FROM project").fetchone()[0] == 1
