"""Asks for the PIN where one is set: of whoever sits at the terminal, or from a file for what runs by itself.

Imports no click, since the fast path of ``guanjia find`` uses it too.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from store.home.credentials import Credentials, open_credentials, read_private
from store.home.exceptions import LedgerLocked, PinDelayed, WrongPin
from store.home.paths import Home
from store.home.settings import load_settings
from store.values.text_files import decode_secret
from tui.i18n.translate import _, error_text

FILE_VARIABLE = "GUANJIA_UNLOCK_WITH"
"""The environment variable that names a private file with the PIN, for what runs by itself."""
MAX_ASKED = 3
"""A command asks so often before it gives up."""


def unlock(home: Home, credentials: Credentials, environ: Mapping[str, str] = os.environ) -> None:
    """Let this process use the key, where a PIN is set. Raises `LedgerLocked` where nobody can be asked,
    `InsecureCredentials` for a file that others can read, `WrongPin`, `PinDelayed`."""
    if not credentials.needs_pin:
        return
    if file := environ.get(FILE_VARIABLE):
        content = read_private(Path(file).expanduser())
        if content is None:
            raise LedgerLocked(home=home.path)
        credentials.unlock(decode_secret(content).partition("\n")[0].strip())
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise LedgerLocked(home=home.path)
    _ask(credentials)


def unlock_home(home: Home, *, unattended: bool = False) -> None:
    """As `unlock`, for a command that opens the home elsewhere; a home that is not there asks nothing."""
    if home.exists:
        unlock(home, open_credentials(home, load_settings(home).credentials, unattended=unattended))


def _ask(credentials: Credentials) -> None:
    for left in reversed(range(MAX_ASKED)):
        try:
            return credentials.unlock(read_pin(_("PIN")))
        except PinDelayed:
            raise
        except WrongPin as error:
            if not left:
                raise
            print(error_text(error).what, file=sys.stderr)
    return None


def read_pin(prompt: str) -> str:
    """A PIN, typed without being shown; a line of standard input where that is no terminal. Who ends the input instead
    (Ctrl-D) stops the command, as with Ctrl-C."""
    if not sys.stdin.isatty():
        return decode_secret(sys.stdin.buffer.readline(1_024)).strip()
    from getpass import getpass

    try:
        return getpass(f"{prompt}: ", stream=sys.stderr).strip()
    except EOFError:
        raise KeyboardInterrupt from None
