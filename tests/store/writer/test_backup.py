"""A backup is copied page by page; of what was erased it has nothing, though the store's file still may."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from store.commands.attachments import attach
from store.commands.erasures import erase, plan_erasure
from store.db.database import Database
from store.home.blobs.blob_store import BlobStore
from store.writer.backup import backup_store
from store.writer.scrubbing import SCRUB_FACT, is_scrub_due, scrub_if_due
from tests.store.devices import KEY, device
from tests.store.raw_pages import raw_pages

CANARY = "金丝雀三"


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


def test_a_backup_after_an_erasure_has_nothing_of_it(tmp_path: Path) -> None:
    """Neither the backup that is made before the files are written anew nor a later one has the name in any page, free
    or not, or the bytes of the erased file, which at first still lie beside the ledger; other bytes are carried."""
    ledger = device(tmp_path, "a")
    person = ledger.put("person", {"name": CANARY, "note": CANARY * 900}).id
    project = ledger.put("project", {"name": "示范项目", "number": "续1", "category": "continuing"}).id
    paths = [tmp_path / f"{name}.pdf" for name in ("批复", CANARY)]
    for path in paths:
        path.write_bytes(b"%PDF-1.4 " + path.stem.encode())
    _kept, gone = attach(ledger, project, paths).lines
    connection = ledger.database.connection()
    assert backup_store(ledger.database, tmp_path / "before")
    assert (
        CANARY.encode() in raw_pages(tmp_path / "before", KEY) and _carried(ledger.database, tmp_path / "before") == 2
    )
    erase(ledger, plan_erasure(connection, person), "本人申请", files=[gone.id])
    for name, is_due in (("at_once", True), ("later", False)):
        assert is_scrub_due(ledger.database) == is_due
        assert len(list(BlobStore(ledger.database).folder.iterdir())) == (2 if is_due else 1)
        assert backup_store(ledger.database, tmp_path / name)
        assert CANARY.encode() not in raw_pages(tmp_path / name, KEY)
        assert _carried(ledger.database, tmp_path / name) == 1
        assert scrub_if_due(ledger.database)


def _carried(database: Database, copy: Path) -> int:
    """How many files a backup carries."""
    with closing(database.with_same_key(copy)) as opened:
        return int(opened.connection().execute("SELECT count(DISTINCT name) FROM carried_blob").fetchone()[0])
