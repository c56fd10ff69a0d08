"""Attached files move from the central's database to an S3-compatible store, and nothing is lost on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from store.ledger.hlc import system_clock_ms
from store.ledger.line import Line
from sync.central.admin.files import FileCount, count_outside, files_report
from sync.central.admin.setup import open_database, read_central, write_central
from sync.central.backup.create import create_backup
from sync.central.backup.restore import restore_backup
from sync.central.db.object_store import ObjectStore
from sync.central.db.settings import SETTINGS_FILE
from sync.central.db.tables import BLOB, BLOB_PART
from sync.central.exceptions import ObjectsNotNamed, ObjectsUnreachable
from sync.central.writes.blob_moves import BlobMoves
from sync.protocol.blobs import BLOB_STATES, PART_BYTES
from tests.sync.central.ledger import outcome_codes
from tests.sync.central.steps.test_blobs import CHANGING, CONTENT, attachment, erasure, put, read
from tests.sync.central_fixture import Central, Laptop, running_central
from tests.sync.object_service import KEYS, ObjectService, object_service
from tui.cli import main


@pytest.fixture(scope="module")
def running_service() -> Iterator[ObjectService]:
    """A service that all tests of this module use."""
    with object_service() as service:
        yield service


@pytest.fixture
def service(running_service: ObjectService) -> ObjectService:
    """The same, empty."""
    for name in running_service.contents():
        running_service.store().delete(name.removeprefix("office/"))
    return running_service


def move(central: Central, store: ObjectStore) -> int:
    """What a serving central does now and then; gives how many files were moved."""
    database = open_database(central.data_dir)
    try:
        return BlobMoves(database, store, system_clock_ms).run()
    finally:
        database.close()


def parts_left(central: Central) -> int:
    """How many parts are in the database."""
    with read_central(central.data_dir) as connection:
        return len(connection.execute(select(BLOB_PART.c.place)).all())


def whole(laptop: Laptop, line: Line) -> bytes:
    """All bytes of a file, as a device reads them."""
    return b"".join(read(laptop, line, at)[1] for at in range(0, len(CONTENT), PART_BYTES))


def name_store(central: Central, url: str) -> None:
    """Let the central's settings name a store."""
    file = central.data_dir / SETTINGS_FILE
    file.write_text(f'{file.read_text("utf-8")}blobs = "{url}"\n', "utf-8")


class Disturbed(ObjectStore):
    """A store with which something happens right after an object was written."""

    def __init__(self, service: ObjectService, what: object) -> None:
        super().__init__(service.store().address, KEYS)
        self._what = what

    def put(self, name: str, content: bytes) -> None:
        """Write it; then it happens."""
        super().put(name, content)
        assert callable(self._what)
        self._what()


def test_whole_files_move_and_are_read_and_sent_as_before(
    tmp_path: Path, database_url: str | None, service: ObjectService
) -> None:
    """A whole file moves once, its parts leave the database, and devices read it from the store part by part; what is
    still coming stays. Sent again it is there already. A backup says what it does not hold, and the central made from
    it reads it again once its settings name the store; without the store it says what is the matter, and what has gone
    from the store is named."""
    with running_central(tmp_path, database_url, objects=service.store()) as central:
        first, second = central.enrol("局长"), central.enrol("副局长")
        line, half = attachment(first), attachment(first, CONTENT + b"half")
        put(first, half, 0, CONTENT[:PART_BYTES])
        assert put(first, line, 0, CONTENT)["whole"]
        assert (move(central, service.store()), move(central, service.store()), parts_left(central)) == (1, 0, 1)
        assert list(service.contents().values()) == [CONTENT]
        assert whole(second, line) == CONTENT and read(second, line, 3 * PART_BYTES) == (len(CONTENT), b"")
        assert put(second, line, 0, CONTENT)["whole"]
        for statement in CHANGING[2:5]:
            with pytest.raises(DBAPIError, match="kept as they are"), write_central(central.data_dir) as connection:
                connection.execute(text(statement))
        backup = create_backup(central.data_dir, tmp_path / "copy.db")
        assert backup.outside == FileCount(1, len(CONTENT))
    restored = restore_backup(tmp_path / "copy.db", tmp_path / "restored" / "central")
    assert restored.outside == backup.outside
    with running_central(tmp_path / "again", begun=tmp_path / "restored") as central:
        again = central.enrol("局长")
        assert read(again, line, 0) == (None, b"")
        with pytest.raises(ObjectsNotNamed):
            files_report(central.data_dir, look=True)
    with running_central(tmp_path / "third", begun=tmp_path / "restored", objects=service.store()) as central:
        again = central.enrol("局长")
        assert whole(again, line) == CONTENT


@pytest.mark.usefixtures("database_url")
def test_whatever_dies_on_the_way_every_file_is_whole_and_once(tmp_path: Path, service: ObjectService) -> None:
    """A process that dies once the object is written, and another one that moves the same at that moment: the file is
    read all the time, and at the end it is one object and no part."""
    with running_central(tmp_path, objects=service.store()) as central:
        boss = central.enrol("局长")
        line = attachment(boss)
        put(boss, line, 0, CONTENT)

        def die() -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            move(central, Disturbed(service, die))
        assert whole(boss, line) == CONTENT and parts_left(central) == 3
        beside: list[int] = []
        assert move(central, Disturbed(service, lambda: beside.append(move(central, service.store())))) == 0
        assert (beside, parts_left(central), list(service.contents().values())) == ([1], 0, [CONTENT])
        assert whole(boss, line) == CONTENT


def test_erased_files_leave_the_store_too(tmp_path: Path, database_url: str | None, service: ObjectService) -> None:
    """A file that is erased after it moved, and one that is erased while it moves: no object has their bytes."""
    with running_central(tmp_path, database_url, objects=service.store()) as central:
        boss = central.enrol("局长")
        moved, moving = attachment(boss), attachment(boss, CONTENT + b"moving")
        put(boss, moved, 0, CONTENT)
        assert move(central, service.store()) == 1
        put(boss, moving, 0, CONTENT + b"moving")

        def erase() -> None:
            assert outcome_codes(boss.push([erasure(boss, moving), erasure(boss, moved)])) == ["applied"] * 2

        assert move(central, Disturbed(service, erase)) == 0
        assert move(central, service.store()) == 0 and not service.contents() and not parts_left(central)
        assert read(boss, moved, 0) == read(boss, moving, 0) == (None, b"")
        with read_central(central.data_dir) as connection:
            assert connection.execute(select(BLOB.c.sent_at, BLOB.c.stored_at)).all() == [(None, None)] * 2


def test_a_store_that_is_away_holds_up_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], service: ObjectService
) -> None:
    """While the store does not answer records and files are taken in and files of the database are given out; the
    central says what is the matter, and its check says so too. Afterwards all files move. What then goes from the store
    is named by the check."""
    with object_service() as other:
        away = other.store()
    for name, value in zip(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), KEYS[:2], strict=True):
        monkeypatch.setenv(name, value)
    with running_central(tmp_path, objects=away) as central:
        boss = central.enrol("局长")
        line, early = attachment(boss), attachment(boss, CONTENT + b"early")
        put(boss, early, 0, CONTENT + b"early")
        assert move(central, service.store()) == 1
        assert put(boss, line, 0, CONTENT)["whole"]
        with pytest.raises(ObjectsUnreachable, match="nothing is lost"):
            move(central, away)
        assert whole(boss, line) == CONTENT and read(boss, early, 0) == (None, b"")
        state = {"wanted": [{"line": early.id, "sha256": early.body["sha256"]}]}
        assert boss.ask(BLOB_STATES, state)["states"][0]["whole"]
        name_store(central, service.url)
        assert move(central, service.store()) == 1
        check = ("central", "files", "--check", "--data", str(central.data_dir), "--json")
        assert main.run(check) == 0
        gone = next(name for name, content in service.contents().items() if content == CONTENT)
        service.store().delete(gone.removeprefix("office/"))
        capsys.readouterr()
        assert main.run(check) == 3
        assert str(line.body["sha256"]) in capsys.readouterr().out
        with read_central(central.data_dir) as connection:
            assert count_outside(connection).files == 2
