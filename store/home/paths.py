"""A home: the folder of one person on one device. Paths of its files, the check of its owner, the round lock.

Several officers may share a machine; each has a home and a key of their own. A home that belongs to another user, or
that others may enter, is refused before anything in it is read. On the path of ``guanjia find``: imports stay light.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from store.exceptions import DiskKeepsNoPermissions, HomeNotFound, HomeNotPrivate
from store.values.text_files import decode_secret

_POSIX = hasattr(os, "geteuid")
_GROUP_AND_OTHERS = 0o077
REPLACE_ATTEMPTS, REPLACE_PAUSE_S = 20, 0.05
"""How often, and how far apart, Windows is asked to put a file in the place of one that somebody reads."""


class Home(NamedTuple):
    """One person on one device. ``path`` may not exist yet; `create` makes it, `check` says whether it is ours."""

    path: Path

    @property
    def database(self) -> Path:
        """The encrypted ledger; the device's own state lies beside it (``store/home/device_state.py``)."""
        return self.path / "ledger.db"

    @property
    def change_marker(self) -> Path:
        """Touched after every commit of the ledger; watched by daemon and screens."""
        return self.path / "ledger.mark"

    @property
    def last_import(self) -> Path:
        """Which versions the last import of a register's table wrote (``store/importing/records/taking_back.py``)."""
        return self.path / "last-import.json"

    @property
    def round_lock(self) -> Path:
        """Locked by the process that runs rounds (`RoundLock`)."""
        return self.path / "round.lock"

    @property
    def round_progress(self) -> Path:
        """Progress of the running round (``store/home/sync_progress.py``)."""
        return self.path / "round.now"

    @property
    def joining_device(self) -> Path:
        """The device that a home which is being joined will be (``sync/enrolment.py``)."""
        return self.path / "joining.device"

    @property
    def bundles(self) -> Path:
        """The folder of what this device carries for others (``sync/device/others_bundles.py``)."""
        return self.path / "bundles"

    @property
    def log(self) -> Path:
        """Where the terminal app writes its log."""
        return self.path / "guanjia.log"

    @property
    def keymap(self) -> Path:
        """The keymap file of the terminal app."""
        return self.path / "keys.toml"

    @property
    def report_schedule(self) -> Path:
        """Which reports the daemon writes by itself."""
        return self.path / "reports.json"

    @property
    def reminders_told(self) -> Path:
        """Touched after a message of reminders; the screens show it then (``store/home/reminder_log.py``)."""
        return self.path / "reminders.mark"

    @property
    def reminder_key(self) -> Path:
        """The key that signs what the office's gateway is sent (``sync/daemon/channels/hook.py``)."""
        return self.path / "reminders.key"

    @property
    def settings(self) -> Path:
        """The settings file (``store/home/settings.py``)."""
        return self.path / "settings.toml"

    @property
    def credentials(self) -> Path:
        """The folder of key and token, where they are kept in files."""
        return self.path / "credentials"

    @property
    def exists(self) -> bool:
        """Whether a store is in it."""
        return self.database.exists()

    @property
    def id(self) -> str:
        """The home's id, under which a keyring shared with other homes holds its secrets; made with the home.

        Raises `HomeNotFound` before that."""
        try:
            return decode_secret(self._id_file.read_bytes())
        except FileNotFoundError:
            raise HomeNotFound(home=self.path) from None

    @property
    def _id_file(self) -> Path:
        return self.path / "home.id"

    def create(self) -> None:
        """Make the folder (0700) and its id, or check the one that is there. Raises `HomeNotPrivate` or
        `DiskKeepsNoPermissions`."""
        try:
            create_private_folder(self.path)
        except (FileExistsError, PermissionError):
            raise HomeNotPrivate(home=self.path) from None
        self.check()
        if not self._id_file.exists():
            write_private(self._id_file, f"{os.urandom(16).hex()}\n".encode())

    def check(self) -> None:
        """Raises `HomeNotFound` when there is no folder, `HomeNotPrivate` when it is another user's or open to
        others, `DiskKeepsNoPermissions` when its disk cannot close it."""
        try:
            if not self.path.is_dir():
                raise HomeNotFound(home=self.path)
            ours = is_ours(self.path)
            if ours and is_private(self.path.stat()):
                return
            if ours:
                require_permissions(self.path)
        except PermissionError:
            raise HomeNotPrivate(home=self.path) from None
        raise HomeNotPrivate(home=self.path)


def resolve_home(path: str | Path | None = None, environ: Mapping[str, str] = os.environ) -> Home:
    """The home named by ``--home``, else by GUANJIA_HOME, else the user's own by the custom of the system."""
    named = path or environ.get("GUANJIA_HOME")
    if named:
        return Home(Path(named).expanduser().absolute())
    import platformdirs  # noqa: PLC0415 - costs 25 ms, and is needed only where no home is named

    return Home(platformdirs.user_data_path("guanjia", appauthor=False))


def require_home(home: Home) -> Home:
    """``home``, once it is known to be ours and to hold a store. Raises `HomeNotFound` or `HomeNotPrivate`."""
    home.check()
    if not home.exists:
        raise HomeNotFound(home=home.path)
    return home


def is_private(status: os.stat_result) -> bool:
    """Whether nobody else may read, write or enter. Where modes mean nothing (Windows), the profile folder guards."""
    return not _POSIX or not stat.S_IMODE(status.st_mode) & _GROUP_AND_OTHERS


def create_private_folder(path: Path) -> None:
    """Make a folder that only we can enter (0700), or close an empty one of ours; one that holds something is left as
    it is. Raises `OSError`."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if _POSIX and is_ours(path) and not any(path.iterdir()):
        path.chmod(0o700)


def close_file(path: Path) -> None:
    """Make a file of ours readable by us alone (0600), whatever the umask was when it was created. Raises
    `DiskKeepsNoPermissions`."""
    if _POSIX and is_ours(path) and not is_private(path.stat()):
        path.chmod(0o600)
        if not is_private(path.stat()):
            raise DiskKeepsNoPermissions(path=path)


def require_permissions(folder: Path) -> None:
    """Raises `DiskKeepsNoPermissions` when the disk of ``folder`` shows every file to everybody, as FAT does and a
    Windows drive under WSL: a new file of mode 0600 tells."""
    probe = folder / f".{os.urandom(8).hex()}"
    os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        if not is_private(probe.stat()):
            raise DiskKeepsNoPermissions(path=folder)
    finally:
        probe.unlink()


def is_ours(path: Path) -> bool:
    """Whether the file or folder belongs to the user who runs this program."""
    return not hasattr(os, "geteuid") or path.stat().st_uid == os.geteuid()


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only we can read (0600), whole or not at all: aside, to the disk, then into place."""
    aside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    aside.unlink(missing_ok=True)
    try:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        replace_file(aside, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
        if isinstance(error, OSError):  # who is told must know which file: nobody knows the one aside
            error.filename, error.filename2 = os.fspath(path), None
        raise
    fsync_directory(path.parent)


def replace_file(
    aside: Path, path: Path, *, is_windows: bool = sys.platform == "win32",
    replace: Callable[[Path, Path], object] = os.replace, pause: Callable[[float], object] = time.sleep,
) -> None:  # fmt: skip
    """Put a file in another's place. Windows refuses that while somebody reads the other, which the programs of a home
    do for an instant: it is tried again for a second. Raises `OSError`."""
    for _ in range(REPLACE_ATTEMPTS - 1 if is_windows else 0):
        try:
            replace(aside, path)
            return
        except PermissionError:
            pause(REPLACE_PAUSE_S)
    replace(aside, path)


def flush_folder(folder: Path) -> None:
    """Bring every file of a folder to the disk, so that the folder may be renamed into place."""
    for path in [*folder.rglob("*"), folder]:
        if path.is_dir():
            fsync_directory(path)
        else:
            with path.open("rb" if sys.platform != "win32" else "rb+") as file:  # Windows flushes what may be written
                os.fsync(file.fileno())


def fsync_directory(path: Path) -> None:
    """Flush the names in a folder to the disk; nothing on Windows, which has no call for it."""
    if sys.platform == "win32":
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class LockHolder(NamedTuple):
    """The process that holds a round lock, as it wrote itself: for display, never for decisions."""

    pid: int
    purpose: str


class RoundLock:
    """The lock on a home's rounds: a lock of the operating system, so it ends with its process, however that ends.

    Kept by hand instead of `filelock`: see store/README.md."""

    _LOCK_OFFSET = 1 << 30
    """Windows locks bytes against reading too: lock one far behind the text that `holder` reads."""
    _MAX_ATTEMPTS = 5
    """`holder` takes the lock for an instant to probe it; a daemon that starts then must try again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self, purpose: str) -> bool:
        """Take the lock for ``purpose`` (``sync`` or ``daemon``); False when another process, or another `RoundLock`
        of this process, has it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        for _ in range(self._MAX_ATTEMPTS):
            if _try_lock(descriptor, self._LOCK_OFFSET):
                break
            time.sleep(0.02)
        else:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        with contextlib.suppress(OSError):  # on a full disk the lock is held, and does not say by whom
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()} {purpose}\n".encode())
        return True

    def release(self) -> None:
        """Release the lock, if it is held."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, 0)
            os.close(descriptor)

    def holder(self) -> LockHolder | None:
        """The holder of the lock, or None. A lock file left behind by a killed process does not count."""
        try:
            descriptor = os.open(self._path, os.O_RDWR)
        except FileNotFoundError:
            return None
        try:
            if _try_lock(descriptor, self._LOCK_OFFSET):
                return None
            pid, _, what = os.read(descriptor, 100).decode().strip().partition(" ")
        finally:
            os.close(descriptor)
        return LockHolder(int(pid or 0), what)


def is_daemon_running(home: Home) -> bool:
    """Whether a daemon holds the home's round lock."""
    holder = RoundLock(home.round_lock).holder()
    return holder is not None and holder.purpose == "daemon"


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int, offset: int) -> bool:
        os.lseek(descriptor, offset, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def _try_lock(descriptor: int, offset: int) -> bool:
        del offset
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
