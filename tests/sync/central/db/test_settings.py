"""The central's folder: private, whatever the umask was and whatever the folder's mode is."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.central.admin import admin
from sync.central.admin.setup import open_database
from sync.central.db.settings import SETTINGS_FILE, load_central_settings
from sync.central.exceptions import BadCentralSettings
from tests.sync.central_fixture import DISTRICT, DISTRICT_NAME

MODELESS_DISK = """
import os, stat, sys
from pathlib import Path

class Shown:
    def __init__(self, status):
        self.status = status
    def __getattr__(self, name):
        value = getattr(self.status, name)
        return value | 0o777 if name == "st_mode" else value

read = Path.stat
Path.stat = lambda self, **options: Shown(read(self, **options))
Path.chmod = lambda self, mode, **options: None
from store.exceptions import DiskKeepsNoPermissions
from store.home.paths import Home
from sync.central.admin import admin
folder = Path(sys.argv[1])
for act in (Home(folder / "home").create, lambda: admin.create(folder / "central", "210903", "x")):
    try:
        act()
    except DiskKeepsNoPermissions as error:
        print(error.values["path"])
"""
"""A program on a disk that shows every file to everybody and forgets each chmod, as FAT does."""


@pytest.fixture
def open_umask() -> Iterator[None]:
    """The loosest umask there is."""
    before = os.umask(0)
    yield
    os.umask(before)


def exposed(folder: Path) -> list[str]:
    """What others may read or enter, in and with the folder."""
    return [path.name for path in (folder, *folder.rglob("*")) if stat.S_IMODE(path.stat().st_mode) & 0o077]


@pytest.mark.needs("linux")
def test_all_that_a_central_writes_is_private(tmp_path: Path, open_umask: None) -> None:
    """Folder, database, its log and its safety copy are the operator's alone, also in a folder that others may
    enter."""
    folder = tmp_path / "c"
    folder.mkdir(mode=0o777)
    admin.create(folder, DISTRICT, DISTRICT_NAME)
    database = open_database(folder)
    database.copy_into(folder / "central.db.before-0000")
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE district SET name = 'x'")
        names = {path.name for path in folder.iterdir()}
        assert exposed(folder) == []
    database.close()
    assert {"central.db", "central.db-wal", "central.db-shm", "central.db.before-0000"} <= names


@pytest.mark.needs("linux")
def test_an_older_central_is_made_private(tmp_path: Path) -> None:
    """A folder and files that an earlier version left open are closed when the central is opened; where the folder has
    somebody else's files in it, it stays as it is and only the central's files are closed."""
    for name, stranger in (("own", None), ("shared", "letter.txt")):
        folder = tmp_path / name
        admin.create(folder, DISTRICT, DISTRICT_NAME)
        folder.chmod(0o755)
        (folder / "central.db").chmod(0o644)
        if stranger:
            (folder / stranger).touch(0o644)
        admin.stats(folder)
        assert exposed(folder) == ([] if stranger is None else ["shared", "letter.txt"])


def test_a_disk_that_keeps_no_permissions_is_said_as_such(tmp_path: Path) -> None:
    """On a disk where nothing can be private neither a home nor a central is made; the sentence names the disk, not
    another user."""
    program = [sys.executable, "-c", MODELESS_DISK, str(tmp_path)]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(tmp_path / "home"), str(tmp_path / "central")]
    assert list((tmp_path / "central").iterdir()) == []


@pytest.mark.parametrize("content", [b"database = ", b"database = 5\n", b'x = 1\ndatabase = "a" "b"\n'])
def test_a_central_is_never_served_from_another_database_for_a_slip(tmp_path: Path, content: bytes) -> None:
    """A settings file with a bad line is refused with its line; the SQLite file beside it is no substitute for the
    database that the line may have named."""
    (tmp_path / SETTINGS_FILE).write_bytes(content)
    with pytest.raises(BadCentralSettings) as caught:
        load_central_settings(tmp_path)
    assert caught.value.values["line"] == content.count(b"\n", 0, content.index(b"database")) + 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_centrals_settings_saved_by_any_editor_are_read(tmp_path: Path, encoding: str) -> None:
    """A byte order mark or UTF-16 is no mistake."""
    (tmp_path / SETTINGS_FILE).write_bytes('database = "postgresql://x/y"\r\n'.encode(encoding))
    assert load_central_settings(tmp_path).database == "postgresql://x/y"
