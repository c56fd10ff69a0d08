"""Noticing what others do in a home: commits to the ledger, whoever makes them, and rounds as they run.

The file ``ledger.mark`` is touched after every commit, ``round.now`` is replaced as a round goes on, and a watcher
wakes on both. A watcher can miss a touch (network folders, macOS), and a killed round touches nothing any more, so once
a second the store and the file are looked at all the same, which costs a fraction of a millisecond.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from watchfiles import watch

from store.db.database import Database
from store.home.paths import Home
from store.home.sync_progress import RoundProgress, running_round
from store.queries.status import change_token

POLL_INTERVAL_MS = 1000
"""The store is asked this often although nothing was noticed."""


class HomeChange(NamedTuple):
    """Something happened in the home: whether anybody ``committed``, and the round that runs now, if any."""

    committed: bool
    round: RoundProgress | None


def watch_home(database: Database, home: Path, stop_event: threading.Event, last_token: int) -> Iterator[HomeChange]:
    """Yields after each commit, several close together as one, and whenever a round has come further or is over, until
    ``leaving`` is set. Own commits count too: they are made on other threads' connections. ``seen`` is the
    `change_token` of this thread from which on they count."""
    connection = database.connection()
    place = Home(home)
    running: RoundProgress | None = None
    watched = {str(database.change_marker), str(place.round_progress)}
    touches = watch(
        home,
        watch_filter=lambda _change, path: path in watched,
        stop_event=stop_event,
        rust_timeout=POLL_INTERVAL_MS,
        yield_on_timeout=True,
        raise_interrupt=False,
        recursive=False,
        debounce=60,
        step=20,
    )
    for _touched in touches:
        found, now = change_token(connection), running_round(place)
        if found != last_token or now != running:
            noticed = HomeChange(found != last_token, now)
            last_token, running = found, now
            yield noticed
