"""Copies are told from homes that were moved, and nothing that changes by itself makes a copy of a home."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from sync.device.fingerprint import StoreFingerprint, is_copy, store_fingerprint


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A store file in a home."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "ledger.db").write_bytes(b"store")
    return tmp_path / "home" / "ledger.db"


def machine(folder: Path, name: str) -> tuple[Path]:
    """The machine id file of a machine."""
    (folder / f"{name}.id").write_text(f"{name}\n")
    return (folder / f"{name}.id",)


def test_a_copy_is_told_from_a_home_that_was_only_moved(database: Path, tmp_path: Path) -> None:
    """Renaming the home's folder leaves it the same device; copying its files does not."""
    place = str(store_fingerprint(database))
    assert not is_copy({}, store_fingerprint(database))
    assert not is_copy({"place": place}, store_fingerprint(database))
    assert is_copy({"place": place, "renew": "1"}, store_fingerprint(database))
    shutil.copyfile(database, tmp_path / "copy.db")
    assert is_copy({"place": place}, store_fingerprint(tmp_path / "copy.db"))
    database.parent.rename(tmp_path / "moved")
    assert not is_copy({"place": place}, store_fingerprint(tmp_path / "moved" / "ledger.db"))


def test_a_machine_without_an_id_makes_no_new_devices(database: Path, tmp_path: Path) -> None:
    """A container that has lost its machine id, and one that has got it back, is the same device; another machine is
    another one."""
    here, nowhere = machine(tmp_path, "here"), (tmp_path / "none",)
    kept = [str(store_fingerprint(database, files)) for files in (here, nowhere)]
    for files in (here, nowhere, here):
        assert not any(is_copy({"place": place}, store_fingerprint(database, files)) for place in kept)
    assert is_copy({"place": kept[0]}, store_fingerprint(database, machine(tmp_path, "there")))


@pytest.mark.parametrize(("file_system", "renumbers"), [("ext4", False), ("exfat", True), ("fuse.sshfs", True)])
def test_a_disk_that_numbers_its_files_anew_makes_no_new_devices(
    database: Path, tmp_path: Path, file_system: str, renumbers: bool
) -> None:
    """On file systems without lasting inode numbers only the machine counts."""
    mounts = tmp_path / "mounts"
    point = str(database.parent).replace(" ", "\\040")
    mounts.write_text(f"1 0 8:1 / / rw - ext4 /dev/a rw\n2 1 8:2 / {point} rw shared:1 - {file_system} /dev/b rw\n")
    assert (store_fingerprint(database, machine(tmp_path, "here"), mounts).file == "") == renumbers


def test_what_an_earlier_version_kept_still_tells_a_copy(database: Path, tmp_path: Path) -> None:
    """A home of an earlier version stays the same device, whatever network card it had, and its copy is a copy."""
    files = machine(tmp_path, "here")
    facts = b"\0".join((files[0].read_bytes(), str(database.stat().st_ino).encode()))
    earlier = hashlib.blake2b(facts, digest_size=16).hexdigest()
    assert not is_copy({"place": earlier}, store_fingerprint(database, files))
    shutil.copyfile(database, tmp_path / "copy.db")
    assert is_copy({"place": earlier}, store_fingerprint(tmp_path / "copy.db", files))
    assert not is_copy({"place": earlier}, store_fingerprint(database, (tmp_path / "none",)))
    assert StoreFingerprint("", "", "").differs_from("") is False
