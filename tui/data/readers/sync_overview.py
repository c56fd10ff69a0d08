"""What the agreement screen asks of the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from store.queries import status
from store.queries import sync_history as rounds
from store.queries.status import Notification, StoreStatus
from store.queries.sync_history import DeviceActivity, ProjectSyncStatus, Round

if TYPE_CHECKING:
    from tui.data.reader import Reader


class SyncOverview(NamedTuple):
    """How the home stands, what waits by kind, what should be told, and how the last rounds went."""

    status: StoreStatus
    unsent: dict[str, int]
    notices: list[Notification]
    rounds: list[Round]


def sync_overview(reader: Reader) -> SyncOverview:
    """All that is cheap to read."""
    with reader.database.read() as connection:
        kinds = rounds.unsent_kinds(connection)
        return SyncOverview(
            status.store_status(connection), kinds, status.notifications(connection), rounds.rounds(connection)
        )


def project_sync_states(reader: Reader) -> list[ProjectSyncStatus]:
    """How each project stands with the central."""
    with reader.database.read() as connection:
        return rounds.project_sync_status(connection)


def seen_devices(reader: Reader) -> list[DeviceActivity]:
    """Which devices have written what is here; reads every line."""
    with reader.database.read() as connection:
        return rounds.device_activity(connection)
