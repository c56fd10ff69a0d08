"""An officer's desk: the home that a command works on, opened and unlocked. Reading only; ``writing.py`` writes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from store.db.connection import Connection
from store.db.database import Database
from store.db.device_facts import read_device_facts
from store.domain.limits import read_limits
from store.domain.status_lights import LightThresholds, light_thresholds
from store.home.credentials import Credentials, open_credentials
from store.home.paths import Home, require_home, resolve_home
from store.home.settings import Settings, load_settings
from store.ledger.hlc import system_clock_ms
from store.values.times import district_time
from store.writer.upgrade import open_store


class HomeSession(NamedTuple):
    """A home with everything that opens it."""

    home: Home
    settings: Settings
    credentials: Credentials
    database: Database

    def wall_clock_ms(self) -> int:
        """This machine's clock in milliseconds, as uncorrected as it is."""
        return system_clock_ms() + self.settings.test_clock_offset_ms

    def district_now(self, connection: Connection) -> datetime:
        """The district's time, corrected by what the last round measured."""
        return district_time(self.wall_clock_ms() + read_device_facts(connection).offset_ms)

    def light_thresholds(self, connection: Connection) -> LightThresholds:
        """What decides on lights today."""
        return light_thresholds(self.district_now(connection).date(), read_limits(connection))


def open_session(home_option: Path | str | None) -> HomeSession:
    """The desk of the home that ``--home`` names, or of the usual one. Raises what keeps a home from opening."""
    home = require_home(resolve_home(home_option))
    settings = load_settings(home)
    credentials = open_credentials(home, settings.credentials)
    return HomeSession(home, settings, credentials, open_store(home.database, credentials.key()))


@contextlib.contextmanager
def home_session(home_option: Path | str | None) -> Iterator[HomeSession]:
    """As `open_desk`, closed at the end."""
    desk = open_session(home_option)
    try:
        yield desk
    finally:
        desk.database.close()
