"""Backups and what is made from them: whole, of either database, into an empty place only."""

from __future__ import annotations

import os
import re
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from sync.central.admin import admin
from sync.central.admin.setup import open_database
from sync.central.api.app import create_app
from sync.central.backup.backup_file import seal_copy
from sync.central.backup.create import create_backup
from sync.central.backup.restore import restore_backup
from sync.central.db.database import CentralDatabase, sqlite_url
from sync.central.db.migrations.run import upgrade
from sync.central.db.tables import METADATA
from sync.central.exceptions import DamagedBackup, NewerCentral, NoCentral, NotABackup, PlaceTaken, RestoreFailed
from tests.sync.central.cells import District
from tests.sync.central.ledger import outcome_codes, project, visit
from tests.sync.central_fixture import Central, Laptop, create_central, running_central, serving_app
from tests.sync.postgres import Cluster

FIRST_DISTRICT = "'210903', '新邱区', 'c', 'secret', 0, 0, 0, 0, '[]', 0"
"""A district, as the first schema has it."""


def rows(data_dir: Path) -> dict[str, set[tuple[Any, ...]]]:
    """Every row of a central, by table."""
    database = open_database(data_dir)
    with database.read() as connection:
        found = {table.name: set(map(tuple, connection.execute(select(table)))) for table in METADATA.sorted_tables}
    database.close()
    return found


def without_what_follows(central: dict[str, set[tuple[Any, ...]]], until: int) -> dict[str, set[tuple[Any, ...]]]:
    """The rows without what backup and restore themselves write: their audit events, the counter, codes made void."""
    names = {table.name: list(table.columns.keys()) for table in METADATA.sorted_tables}
    kept = {name: set(found) for name, found in central.items() if name not in ("district", "invite")}
    kept["audit"] = {row for row in central["audit"] if row[names["audit"].index("seq")] <= until}
    kept["epoch"] = {row for row in central["epoch"] if row[names["epoch"].index("n")] == 1}
    kept["district"] = {row[:4] for row in central["district"]}
    used_at = names["invite"].index("used_at")
    kept["invite"] = {row[:used_at] + row[used_at + 1 :] for row in central["invite"]}
    return kept


def counter_of(data_dir: Path) -> int:
    """The number that the audit ends with."""
    return admin.audit_page(data_dir)[-1]["seq"]


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[tuple[Central, Laptop, District]]:
    """A serving central with roles of every kind, history, a close-out number and an audit."""
    with running_central(tmp_path) as central:
        district = District(central)
        own = district.projects[0]
        district.push(district.steward, [own._replace(stamp=own.stamp + 1, body={**own.body, "name": "改"})])
        admin.withdraw(central.data_dir, "department", "department")
        yield central, district.steward, district


@pytest.mark.proves("R50")
@pytest.mark.needs("postgresql")
def test_from_sqlite_to_postgresql_and_back_nothing_changes(
    tmp_path: Path, busy: tuple[Central, Laptop, District], postgres: Cluster
) -> None:
    """Lines, history, roles, devices, numbers and audit of a central are the same, row by row, after it moved to
    PostgreSQL by a backup and back to SQLite by another; the devices' tokens go on."""
    central, boss, _ = busy
    counter = counter_of(central.data_dir)
    before = without_what_follows(rows(central.data_dir), counter)
    assert all(before[name] for name in ("line", "version", "role", "device", "close_serial", "scope_event"))
    first = create_backup(central.data_dir, tmp_path / "first.gjc")
    moved = restore_backup(first.file, tmp_path / "pg", postgres.empty_database())
    assert without_what_follows(rows(tmp_path / "pg"), counter) == before
    second = create_backup(tmp_path / "pg", tmp_path / "second.gjc")
    assert second.manifest.lines == first.manifest.lines == moved.manifest.lines
    restore_backup(second.file, tmp_path / "back")
    assert without_what_follows(rows(tmp_path / "back"), counter) == before
    with running_again(tmp_path / "back") as url:
        boss.client.base_url = url
        assert outcome_codes(boss.push([visit(boss, busy[2].here.project)])) == ["applied"]


def running_again(data_dir: Path) -> Any:
    """A central that is already there, served by a thread of this process."""
    return serving_app(create_app(open_database(data_dir)))


def test_a_backup_is_of_one_moment_while_the_central_serves(tmp_path: Path, central: Central) -> None:
    """A backup that is made while a device pushes has what was acknowledged before it and adds up, of either database;
    the file is one file, private, and shows no half-written neighbour."""
    boss = central.enrol("局长")
    own = project(boss)
    boss.push([own, *(visit(boss, own.id, str(number)) for number in range(30))])
    with pushing(boss, own.id) as pushed:
        made = create_backup(central.data_dir, tmp_path / "b.gjc")
    reported = made.to_json()
    assert reported.items() >= {"accounts": 1, "file": str(made.file), "verified": True}.items()
    assert 31 <= made.manifest.lines <= 31 + len(pushed)
    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob("*b.gjc*")] == ["b.gjc"]
    restore_backup(made.file, tmp_path / "new")
    found = admin.check_integrity(tmp_path / "new")
    assert found == {"lines": made.manifest.lines, "damaged": [], "buckets": [], "total": False}


@contextmanager
def pushing(laptop: Laptop, place: str) -> Iterator[list[str]]:
    """Inside the block the laptop pushes one line after another; gives the outcomes."""
    outcomes: list[str] = []
    ended = threading.Event()

    def push() -> None:
        while not ended.is_set():
            outcomes.extend(outcome_codes(laptop.push([visit(laptop, place)])))

    thread = threading.Thread(target=push)
    thread.start()
    try:
        yield outcomes
    finally:
        ended.set()
        thread.join()


def test_only_an_empty_place_is_restored_into(tmp_path: Path, database_url: str | None) -> None:
    """A folder with anything in it, a central's or not, and a database with tables are refused and stay as they are;
    an empty folder, whatever its mode was, becomes private."""
    create_central(tmp_path / "c", database_url)
    made = create_backup(tmp_path / "c", tmp_path / "b.gjc")
    before = rows(tmp_path / "c")
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "letter.txt").write_text("mine")
    for place in (tmp_path / "c", tmp_path / "used", tmp_path / "b.gjc"):
        with pytest.raises(PlaceTaken):
            restore_backup(made.file, place)
    if database_url is not None:
        with pytest.raises(PlaceTaken):
            restore_backup(made.file, tmp_path / "other", database_url)
    assert rows(tmp_path / "c") == before
    assert os.listdir(tmp_path / "used") == ["letter.txt"]
    assert not (tmp_path / "other").exists()
    (tmp_path / "open").mkdir(mode=0o755)
    restore_backup(made.file, tmp_path / "open")
    assert stat.S_IMODE((tmp_path / "open").stat().st_mode) == 0o700


def test_what_is_no_backup_or_a_damaged_one_is_refused(tmp_path: Path) -> None:
    """A plain copy of central.db, a text, a missing file, and a backup in which one bit of the audit, the district or
    the manifest flipped: each is told, and no central is made of it."""
    create_central(tmp_path / "c")
    made = create_backup(tmp_path / "c", tmp_path / "b.gjc").file
    (tmp_path / "text").write_text("x")
    for name in ("c/central.db", "text", "missing"):
        with pytest.raises(NotABackup):
            restore_backup(tmp_path / name, tmp_path / "new")
    content = made.read_bytes()
    places = [at.start() for at in re.finditer("新邱区".encode(), content)]
    assert len(places) == 3
    for at in places:
        damaged = tmp_path / f"{at}.gjc"
        damaged.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        with pytest.raises(DamagedBackup):
            restore_backup(damaged, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_backup_of_another_version(tmp_path: Path) -> None:
    """A newer version's backup is refused and nothing made of it; an older one's is upgraded by the migrations on its
    way in."""
    made = {}
    for version in ("0001", "9999"):
        made[version] = tmp_path / f"{version}.gjc"
        database = CentralDatabase(sqlite_url(made[version]))
        with database.write() as connection:
            upgrade(connection, "0001")
            connection.execute(text(f"INSERT INTO district VALUES ({FIRST_DISTRICT})"))
            connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
        database.close()
        seal_copy(made[version], 0, rotates=False)
    with pytest.raises(NewerCentral):
        restore_backup(made["9999"], tmp_path / "new")
    assert not (tmp_path / "new").exists()
    restore_backup(made["0001"], tmp_path / "new")
    assert admin.stats(tmp_path / "new")["name"] == "新邱区"


def test_a_restore_is_told_and_voids_open_codes(tmp_path: Path) -> None:
    """The restored central's audit says from which file it came, and a code that was open in the backup enrols
    nobody: it may have been used since."""
    code = create_central(tmp_path / "c")
    made = create_backup(tmp_path / "c", tmp_path / "b.gjc").file
    restore_backup(made, tmp_path / "new")
    entry = admin.audit_page(tmp_path / "new")[-1]
    assert entry["action"] == "restore"
    assert (entry["detail"] or {})["file"] == str(made)
    with running_again(tmp_path / "new") as url:
        laptop = Laptop(url)
        device = {"id": laptop.device, "name": "笔记本"}
        answer = laptop.post("/v1/join", {"protocol": 1, "code": code, "device": device})
        assert answer.status_code == 403


def test_a_failed_restore_leaves_nothing(tmp_path: Path) -> None:
    """A database that does not answer is a sentence; no folder and no half central remain, and the backup stays."""
    create_central(tmp_path / "c")
    made = create_backup(tmp_path / "c", tmp_path / "b.gjc").file
    with pytest.raises(RestoreFailed):
        restore_backup(made, tmp_path / "new", "postgresql://nobody@/x?host=/nowhere")
    assert not (tmp_path / "new").exists()
    with pytest.raises(NoCentral):
        admin.stats(tmp_path / "new")
    restore_backup(made, tmp_path / "new")
