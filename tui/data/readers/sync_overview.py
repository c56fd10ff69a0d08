"""What the sync screen reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from store import queries
from store.exceptions import DeviceStateError
from store.queries.provisional import provisional_entries

if TYPE_CHECKING:
    from store.db.connection import Connection
    from store.home.device_state import DeviceState
    from store.queries.provisional import ProvisionalEntry
    from store.queries.status import Notification, StoreStatus
    from store.queries.sync_history import Round


class SyncOverview(NamedTuple):
    """The store's status, unsent lines by kind, notifications, the last rounds, and what colleagues gave in meetings
    and the central has not judged."""

    status: StoreStatus
    unsent: dict[str, int]
    notices: list[Notification]
    rounds: list[Round]
    provisional: list[ProvisionalEntry]


def sync_overview(connection: Connection, device_state: DeviceState) -> SyncOverview:
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
        provisional_entries(connection),
    )
