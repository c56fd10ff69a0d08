"""The queue of attached files that wait to be sent or fetched, as the sync screen and the command line show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from store.domain.limits import read_limits
from store.home.blobs.blob_store import BlobStore
from store.home.blobs.budget import QueueBudget, QueueStop, Spent, queue_budget, room_left
from store.home.blobs.transfers import Transfers
from store.home.paths import Home
from store.home.settings import load_settings
from store.queries.blob_queue import QueuedBlob, blob_queue
from store.values.times import district_time

if TYPE_CHECKING:
    from store.db.connection import Connection
    from store.db.database import Database


class FileQueue(NamedTuple):
    """What waits, in its order, whether the queue is paused, its ``budget``, what has been ``spent`` of it, and what
    else keeps everything now (``stop``)."""

    paused: bool
    waiting: list[QueuedBlob]
    budget: QueueBudget = QueueBudget()
    spent: Spent = Spent()
    stop: QueueStop | None = None

    @property
    def free(self) -> list[QueuedBlob]:
        """Those that nothing but the line, or a pause, keeps from travelling."""
        return [one for one in self.waiting if one.hold is None and self.budget.carries(one.ref.size)]

    @property
    def large(self) -> int:
        """How many wait for a line that does not cost by the byte."""
        return sum(one.hold is None for one in self.waiting) - len(self.free)

    @property
    def bytes_left(self) -> int:
        """How many bytes of the free ones have still to travel."""
        return sum(one.ref.size - one.done for one in self.free)


def read_file_queue(connection: Connection, database: Database, now_ms: int) -> FileQueue:
    """The queue as it is now."""
    settings, blobs = load_settings(Home(database.path.parent)), BlobStore(database)
    budget = queue_budget(settings).within(read_limits(connection).file_mb_day)
    with Transfers(database) as transfers:
        marks, spent = transfers.marks(), transfers.spend(0, now_ms)
    room = room_left(blobs.folder, budget.reserve_bytes)
    waiting = blob_queue(connection, blobs, marks, now_ms, room)
    return FileQueue(marks.paused, waiting, budget, spent, budget.stop(spent, district_time(now_ms)))


def pause_files(database: Database, *, paused: bool) -> None:
    """Let no files travel, or let them again; a part that is on its way arrives."""
    with Transfers(database) as transfers:
        transfers.pause(paused=paused)


def ask_for(database: Database, bucket: str, sha256: str) -> None:
    """Let an original come with the next rounds."""
    with Transfers(database) as transfers:
        transfers.want([(bucket, sha256)])
