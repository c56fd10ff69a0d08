"""The queue of attached files that wait to be sent or fetched, as the sync screen and the command line show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from store.home.blobs.blob_store import BlobStore
from store.home.blobs.transfers import Transfers, read_marks
from store.queries.blob_queue import QueuedBlob, blob_queue

if TYPE_CHECKING:
    from store.db.connection import Connection
    from store.db.database import Database


class FileQueue(NamedTuple):
    """What waits, in its order, and whether the queue is paused."""

    paused: bool
    waiting: list[QueuedBlob]

    @property
    def free(self) -> list[QueuedBlob]:
        """Those that nothing but the line, or a pause, keeps from travelling."""
        return [one for one in self.waiting if one.hold is None]

    @property
    def bytes_left(self) -> int:
        """How many bytes of the free ones have still to travel."""
        return sum(one.ref.size - one.done for one in self.free)


def read_file_queue(connection: Connection, database: Database, now_ms: int) -> FileQueue:
    """The queue as it is now."""
    marks = read_marks(database)
    return FileQueue(marks.paused, blob_queue(connection, BlobStore(database), marks, now_ms))


def pause_files(database: Database, *, paused: bool) -> None:
    """Let no files travel, or let them again; a part that is on its way arrives."""
    with Transfers(database) as transfers:
        transfers.pause(paused=paused)


def ask_for(database: Database, bucket: str, sha256: str) -> None:
    """Let an original come with the next rounds."""
    with Transfers(database) as transfers:
        transfers.want([(bucket, sha256)])
