"""Whether a store was copied: a fingerprint of machine and file that a copy does not share.

A copy must become a device of its own before it syncs (``sync/steps/renew.py``). Only what stays the same for good may
count: not a network card's address, which containers and privacy settings change, nor an inode number where the file
system invents one at each mount. What cannot be known is left open and makes no copy. May touch the file's status and
the system's machine id.
"""

from __future__ import annotations

import ctypes
import hashlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import orjson

MACHINE_ID_FILES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
MOUNT_TABLE = Path("/proc/self/mountinfo")
UNSTABLE_INODES = ("vfat", "msdos", "exfat", "fuse")
"""File systems, and those whose names begin so, that number their files anew at each mount."""


class StoreFingerprint(NamedTuple):
    """Hashes of the machine's id and of the file's inode number; empty where none is known that lasts. ``both`` is what
    earlier versions kept: one hash of the two."""

    machine: str
    file: str
    both: str

    def __str__(self) -> str:
        """As kept among the device's facts."""
        return f"{self.machine}:{self.file}"

    def differs_from(self, kept: str) -> bool:
        """Whether another store kept this: a part that is known of both is not the same. An earlier version's hash can
        be compared only where both parts are known."""
        if not kept:
            return False
        if ":" not in kept:
            return bool(self.both) and kept != self.both
        machine, _, file = kept.partition(":")
        return any(old and new and old != new for old, new in ((machine, self.machine), (file, self.file)))


def store_fingerprint(
    database: Path, machine_id_files: Sequence[Path] = MACHINE_ID_FILES, mount_table: Path = MOUNT_TABLE
) -> StoreFingerprint:
    """The fingerprint of this store file on this machine."""
    from_file = _from_files(machine_id_files)
    inode = b"" if _renumbers_files(database, mount_table) else str(database.stat().st_ino).encode()
    both = _hash(from_file + b"\0" + inode) if from_file and inode else ""
    return StoreFingerprint(_hash(from_file or _from_system()), _hash(inode), both)


def is_copy(facts: Mapping[str, str], fingerprint: StoreFingerprint) -> bool:
    """Whether this store was copied or restored since its last round, and must be enrolled as its own device."""
    return facts.get("renew") == "1" or fingerprint.differs_from(facts.get("place") or "")


def joins_anew(facts: Mapping[str, str], fingerprint: StoreFingerprint) -> bool:
    """Whether a home that joins again does so as another device: a copy, and one that was last told that its device is
    ended. A copy that nothing shows may have joined again with that device's id; the two would end each other for
    good."""
    last_round = orjson.loads(facts.get("last_round") or "{}")
    return is_copy(facts, fingerprint) or last_round.get("outcome") == "revoked"


def _hash(value: bytes) -> str:
    return hashlib.blake2b(value, digest_size=16).hexdigest() if value else ""


def _from_files(files: Sequence[Path]) -> bytes:
    """The machine's id as Linux keeps it; empty where there is none."""
    for path in files:
        try:
            if content := path.read_bytes():
                return content
        except OSError:
            continue
    return b""


def _from_system() -> bytes:
    """The machine's id as Windows or macOS tell it; empty elsewhere."""
    return _macos_machine_id() if sys.platform == "darwin" else _windows_machine_id()


def _windows_machine_id() -> bytes:
    if sys.platform != "win32":
        return b""
    import winreg  # noqa: PLC0415 - exists on Windows alone

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography") as key:
            return str(winreg.QueryValueEx(key, "MachineGuid")[0]).encode()
    except OSError:
        return b""


def _macos_machine_id() -> bytes:
    """The hardware's UUID, by the system call ``gethostuuid``."""
    buffer, no_wait = ctypes.create_string_buffer(16), (ctypes.c_long * 2)(0, 0)
    try:
        failed = ctypes.CDLL(None).gethostuuid(buffer, ctypes.byref(no_wait))
    except (OSError, AttributeError):
        return b""
    return b"" if failed else buffer.raw


def _renumbers_files(database: Path, mount_table: Path) -> bool:
    """Whether the file lies on a file system of `UNSTABLE_INODES`; False where there is no mount table to ask."""
    try:
        mounts = mount_table.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return False
    best, kind = -1, ""
    file = database.resolve()
    for mount in mounts:
        fields, _, source = mount.partition(" - ")
        point = Path(fields.split(" ")[4].replace("\\040", " "))
        if len(point.parts) >= best and file.is_relative_to(point):
            best, kind = len(point.parts), source.split(" ")[0]
    return kind.startswith(UNSTABLE_INODES)
