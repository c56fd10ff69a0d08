"""The bytes of attachments at a central over SQLite and over PostgreSQL: each part once, checked whole, backed up."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from store.ledger.line import Line
from sync.central.backup.create import create_backup
from sync.central.backup.restore import restore_backup
from sync.protocol.blobs import BLOB_GET, BLOB_PUT, BLOB_STATES, PART_BYTES
from tests.sync.central.ledger import outcome_codes, project
from tests.sync.central_fixture import Laptop, running_central

CONTENT = b"\xff\xd8\xff" + bytes(range(256)) * 700
"""A picture, as far as its beginning says: almost three parts."""


def attachment(laptop: Laptop, content: bytes = CONTENT) -> Line:
    """A project and a picture of it, pushed."""
    place = project(laptop, "一")
    body = {
        "of_kind": "project", "of_id": place.id, "name": "图.jpg", "media_type": "image/jpeg", "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }  # fmt: skip
    line = laptop.line("attachment", body, place.id)
    assert outcome_codes(laptop.push([place, line])) == ["applied", "applied"]
    return line


def put(laptop: Laptop, line: Line, offset: int, content: bytes) -> dict[str, Any]:
    """Send a part; gives what there is then."""
    data = base64.b64encode(content).decode()
    answer = laptop.ask(BLOB_PUT, {"line": line.id, "sha256": line.body["sha256"], "offset": offset, "data": data})
    return {**answer["state"], "refused": answer["refused"]}


def test_parts_count_once_and_the_whole_is_given_back(tmp_path: Path, database_url: str | None) -> None:
    """A part that comes twice, too early or with a rest that is no part changes nothing; two devices may send the same
    in turn. What is complete is given back part by part, to the end, and comes back from a backup."""
    with running_central(tmp_path, database_url) as central:
        first, second = central.enrol("局长"), central.enrol("副局长")
        line = attachment(first)
        parts = [CONTENT[at : at + PART_BYTES] for at in range(0, len(CONTENT), PART_BYTES)]
        assert put(first, line, PART_BYTES, parts[1])["received"] == 0
        assert put(first, line, 0, parts[0][:-1])["received"] == 0
        assert put(first, line, 0, parts[0])["received"] == PART_BYTES
        assert put(second, line, 0, parts[0])["received"] == PART_BYTES
        assert read(second, line, 0) == (None, b"")
        done = put(second, line, PART_BYTES, b"".join(parts[1:]))
        assert done == {"known": True, "whole": True, "received": len(CONTENT), "refused": None}
        assert put(first, line, 0, parts[0]) == done
        whole = b"".join(read(first, line, at)[1] for at in range(0, len(CONTENT) + 1, PART_BYTES))
        assert whole == CONTENT
        assert read(first, line, 3 * PART_BYTES) == (len(CONTENT), b"")
        create_backup(central.data_dir, tmp_path / "copy.db")
    restore_backup(tmp_path / "copy.db", tmp_path / "restored" / "central")
    with running_central(tmp_path / "again", begun=tmp_path / "restored") as central:
        again = central.enrol("局长")
        wanted = {"line": line.id, "sha256": line.body["sha256"]}
        assert again.ask(BLOB_STATES, {"wanted": [wanted]})["states"][0]["whole"]
        assert read(again, line, 0)[1] == parts[0]


def read(laptop: Laptop, line: Line, offset: int) -> tuple[int | None, bytes]:
    """Ask for a part; gives how many bytes there are in all, and the part."""
    answer = laptop.ask(BLOB_GET, {"line": line.id, "sha256": line.body["sha256"], "offset": offset})
    return answer["size"], base64.b64decode(answer["data"])
