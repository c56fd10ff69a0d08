"""``guanjia lock``: a PIN for this ledger, which the screens and commands ask for; typed or read, never an argument."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

import click

from store.db.device_facts import read_device_facts
from store.home.credentials import Credentials, open_credentials
from store.home.exceptions import PinNotSet
from store.home.paths import Home, require_home, resolve_home
from store.home.settings import load_settings
from store.writer.upgrade import open_store
from tui.cli.commands.backup import read_key
from tui.cli.errors import BadUsage
from tui.cli.groups import PATH_PARAM, Command, CommandContext, LazyGroup
from tui.cli.output import emit, say, show
from tui.cli.pin_prompt import read_pin
from tui.i18n.translate import _


class LockReport(NamedTuple):
    """Whether a PIN is set, and whether rounds and copies go on without it."""

    pin: bool
    unattended: bool


@click.group("lock", cls=LazyGroup, help=_("A PIN for this ledger: the screens and commands ask for it."))
def lock() -> None:
    """The commands about the PIN."""


@lock.command(
    "set",
    cls=Command,
    help=_(
        "Set or change the PIN: six characters or more, typed twice, or read from standard input (the present one "
        "first, where there is one). "
        "The daemon, “guanjia sync” and “guanjia backup” go on without it; with --strict they do not, and then nobody "
        "opens the ledger without the PIN, not even with your account’s files."
    ),
)
@click.option("--strict", is_flag=True, help=_("Rounds and copies need the PIN too."))
@click.pass_obj
def set_(run: CommandContext, strict: bool) -> None:
    """Set the PIN and print what holds now."""
    home, credentials = _opened(run)
    if credentials.pin.is_set:
        credentials.unlock(read_pin(_("Present PIN")))
    pin = read_pin(_("New PIN"))
    if sys.stdin.isatty() and read_pin(_("New PIN again")) != pin:
        raise BadUsage(detail=_("The two PINs differ."), command="guanjia lock set")
    has_copy = _has_key_copy(home, credentials.key())
    is_forgotten = credentials.set_pin(pin, keeps_unattended=not strict)
    emit(run.output_format, LockReport(True, not strict), _show, LockReport._asdict)
    if not is_forgotten:
        say(_("The keyring did not forget the key that it had: whoever opens the keyring can still read it."))
    if not has_copy:
        say(
            _(
                "No copy of the key was ever made. Whoever forgets the PIN loses what was not sent yet: make one with "
                "“guanjia backup FILE --key-file KEYFILE”, and keep it elsewhere."
            )
        )


@lock.command("off", cls=Command, help=_("Remove the PIN. Who has forgotten it names the copy of the key."))
@click.option("--key-file", type=PATH_PARAM, help=_("The file that “guanjia backup --key-file” wrote."))
@click.pass_obj
def off(run: CommandContext, key_file: Path | None) -> None:
    """Remove the PIN and print what holds now."""
    home, credentials = _opened(run)
    if key_file is not None:
        key = read_key(key_file)
    elif credentials.pin.is_set:
        key = credentials.pin.unlock(read_pin(_("PIN")))
    else:
        raise PinNotSet()
    _has_key_copy(home, key)  # only a key that opens the ledger is kept for it
    credentials.remove_pin(key)
    emit(run.output_format, LockReport(False, True), _show, LockReport._asdict)


def _opened(run: CommandContext) -> tuple[Home, Credentials]:
    home = require_home(resolve_home(run.home))
    return home, open_credentials(home, load_settings(home).credentials)


def _has_key_copy(home: Home, key: bytes) -> bool:
    """Whether a copy of the key was made. Raises `WrongKey` for another ledger's."""
    database = open_store(home.database, key)
    try:
        return read_device_facts(database.connection()).key_copied_at is not None
    finally:
        database.close()


def _show(report: LockReport) -> None:
    if not report.pin:
        show(_("No PIN is set: whoever uses your account on this machine can open the ledger."))
    elif report.unattended:
        show(_("The PIN is set. Rounds and copies go on without it."))
    else:
        show(_("The PIN is set. Without it nobody opens the ledger; rounds run while the screens are unlocked."))
