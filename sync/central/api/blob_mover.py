"""While a central serves, whole bytes of attachments move from its database to the outside store that it has."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator

from sqlalchemy.exc import SQLAlchemyError

from sync.central.db.database import CentralDatabase
from sync.central.db.object_store import ObjectStore
from sync.central.writes.blob_moves import BlobMoves
from sync.exceptions import SyncError

LOOK_S = 2.0
"""The database is asked so often whether anything is to be moved."""
AWAY_S = 30.0
"""A store that did not answer is asked again after so long."""
_END_S = 5.0
_LOG = logging.getLogger("guanjia.central")


@contextlib.contextmanager
def moving_blobs(database: CentralDatabase, store: ObjectStore | None, now_ms: Callable[[], int]) -> Iterator[None]:
    """While the block runs, what is whole is moved; nothing without a store."""
    if store is None:
        yield
        return
    stop = threading.Event()
    moves = BlobMoves(database, store, now_ms, stop.is_set)
    thread = threading.Thread(target=_run, args=(moves, stop), name="blobs", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_END_S)


def _run(moves: BlobMoves, stop: threading.Event) -> None:
    said = ""
    while not stop.is_set():
        wait, failure = LOOK_S, ""
        try:
            moves.run()
        except (SyncError, SQLAlchemyError) as error:  # a database that is away is told by whoever answers devices
            wait, failure = AWAY_S, str(error) if isinstance(error, SyncError) else said
        except Exception:
            _LOG.exception("moving attached files to their store failed")
            wait = AWAY_S
        if failure != said:  # once, and once that it is over
            _LOG.warning("%s", failure or "the store of attached files answers again")
        said = failure
        stop.wait(wait)
