"""An officer's desk: the home that a command works on, opened and unlocked. Reading only; ``writing.py`` writes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from store.db.connection import Connection
from store.db.database import Database
from store.db.meta import read_meta
from store.domain.limits import limits
from store.domain.status_lights import Marks, marks
from store.home.paths import Home, find_home, open_home
from store.home.settings import Settings, load_settings
from store.ledger.hlc import wall_ms
from store.values.times import now_in
from store.writer.upgrade import open_store
from sync.device.credentials import Credentials, open_credentials


class Desk(NamedTuple):
    """A home with everything that opens it."""

    home: Home
    settings: Settings
    credentials: Credentials
    database: Database

    def wall(self) -> int:
        """This machine's clock in milliseconds, as uncorrected as it is."""
        return wall_ms() + self.settings.test_clock_offset_ms

    def now_in(self, connection: Connection) -> datetime:
        """The district's time, corrected by what the last round measured."""
        return now_in(self.wall() + int(read_meta(connection).get("offset_ms", "0")))

    def today_in(self, connection: Connection) -> Marks:
        """What decides on lights today."""
        return marks(self.now_in(connection).date(), limits(connection))


def open_desk(home_option: Path | str | None) -> Desk:
    """The desk of the home that ``--home`` names, or of the usual one. Raises what keeps a home from opening."""
    home = open_home(find_home(home_option))
    settings = load_settings(home)
    credentials = open_credentials(home, settings.credentials)
    return Desk(home, settings, credentials, open_store(home.database, credentials.key()))


@contextlib.contextmanager
def at_desk(home_option: Path | str | None) -> Iterator[Desk]:
    """As `open_desk`, closed at the end."""
    desk = open_desk(home_option)
    try:
        yield desk
    finally:
        desk.database.close()
