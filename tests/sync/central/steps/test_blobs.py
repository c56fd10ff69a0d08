"""The bytes of attachments at a central over SQLite and over PostgreSQL: each part once, checked whole, backed up."""

from __future__ import annotations

import base64
import hashlib
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from store.domain.erasures import erased_line
from store.ledger.line import Line, derived_id
from sync.central.admin.setup import read_central, write_central
from sync.central.backup.create import create_backup
from sync.central.backup.restore import restore_backup
from sync.central.db.database import CentralDatabase
from sync.central.db.tables import BLOB, BLOB_PART
from sync.central.reads.blobs import NamedBlob
from sync.central.writes.blobs import Sender, erase_bytes, receive_part
from sync.protocol.blobs import (
    BLOB_GET,
    BLOB_PUT,
    BLOB_SEND,
    BLOB_STATES,
    MAX_PARTS,
    PART_BYTES,
    BlobSendHead,
    join_head,
)
from tests.sync.central.api.test_serve import eventually
from tests.sync.central.ledger import outcome_codes, project
from tests.sync.central_fixture import DISTRICT, Central, Laptop, running_central
from tests.sync.postgres import Cluster

CONTENT = b"\xff\xd8\xff" + bytes(range(256)) * 700
"""A picture, as far as its beginning says: almost three parts."""
CHANGING = (
    "DELETE FROM blob",
    "DELETE FROM blob_part",
    "UPDATE blob SET whole_at = NULL",
    "UPDATE blob SET whole_at = NULL, erased_at = 1",
    "UPDATE blob SET sha256 = 'x'",
    "UPDATE blob_part SET sha256 = 'x'",
    "UPDATE blob_part SET content = content",
)


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
    at a time. What is complete is given back part by part, to the end; the database refuses to change or delete it; it
    comes back from a backup."""
    with running_central(tmp_path, database_url) as central:
        first, second = central.enrol("局长"), central.enrol("副局长")
        line = attachment(first)
        parts = [CONTENT[at : at + PART_BYTES] for at in range(0, len(CONTENT), PART_BYTES)]
        assert put(first, line, PART_BYTES, parts[1])["received"] == 0
        assert put(first, line, 0, parts[0][:-1])["received"] == 0
        assert put(first, line, 0, parts[0])["received"] == PART_BYTES
        assert put(second, line, PART_BYTES, parts[1])["received"] == 0
        assert put(second, line, 0, parts[0])["received"] == PART_BYTES
        assert read(second, line, 0) == (None, b"")
        done = put(second, line, PART_BYTES, b"".join(parts[1:]))
        assert done == {"known": True, "whole": True, "received": len(CONTENT), "refused": None}
        assert put(first, line, 0, parts[0]) == put(first, line, PART_BYTES, parts[1]) == done
        whole = b"".join(read(first, line, at)[1] for at in range(0, len(CONTENT) + 1, PART_BYTES))
        assert whole == CONTENT
        assert read(first, line, 3 * PART_BYTES) == (len(CONTENT), b"")
        for statement in CHANGING:
            with pytest.raises(DBAPIError, match="kept as they are"), write_central(central.data_dir) as connection:
                connection.execute(text(statement))
        create_backup(central.data_dir, tmp_path / "copy.db")
    restore_backup(tmp_path / "copy.db", tmp_path / "restored" / "central")
    with running_central(tmp_path / "again", begun=tmp_path / "restored") as central:
        again = central.enrol("局长")
        wanted = {"line": line.id, "sha256": line.body["sha256"]}
        assert again.ask(BLOB_STATES, {"wanted": [wanted]})["states"][0]["whole"]
        assert read(again, line, 0)[1] == parts[0]


def test_bytes_that_are_cut_off_on_the_way_count_up_to_their_last_part(central: Central) -> None:
    """A laptop that is killed within a request, or whose line breaks, has sent what whole parts came of it; what has no
    head is refused and changes nothing."""
    boss = central.enrol("局长")
    line = attachment(boss)
    head = BlobSendHead(line=line.id, sha256=str(line.body["sha256"]), offset=0)
    wanted = {"wanted": [{"line": line.id, "sha256": line.body["sha256"]}]}
    body = join_head(head, CONTENT)

    def torn() -> Iterator[bytes]:
        yield body[: 2 * PART_BYTES + PART_BYTES // 2]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        boss.client.post(BLOB_SEND, content=torn(), headers={"content-length": str(len(body))})
    assert eventually(lambda: boss.ask(BLOB_STATES, wanted)["states"][0]["received"] == 2 * PART_BYTES)
    assert boss.post(BLOB_SEND, CONTENT[:2_000]).status_code == 422
    rest = head.model_copy(update={"offset": 2 * PART_BYTES})
    assert boss.ask(BLOB_SEND, join_head(rest, CONTENT[2 * PART_BYTES :]))["state"]["whole"]


def test_nobody_spoils_what_another_sends(tmp_path: Path, database_url: str | None) -> None:
    """Who reads the line of a picture can send wrong bytes for it, or name the content in a line of another length: it
    is refused to them alone, and what the author sends arrives, whatever came meanwhile."""
    with running_central(tmp_path, database_url) as central:
        author, reader = central.enrol("局长"), central.enrol("副局长")
        line = attachment(author)
        short = reader.line("attachment", {**line.body, "size": 2 * PART_BYTES}, line.project)
        assert outcome_codes(reader.push([short])) == ["applied"]
        wrong = CONTENT[:3] + bytes(len(CONTENT) - 3)
        assert put(reader, line, 0, wrong[:PART_BYTES])["received"] == PART_BYTES
        assert put(author, line, 0, CONTENT[:PART_BYTES])["received"] == PART_BYTES
        assert put(reader, short, PART_BYTES, wrong[:PART_BYTES])["refused"] == "other_bytes"
        assert put(reader, line, 0, wrong)["refused"] == "other_bytes"
        assert put(reader, line, 0, wrong[:PART_BYTES])["received"] == PART_BYTES
        assert put(author, line, PART_BYTES, CONTENT[PART_BYTES:])["whole"]
        assert put(reader, line, PART_BYTES, wrong[PART_BYTES:])["whole"]
        assert read(reader, line, 0) == read(reader, short, 0) == (len(CONTENT), CONTENT[:PART_BYTES])
        with read_central(central.data_dir) as connection:
            assert connection.execute(select(BLOB.c.sha256)).all() == [(line.body["sha256"],)]
            assert set(connection.execute(select(BLOB_PART.c.sha256)).all()) == {(line.body["sha256"],)}


def test_erased_bytes_go_and_are_not_taken_again(tmp_path: Path, database_url: str | None) -> None:
    """The bureau's erasure of a file leaves none of its bytes, nor what another device has begun to send; a butler can
    say of no file that it is erased, and bytes that another line names stay. Nobody brings erased ones back."""
    with running_central(tmp_path, database_url) as central:
        boss, other = central.enrol("局长"), central.enrol("副局长")
        line, kept = attachment(boss), attachment(boss, CONTENT + b"kept")
        butler = central.enrol("管家", "butler", projects=[str(line.project)])
        also = boss.line("attachment", dict(kept.body), kept.project)
        again = other.line("attachment", dict(line.body), line.project)
        assert outcome_codes(boss.push([also])) == ["applied"]
        for sent in (line, kept):
            put(other, sent, 0, CONTENT[:PART_BYTES])
            assert put(boss, sent, 0, CONTENT + b"kept" if sent is kept else CONTENT)["whole"]
        forged = erased_line(line)._replace(
            device=butler.device, author=butler.person, stamp=also.stamp, base=line.stamp
        )
        assert outcome_codes(butler.push([forged])) == ["forbidden"]
        assert outcome_codes(boss.push([erasure(boss, line), erasure(boss, kept)])) == ["applied"] * 2
        with read_central(central.data_dir) as connection:
            left = connection.execute(select(BLOB.c.sha256, BLOB.c.received)).all()
            assert set(left) == {(line.body["sha256"], 0), (kept.body["sha256"], len(CONTENT) + 4)}
            assert set(connection.execute(select(BLOB_PART.c.sha256)).all()) == {(kept.body["sha256"],)}
        assert outcome_codes(other.push([again])) == ["applied"]
        assert put(other, again, 0, CONTENT)["refused"] == "erased"
        assert read(other, again, 0) == read(boss, line, 0) == (None, b"")


@pytest.mark.needs("postgresql")
def test_no_part_slips_in_while_its_file_is_erased(postgres: Cluster) -> None:
    """In PostgreSQL parts come beside an erasure that is not committed yet: they wait for it, and none is kept."""
    blob = NamedBlob("body:p", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT), "image/jpeg")
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    database = CentralDatabase(postgres.database())

    def send(content: bytes) -> str | None:
        with database.write() as connection:
            return receive_part(connection, Sender(DISTRICT, "d"), blob, 0, content, 1).refused

    with ThreadPoolExecutor(2) as beside:
        with database.write() as erasing:
            assert erase_bytes(erasing, DISTRICT, [blob[:2]], 1) == 1
            sent = [beside.submit(send, content) for content in (CONTENT[:PART_BYTES], CONTENT)]
            eventually(lambda: erasing.execute(waiting).scalar() == 2 or all(one.done() for one in sent))
        assert [one.result() for one in sent] == ["erased", "erased"]
    with database.read() as connection:
        assert connection.execute(select(BLOB_PART.c.sha256)).all() == []
    database.close()


def test_the_district_says_which_bytes_are_taken(central: Central) -> None:
    """Bytes of a sort or size that the bureau does not let in are refused before any of them is kept; what the limit
    lets in later is taken."""
    boss = central.enrol("局长")
    line, values = attachment(boss, CONTENT), (("file_pictures", 0, "not_taken"), ("file_mb", 0, "too_large"))
    for name, value, refused in values:
        line_id = derived_id(DISTRICT, "district_limit", name)
        for shown, outcome in ((value, refused), (1, None)):
            limit = boss.line("district_limit", {"name": name, "value": shown}, id=line_id)
            assert outcome_codes(boss.push([limit])) == ["applied"]
            if outcome is not None:
                assert put(boss, line, 0, CONTENT[:PART_BYTES])["refused"] == outcome
    assert put(boss, line, 0, CONTENT)["whole"]


def erasure(laptop: Laptop, of: Line) -> Line:
    """That the bureau erases an attachment."""
    said = {"person_id": of.id, "reason": "本人申请", "basis": "法"}
    return laptop.line("erasure", said, id=derived_id(DISTRICT, "erasure", of.id))


def test_a_whole_file_is_checked_in_little_memory(central: Central) -> None:
    """What is complete is read part by part to be checked: a file of many parts takes no more memory than a few."""
    boss = central.enrol("局长")
    content = CONTENT[:PART_BYTES] * 256
    line = attachment(boss, content)
    for at in range(0, len(content) - PART_BYTES, MAX_PARTS * PART_BYTES):
        put(boss, line, at, content[at : min(at + MAX_PARTS * PART_BYTES, len(content) - PART_BYTES)])
    tracemalloc.start()
    try:
        assert put(boss, line, len(content) - PART_BYTES, content[-PART_BYTES:])["whole"]
        assert tracemalloc.get_traced_memory()[1] < len(content) / 2
    finally:
        tracemalloc.stop()


def read(laptop: Laptop, line: Line, offset: int) -> tuple[int | None, bytes]:
    """Ask for a part; gives how many bytes there are in all, and the part."""
    answer = laptop.ask(BLOB_GET, {"line": line.id, "sha256": line.body["sha256"], "offset": offset})
    return answer["size"], base64.b64decode(answer["data"])
