"""Making a backup: under its name there is a whole one or none, older ones go as told, and what fails says so."""

from __future__ import annotations

import contextlib
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from sync.central.admin import admin
from sync.central.admin.setup import open_database
from sync.central.backup.aside import PREFIX
from sync.central.backup.backup_file import read_manifest, verify_backup
from sync.central.backup.create import create_backup
from sync.central.exceptions import BackupExists, BackupFailed, BackupNotRecorded
from tests.sync.central.ledger import project
from tests.sync.central_fixture import DISTRICT, DISTRICT_NAME, ROOT, Central, create_central

KILLED = """
import os, signal, sys
from pathlib import Path
from sync.central.backup.aside import folder_aside
with folder_aside(Path(sys.argv[1])) as aside:
    (aside / "b.gjc").write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A central's folder."""
    create_central(tmp_path / "c")
    return tmp_path / "c"


@contextlib.contextmanager
def files_bounded(size: int) -> Iterator[None]:
    """No file of this process can grow beyond ``size`` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def left(folder: Path) -> list[str]:
    """What lies in a folder beside the central's own."""
    return sorted(path.name for path in folder.iterdir() if path.name != "c")


def test_a_backup_never_overwrites_and_needs_its_folder(data: Path, tmp_path: Path) -> None:
    """A name that is taken is refused and the file stays; so is a folder that is not there."""
    (tmp_path / "b.gjc").write_text("mine")
    with pytest.raises(BackupExists):
        create_backup(data, tmp_path / "b.gjc")
    with pytest.raises(BackupFailed, match="it is not there"):
        create_backup(data, tmp_path / "nowhere" / "b.gjc")
    assert (tmp_path / "b.gjc").read_text() == "mine"
    assert left(tmp_path) == ["b.gjc"]


def test_older_backups_go_as_told(data: Path, tmp_path: Path) -> None:
    """``keep`` removes the oldest of this central's own rotating backups and nothing else: not one made by hand, not
    another central's, not a file of somebody, whatever it is called."""
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "central-210903-19990101-000000.gjc").write_text("letter")
    by_hand = create_backup(data, folder / "by-hand.gjc").file
    create_central(tmp_path / "other")
    others = create_backup(tmp_path / "other", folder / "others.gjc", keep=1).file
    made = [create_backup(data, folder / f"{number}.gjc", keep=2) for number in range(3)]
    assert [one.removed for one in made] == [[], [], [made[0].file]]
    assert {path.name for path in folder.iterdir()} == {
        "central-210903-19990101-000000.gjc", "1.gjc", "2.gjc", by_hand.name, others.name,
    }  # fmt: skip


def test_a_folder_gets_a_backup_named_by_district_and_time(data: Path, tmp_path: Path) -> None:
    """Into a folder the backup is written under a name of its own, which a timer can repeat every day."""
    made = create_backup(data, tmp_path)
    assert made.file.parent == tmp_path
    assert made.file.name.startswith(f"central-{DISTRICT}-")
    assert read_manifest(made.file).districts[0].name == DISTRICT_NAME


@pytest.mark.needs("linux")
def test_a_full_disk_is_a_sentence_and_leaves_no_half_file(data: Path, tmp_path: Path) -> None:
    """Where the disk has no room the command says so; the central is as it was, and nothing lies about."""
    with files_bounded(65_536), pytest.raises(BackupFailed) as caught:
        create_backup(data, tmp_path / "b.gjc")
    assert caught.value.values["detail"]
    assert left(tmp_path) == []
    assert admin.check_integrity(data)["lines"] == 0


@pytest.mark.needs("linux")
def test_a_killed_backup_leaves_no_file_under_its_name(data: Path, tmp_path: Path) -> None:
    """After SIGKILL in the middle there is no file of that name, and the next backup clears what was left aside; one
    that is being written is not touched."""
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    (abandoned,) = left(tmp_path)
    assert abandoned.startswith(PREFIX)
    writing = tmp_path / f"{PREFIX}writing"
    writing.mkdir()
    create_backup(data, tmp_path / "b.gjc")
    assert left(tmp_path) == [writing.name, "b.gjc"]


def test_a_damaged_line_does_not_stop_the_backup(central: Central, tmp_path: Path) -> None:
    """A row that rotted at the central is quarantined first, as `check` does it; the backup adds up without it."""
    boss = central.enrol("局长")
    boss.push([project(boss, "一"), project(boss, "二")])
    database = open_database(central.data_dir)
    with database.write() as connection:
        connection.execute(text("UPDATE line SET wire = wire || ' ' WHERE seq = (SELECT MAX(seq) FROM line)"))
    database.close()
    made = create_backup(central.data_dir, tmp_path / "b.gjc")
    assert made.manifest.lines == 2
    assert verify_backup(made.file) == made.manifest
    assert admin.stats(central.data_dir)["damaged"] == 1


def test_a_backup_that_cannot_be_noted_is_there_all_the_same(data: Path, tmp_path: Path) -> None:
    """Where the central fails after the backup was put in place, the error says that the file is good."""
    database = open_database(data)
    with database.write() as connection:
        refuse = "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END"
        connection.exec_driver_sql(refuse)
    database.close()
    with pytest.raises(BackupNotRecorded, match="no room"):
        create_backup(data, tmp_path / "b.gjc")
    assert verify_backup(tmp_path / "b.gjc").districts[0].name == DISTRICT_NAME
