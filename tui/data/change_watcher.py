"""Watches a home for commits to the ledger, by any process, and for the progress of rounds.

The file ``ledger.mark`` is touched after every commit, ``round.now`` is replaced as a round goes on, and a watcher
wakes on both. A watcher can miss a touch (network folders, macOS), and a killed round touches nothing any more, so the
store and the file are also polled once a second, which costs a fraction of a millisecond.
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
"""The store is polled at this interval where the watcher reports nothing."""


class HomeChange(NamedTuple):
    """A change in the home: whether any process ``committed``, and the round that runs now, if any."""

    committed: bool
    round: RoundProgress | None


def watch_home(database: Database, home: Path, stop_event: threading.Event, last_token: int) -> Iterator[HomeChange]:
    """Yields after each commit, several close together as one, and whenever a round makes progress or ends, until
    ``stop_event`` is set. Commits of this process count too: they are made on connections of other threads. Commits
    count from ``last_token`` on, a `change_token` of this thread's connection."""
    connection = database.connection()
    paths = Home(home)
    running: RoundProgress | None = None
    watched = {str(database.change_marker), str(paths.round_progress)}
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
        token, now = change_token(connection), running_round(paths)
        if token != last_token or now != running:
            change = HomeChange(token != last_token, now)
            last_token, running = token, now
            yield change
