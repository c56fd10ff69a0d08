"""A backup carries the bytes of attachments, and a home that is made from it has them again."""

from __future__ import annotations

import io
from contextlib import closing
from pathlib import Path

from store.home.blobs.blob_store import BlobStore
from store.writer.backup import backup_store
from store.writer.carried_blobs import unpack_blobs
from store.writer.upgrade import open_store
from tests.store.devices import KEY, device

CONTENT = b"a canary of an attachment " * 100_000


def test_bytes_come_back_from_a_backup(tmp_path: Path) -> None:
    """What is attached is in the one file of the backup, encrypted; unpacked it can be read, and the ledger carries it
    no longer. A copy without attachments is as before."""
    ledger = device(tmp_path / "home", "a")
    facts = [BlobStore(ledger.database).put("i:1", io.BytesIO(content)) for content in (CONTENT, b"")]
    copy = tmp_path / "copy.db"
    assert backup_store(ledger.database, copy)
    ledger.database.close()
    assert b"canary" not in copy.read_bytes()
    with closing(open_store(copy, KEY)) as restored:
        assert unpack_blobs(restored) == 2
        blobs = BlobStore(restored)
        assert [blobs.read("i:1", each.sha256) for each in facts] == [CONTENT, b""]
        assert unpack_blobs(restored) == 0
        size = copy.stat().st_size
        assert backup_store(restored, tmp_path / "again.db")
    assert size < len(CONTENT) < (tmp_path / "again.db").stat().st_size
