"""``guanjia restore-backup``: a home again from a copy, with the home that was there set aside and not touched."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

import click

from store.db.device_facts import read_device_facts
from store.exceptions import DamagedStore, GuanjiaError, KeyNotFound, StoreError
from store.home.credentials import Credentials, open_credentials
from store.home.paths import Home, RoundLock, resolve_home
from store.home.settings import load_settings
from store.ledger.hlc import system_clock_ms
from store.ledger.line import new_id
from store.queries.status import store_status
from store.writer.sync_writes import SyncLedger
from store.writer.upgrade import open_store
from sync.exceptions import RoundRunning
from tui.cli.commands.init import identity_json, show_home
from tui.cli.errors import FileAccessError
from tui.cli.groups import PATH_PARAM, Command, CommandContext
from tui.cli.output import OutputFormat, emit, say
from tui.i18n.translate import _


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
    remedy = "Name the file that “guanjia backup --key-file” wrote: --key-file."


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
        raise FileAccessError(file=file, detail=os.strerror(2))
    if RoundLock(home.round_lock).holder() is not None:
        raise RoundRunning()
    restored = build_restored_home(home, file, key_file)
    set_aside = swap_in(restored, home)
    emit(run.output_format, {**restored_facts(home), "set_aside": set_aside and str(set_aside)}, show_home)
    if run.output_format is OutputFormat.TEXT:
        _narrate(set_aside, enrolled=credentials_of(home).token() is not None)


def build_restored_home(home: Home, file: Path, key_file: Path | None) -> Home:
    """A home beside ``home`` with the copy in it, checked and made a device of its own. Raises `WrongKey`,
    `SchemaTooNew`, `DamagedStore` and the like, with nothing left behind."""
    before = credentials_of(home) if home.path.is_dir() else None
    key = read_key(key_file) if key_file else _own_key(home, before)
    aside = Home(home.path.with_name(f".{home.path.name}.restoring-{os.getpid()}"))
    try:
        aside.create()
        shutil.copyfile(file, aside.database)
        aside.database.chmod(0o600)
        _assign_device_id(aside, key, file)
        _copy_settings_and_token(home, before, aside, key)
    except BaseException:
        shutil.rmtree(aside.path, ignore_errors=True)
        raise
    return aside


def credentials_of(home: Home) -> Credentials:
    """Where the home's key and token are. Files that ``auto`` found there are where the restored home's go, too."""
    home.check()
    choice = load_settings(home).credentials
    in_files = choice == "auto" and home.credentials.is_dir()
    return open_credentials(home, "file" if in_files else choice)


def read_key(path: Path) -> bytes:
    """The key in a file. Raises `BadKeyFile`."""
    try:
        return bytes.fromhex(path.read_text("ascii").strip())
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
    """Check the copy and give it a device id of its own: two stores that stamp alike could not be told apart."""
    try:
        database = open_store(aside.database, key)
    except StoreError as error:
        raise type(error)(**{**error.values, "path": file}) from None
    try:
        if damage := database.integrity_errors():
            raise DamagedStore(path=file, detail=damage[0])
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


def swap_in(restored: Home, home: Home) -> Path | None:
    """Set aside what is there, by one renaming, and put the restored home in its place; gives where the old one is."""
    target = None
    if home.path.exists():
        target = home.path.with_name(f"{home.path.name}.set-aside-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}")
        home.path.rename(target)
    restored.path.rename(home.path)
    return target


def restored_facts(home: Home) -> dict[str, Any]:
    """Whose home it is now, and what waits to be sent."""
    database = open_store(home.database, credentials_of(home).key())
    try:
        with database.read() as connection:
            found = store_status(connection)
            return {"home": str(home.path), **identity_json(read_device_facts(connection)), "pending": found.pending}
    finally:
        database.close()


def _narrate(set_aside: Path | None, *, enrolled: bool) -> None:
    if set_aside is not None:
        say(_("The home that was here is now {path}; nothing in it was changed.").format(path=set_aside))
    if enrolled:
        say(_("This is a new device; the next “guanjia sync” tells the central."))
    else:
        say(_("This is a new device; to sync, ask the bureau for a code and join: guanjia join URL --code CODE"))
