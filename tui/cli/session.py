"""The home that a command works on: opened for reading, or with its ledger for writing.

Reading loads no models: the writer is imported when a command writes. Imports no click, since the screens use this too.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import sqlcipher3.dbapi2 as sqlite

from store.db.connection import Connection
from store.db.database import Database
from store.db.device_facts import read_device_facts
from store.domain.limits import read_limits
from store.domain.status_lights import LightThresholds, light_thresholds
from store.exceptions import DamagedStore, DiskFull, FileFailure, SavedThenFailed, WrongKey
from store.home.credentials import Credentials, open_credentials
from store.home.paths import Home, require_home, resolve_home
from store.home.settings import Settings, load_settings
from store.ledger.hlc import system_clock_ms
from store.values.times import district_time
from store.writer.upgrade import open_store
from tui.cli.pin_prompt import unlock

if TYPE_CHECKING:
    from store.writer.exceptions import BeyondRole
    from store.writer.sync_writes import SyncLedger


class HomeSession(NamedTuple):
    """A home with its settings, its credentials and its open store."""

    home: Home
    settings: Settings
    credentials: Credentials
    database: Database

    def wall_clock_ms(self) -> int:
        """This machine's clock in milliseconds, uncorrected."""
        return system_clock_ms() + self.settings.test_clock_offset_ms

    def district_now(self, connection: Connection) -> datetime:
        """The district's time, corrected by the clock offset that the last round measured."""
        return district_time(self.wall_clock_ms() + read_device_facts(connection).offset_ms)

    def light_thresholds(self, connection: Connection) -> LightThresholds:
        """The dates and limits that decide on status lights now."""
        return light_thresholds(self.district_now(connection), read_limits(connection))


class WriteSession(NamedTuple):
    """A home session and the ledger that writes into its store."""

    session: HomeSession
    ledger: SyncLedger


def beyond_role(session: HomeSession, kind: str, error: type[BeyondRole] | None = None) -> BeyondRole | None:
    """The ``error`` of adding such a line where the person's roles at a central do not let them: for commands that
    first read a file. None for a home that works alone, or that knows of no role."""
    from store.domain.permissions import ROLE_PERMISSIONS, may_write
    from store.writer.exceptions import BeyondRole
    from store.writer.role_guard import roles_at_central

    roles = roles_at_central(read_device_facts(session.database.connection()))
    if not roles or may_write(roles, kind):
        return None
    who = [role for role in ROLE_PERMISSIONS if may_write([role], kind)]
    return (error or BeyondRole)(role=", ".join(roles), kind=kind, who=", ".join(who))


def open_session(home_option: Path | str | None, *, asks: bool = True, unattended: bool = False) -> HomeSession:
    """Open the home that ``--home`` names, or the default one; where a PIN is set it is asked for, unless not ``asks``,
    or what is to be done is ``unattended``. Raises what keeps a home from opening: `HomeNotFound`,
    `KeyNotFound`, `WrongKey`, `SchemaTooNew`, `LedgerLocked` and the like."""
    home = require_home(resolve_home(home_option))
    settings = load_settings(home)
    credentials = open_credentials(home, settings.credentials, unattended=unattended)
    if asks:
        unlock(home, credentials)
    return HomeSession(home, settings, credentials, open_store(home.database, credentials.key()))


@contextlib.contextmanager
def home_session(home_option: Path | str | None, *, unattended: bool = False) -> Iterator[HomeSession]:
    """As `open_session`; the store is closed at the end."""
    session = open_session(home_option, unattended=unattended)
    _latest.append(session)
    try:
        yield session
    finally:
        session.database.close()


_latest: deque[HomeSession] = deque(maxlen=1)


def latest_session() -> HomeSession | None:
    """The session that was opened last, perhaps closed by now: for what is kept of a command when it has ended."""
    return _latest[0] if _latest else None


@contextlib.contextmanager
def write_session(home_option: Path | str | None) -> Iterator[WriteSession]:
    """As `home_session`, with the ledger: this loads the kinds and their models. A disk that fails after a commit is
    `SavedThenFailed`, so that nobody enters again what is saved."""
    from store.writer.sync_writes import SyncLedger

    with home_session(home_option) as session:
        commits_of_opening = session.database.commits  # an upgrade saves nothing that a person entered
        try:
            ledger = SyncLedger(session.database, wall_clock=session.wall_clock_ms, within_roles=True)
            yield WriteSession(session, ledger)
        except (FileFailure, DiskFull, DamagedStore, WrongKey, sqlite.Error) as error:
            if session.database.commits == commits_of_opening:
                raise
            raise SavedThenFailed(detail=error) from error
