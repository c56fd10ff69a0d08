"""Noticing commits to a ledger, whoever makes them.

The file ``ledger.mark`` is touched after every commit, and a watcher wakes on it. A watcher can miss a touch (network
folders, macOS), so once a second the store itself is asked, which costs a fraction of a millisecond.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

from watchfiles import watch

from store.database import Database
from store.queries.status import change_token

LOOK_MS = 1000
"""The store is asked this often although nothing was noticed."""


def commits(database: Database, home: Path, leaving: threading.Event) -> Iterator[None]:
    """Yields after each commit, several close together as one, until ``leaving`` is set. Own commits count too: they
    are made on other threads' connections."""
    connection = database.connection()
    seen = change_token(connection)
    touches = watch(
        home,
        watch_filter=lambda _change, path: path == str(database.mark),
        stop_event=leaving,
        rust_timeout=LOOK_MS,
        yield_on_timeout=True,
        raise_interrupt=False,
        recursive=False,
        debounce=60,
        step=20,
    )
    for _touched in touches:
        found = change_token(connection)
        if found != seen:
            seen = found
            yield
