"""``guanjia backup``: an encrypted copy while in use; it opens with its home's key only, which is not in it."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import click

from store.db.database import Database
from store.exceptions import GuanjiaError
from store.home.paths import write_private
from store.writer.backup import backup_store
from tui.cli.errors import FileAccessError
from tui.cli.groups import PATH_PARAM, Command, CommandContext
from tui.cli.output import OutputFormat, emit, say, show
from tui.cli.read_context import home_session
from tui.i18n.translate import _


class BackupFileExists(GuanjiaError):
    """A backup would overwrite something."""

    code = "file_taken"
    what = "There is already a file {file}."
    data = "It was not touched, and no backup was made."
    remedy = "Name another file, or move that one away."


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
            raise FileAccessError(file=path.parent, detail=os.strerror(errno.ENOENT))
    with home_session(run.home) as desk:
        copy_to(desk.database, file.absolute())
        if key_file is not None:
            write_private(key_file.absolute(), desk.credentials.key().hex().encode() + b"\n")
    made = {"file": str(file), "bytes": file.stat().st_size, "key_file": None if key_file is None else str(key_file)}
    emit(run.output_format, made, _show)
    if key_file is None and run.output_format is OutputFormat.TEXT:
        say(_("It opens only with this home’s key: see --key-file in “guanjia backup --help”."))


def copy_to(database: Database, target: Path) -> None:
    """A copy at ``target``, whole or not at all: written aside, brought to the disk, then put in place."""
    aside = Path(tempfile.mkdtemp(prefix=".guanjia-backup-", dir=target.parent))
    try:
        copy = aside / target.name
        backup_store(database, copy)
        _fsync(copy)
        os.replace(copy, target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _fsync(path: Path) -> None:
    """SQLite does not wait for the disk when it writes a copy."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _show(backup: dict[str, Any]) -> None:
    show(backup["file"])
    if backup["key_file"]:
        show(backup["key_file"])
