"""``guanjia backup`` and ``guanjia restore-backup``: an encrypted copy while in use, and a home made from a copy.

A copy opens only with its home's key, which is not in it. Restoring sets the present home aside and never touches it.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import click

from store.db.database import Database
from store.db.device_facts import read_device_facts
from store.exceptions import DamagedStore, DiskFull, GuanjiaError, KeyNotFound, ReadOnlyStore, StoreError
from store.home.credentials import Credentials, key_from_text, open_credentials
from store.home.paths import Home, RoundLock, flush_folder, fsync_directory, resolve_home, write_private
from store.home.pin_lock import PinLock
from store.home.settings import load_settings
from store.ledger.hlc import system_clock_ms
from store.ledger.line import new_id
from store.queries import lines
from store.queries.status import store_status
from store.values.file_causes import file_cause
from store.values.text_files import decode_secret
from store.values.times import district_time
from store.writer.backup import backup_store
from store.writer.carried_blobs import unpack_blobs
from store.writer.upgrade import open_store
from tui.cli.export_note import note_export
from tui.cli.groups import PATH_PARAM, Command, CommandContext
from tui.cli.home_report import HomeReport, read_identity, show_home
from tui.cli.output import OutputFormat, emit, say, show
from tui.cli.pin_prompt import unlock
from tui.cli.progress import progress_bar
from tui.cli.session import HomeSession, home_session
from tui.exceptions import FileAccessError
from tui.i18n.translate import _

_HERE, _EXCHANGE = -100, 2
"""Arguments of the system's call: names are as they stand (AT_FDCWD), and are to be exchanged (RENAME_EXCHANGE)."""


class BackupFileExists(GuanjiaError):
    """A backup would overwrite something."""

    code = "file_taken"
    what = "There is already a file {file}."
    data = "It was not touched, and no backup was made."
    remedy = "Name another file, or move that one away."


class BadKeyFile(GuanjiaError):
    """A file that holds no key."""

    code = "bad_key_file"
    what = "{file} holds no key of a ledger."
    data = "Nothing was restored; the home is as it was."
    remedy = "Name the file that “guanjia backup --key-file” wrote."


class BackupKeyMissing(GuanjiaError):
    """There is no home here whose key could open the copy."""

    code = "key_needed"
    what = "A copy opens only with its key, and {home} has none."
    data = "Nothing was restored."
    remedy = (
        "Name the file that “guanjia backup --key-file” wrote: --key-file. Where there is none, nobody can open the "
        "copy: ask the bureau for a code and join again into a new home."
    )


class Backup(NamedTuple):
    """What ``guanjia backup`` wrote."""

    file: Path
    size_bytes: int
    key_file: Path | None
    has_device_state: bool
    """Whether drafts and histories are in it; not where the device's own file cannot be read."""

    def to_json(self) -> dict[str, object]:
        """As ``guanjia backup --json`` prints it."""
        key_file = None if self.key_file is None else str(self.key_file)
        return {
            "file": str(self.file),
            "bytes": self.size_bytes,
            "key_file": key_file,
            "device_state": self.has_device_state,
        }


@click.command(
    cls=Command,
    help=_(
        "Write an encrypted copy of the ledger to FILE, while others go on writing.\n\n"
        "The copy opens only with this home’s key, which is not in it. On this machine “restore-backup” finds the key "
        "by itself. To be able to restore elsewhere, or after this machine is lost, write the key to a file too "
        "(--key-file), once, and keep it apart from the copies: who has both can read everything."
    ),
)
@click.argument("file", type=PATH_PARAM)
@click.option("--key-file", type=PATH_PARAM, help=_("Also write the key, to a file that only you can read."))
@click.pass_obj
def backup(run: CommandContext, file: Path, key_file: Path | None) -> None:
    """Write the copy, and the key where it is asked for."""
    for path in (file, key_file):
        if path is not None and path.exists():
            raise BackupFileExists(file=path)
        if path is not None and not path.absolute().parent.is_dir():
            raise FileAccessError(file=path.parent, detail=file_cause(errno.ENOENT))
    with home_session(run.home, unattended=key_file is None) as session:
        with session.database.read() as connection:
            rows = lines.count(connection)
        note_export(session, "backup", "db", rows)
        with progress_bar(_("Copying the ledger"), None):
            has_device_state = copy_to(session.database, file.absolute())
        if key_file is not None:
            note_export(session, "ledger-key", "key", 1)
            write_private(key_file.absolute(), session.credentials.key().hex().encode() + b"\n")
            with contextlib.suppress(DiskFull, ReadOnlyStore):  # then the doctor goes on asking for a copy
                _record_key_copy(session)
    emit(run.output_format, Backup(file, file.stat().st_size, key_file, has_device_state), _show_backup, Backup.to_json)
    if not has_device_state:
        say(
            _(
                "The ledger is in the copy, whole; drafts of forms and histories are not, since this device’s own file "
                "for them cannot be read."
            )
        )
    if key_file is None and run.output_format is OutputFormat.TEXT:
        say(_("It opens only with this home’s key: see --key-file in “guanjia backup --help”."))


def _record_key_copy(session: HomeSession) -> None:
    from store.writer.sync_writes import SyncLedger

    at = district_time(session.wall_clock_ms()).isoformat(timespec="seconds")
    SyncLedger(session.database, wall_clock=session.wall_clock_ms).save_facts(key_copied=at)


def copy_to(database: Database, target: Path) -> bool:
    """Write a copy to ``target``, whole or not at all: written aside, flushed to the disk, then put in place. Returns
    whether it carries the device's state (`backup_store`)."""
    aside = Path(tempfile.mkdtemp(prefix=".guanjia-backup-", dir=target.parent))
    try:
        copy = aside / target.name
        has_device_state = backup_store(database, copy)
        _fsync(copy)
        os.replace(copy, target)
        return has_device_state
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _fsync(path: Path) -> None:
    """Flush a file to the disk: SQLite does not when it writes a copy."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _show_backup(backup: Backup) -> None:
    show(str(backup.file))
    if backup.key_file is not None:
        show(str(backup.key_file))


@click.command(
    cls=Command,
    help=_(
        "Make the copy FILE this home’s ledger. A home that is already there is set aside whole, never overwritten. "
        "The restored ledger is a device of its own and keeps what was unsent.\n\n"
        "The key is this home’s own; where there is none, or the copy is another home’s, name the file that "
        "“backup --key-file” wrote."
    ),
)
@click.argument("file", type=PATH_PARAM)
@click.option("--key-file", type=PATH_PARAM, help=_("The copy’s key."))
@click.pass_obj
def restore_backup(run: CommandContext, file: Path, key_file: Path | None) -> None:
    """Build the restored home aside, then put it in place."""
    home = resolve_home(run.home)
    if not file.is_file():
        raise FileAccessError(file=file, detail=file_cause(errno.ENOENT))
    if RoundLock(home.round_lock).holder() is not None:
        from sync.exceptions import RoundRunning

        raise RoundRunning()
    restored = build_restored_home(home, file, key_file)
    report, pending, enrolled = _read_restored(restored, home)
    had_pin = home.path.is_dir() and PinLock(home).is_set
    set_aside = swap_in(restored, home)  # after this nothing is read that could fail
    emit(
        run.output_format,
        report,
        show_home,
        lambda shown: {**shown.to_json(), "pending": pending, "set_aside": set_aside and str(set_aside)},
    )
    if had_pin:
        say(_("The PIN does not come along: this ledger opens without one until you set it again: guanjia lock set"))
    if run.output_format is OutputFormat.TEXT:
        _say_next_steps(set_aside, enrolled=enrolled)


def build_restored_home(home: Home, file: Path, key_file: Path | None) -> Home:
    """A home beside ``home`` with the copy in it, checked and made a device of its own. Raises `WrongKey`,
    `SchemaTooNew`, `DamagedStore` and the like, with nothing left behind."""
    before = credentials_of(home) if home.path.is_dir() else None
    if before is not None and key_file is None:
        unlock(home, before)
    key = read_key(key_file) if key_file else _own_key(home, before)
    aside = Home(home.path.with_name(f".{home.path.name}.restoring-{os.getpid()}"))
    try:
        aside.create()
        _copy_database(file, aside.database)
        _assign_device_id(aside, key, file)
        _copy_settings_and_token(home, before, aside, key)
        flush_folder(aside.path)
    except BaseException:
        shutil.rmtree(aside.path, ignore_errors=True)
        raise
    return aside


def _copy_database(file: Path, target: Path) -> None:
    """Copy a ledger's file; with one that is no backup but a home's own, its log of commits too, which may hold the
    latest ones."""
    for suffix in ("", "-wal"):
        source, copy = file.with_name(file.name + suffix), target.with_name(target.name + suffix)
        if not suffix or source.exists():
            shutil.copyfile(source, copy)
            copy.chmod(0o600)


def credentials_of(home: Home) -> Credentials:
    """The home's key and token. Where ``auto`` used files there, the restored home uses files, too."""
    home.check()
    choice = load_settings(home).credentials
    in_files = choice == "auto" and home.credentials.is_dir()
    return open_credentials(home, "file" if in_files else choice)


def read_key(path: Path) -> bytes:
    """The key in a file. Raises `BadKeyFile`."""
    try:
        return key_from_text(decode_secret(path.read_bytes()))
    except ValueError:
        raise BadKeyFile(file=path) from None


def _own_key(home: Home, before: Credentials | None) -> bytes:
    if before is None:
        raise BackupKeyMissing(home=home.path)
    try:
        return before.key()
    except KeyNotFound:
        raise BackupKeyMissing(home=home.path) from None


def _assign_device_id(aside: Home, key: bytes, file: Path) -> None:
    """Check the copy and give it a new device id: timestamps of two stores with one id could not be told apart."""
    try:
        database = open_store(aside.database, key)
    except StoreError as error:
        raise type(error)(**{**error.values, "path": file}) from None
    try:
        if damage := database.integrity_errors():
            raise DamagedStore(path=file, detail=damage[0])
        unpack_blobs(database)
        from store.writer.sync_writes import SyncLedger

        SyncLedger(database, wall_clock=system_clock_ms).save_facts(device=new_id(), renew="1", place="")
    finally:
        database.close()


def _copy_settings_and_token(home: Home, before: Credentials | None, aside: Home, key: bytes) -> None:
    """Settings, and the token by which the restored device will be known until it has its own."""
    if home.settings.exists():
        shutil.copyfile(home.settings, aside.settings)
        aside.settings.chmod(0o600)
    in_files = home.credentials.is_dir() and load_settings(home).credentials == "auto"
    credentials = open_credentials(aside, "file" if in_files else load_settings(aside).credentials)
    try:
        known = credentials.key() == key
    except KeyNotFound:
        known = False
    if not known:
        credentials.save_key(key)
    token = before.token() if before else None
    if token:
        credentials.save_token(token)


def exchange_names(first: Path, second: Path) -> bool:
    """Exchange the names of two folders in one step; False, with nothing done, where the system or the disk cannot."""
    names = os.fsencode(first), os.fsencode(second)
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            return int(library.renamex_np(*names, _EXCHANGE)) == 0
        return int(library.renameat2(_HERE, names[0], _HERE, names[1], _EXCHANGE)) == 0
    except (AttributeError, OSError, TypeError):  # an older libc, or another system
        return False


def swap_in(restored: Home, home: Home, exchange: Callable[[Path, Path], bool] = exchange_names) -> Path | None:
    """Put the restored home in the place of the present one; gives the new path of the old one, if any. The last step
    is one, so that there is a home whatever is interrupted; where names cannot be exchanged, it takes two."""
    if not home.path.exists():
        restored.path.rename(home.path)
        fsync_directory(home.path.parent)
        return None
    target = home.path.with_name(f"{home.path.name}.set-aside-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}")
    restored.path.rename(target)
    if not exchange(target, home.path):
        target.rename(restored.path)
        home.path.rename(target)
        restored.path.rename(home.path)
    fsync_directory(home.path.parent)
    return target


def _read_restored(restored: Home, home: Home) -> tuple[HomeReport, int, bool]:
    """Whose home it will be, how many lines wait to be sent, and whether it has a token. What cannot be read leaves
    the present home as it is, and nothing beside it."""
    try:
        credentials = credentials_of(restored)
        database = open_store(restored.database, credentials.key())
        with contextlib.closing(database), database.read() as connection:
            report = HomeReport(read_identity(read_device_facts(connection)), home)
            return report, store_status(connection).pending, credentials.token() is not None
    except BaseException:
        shutil.rmtree(restored.path, ignore_errors=True)
        raise


def _say_next_steps(set_aside: Path | None, *, enrolled: bool) -> None:
    if set_aside is not None:
        say(_("The home that was here is now {path}; nothing in it was changed.").format(path=set_aside))
    if enrolled:
        say(_("This is a new device; the next “guanjia sync” tells the central."))
    else:
        say(_("This is a new device; to sync, ask the bureau for a code and join: guanjia join URL"))
