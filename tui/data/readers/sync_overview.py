"""What the sync screen reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from store import queries
from store.exceptions import DeviceStateError
from tui.data.file_queue import FileQueue, read_file_queue

if TYPE_CHECKING:
    from collections.abc import Callable

    from store.db.connection import Connection
    from store.db.database import Database
    from store.home.device_state import DeviceState
    from store.queries.status import Notification, StoreStatus
    from store.queries.sync_history import Round


class SyncOverview(NamedTuple):
    """The store's status, unsent lines by kind, notifications, the last rounds, and the files that wait."""

    status: StoreStatus
    unsent: dict[str, int]
    notices: list[Notification]
    rounds: list[Round]
    files: FileQueue


def sync_overview(connection: Connection, device_state: DeviceState, database: Database, now_ms: int) -> SyncOverview:
    """All that is cheap to read; no rounds where the device's own file cannot be used."""
    try:
        rounds = queries.sync_history.rounds(device_state)
    except DeviceStateError:
        rounds = []
    return SyncOverview(
        queries.status.store_status(connection),
        queries.sync_history.unsent_kinds(connection),
        queries.status.notifications(connection),
        rounds,
        read_file_queue(connection, database, now_ms),
    )


def drop_provisional(database: Database, wall_clock: Callable[[], int], line: str, device: str) -> int:
    """Put what a device gave of a line at a meeting aside, into the bin; gives how many versions that are."""
    from store.writer.provisional import MeetingLedger  # noqa: PLC0415 - few do so

    return MeetingLedger(database, wall_clock=wall_clock).drop_provisional([(line, device)])
