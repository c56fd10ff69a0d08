"""What the agreement screen asks of the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from store.queries import status
from store.queries import sync_history as rounds
from store.queries.status import Notice, Status
from store.queries.sync_history import Agreed, DeviceSeen, Round

if TYPE_CHECKING:
    from tui.data.reader import Desk


class Overview(NamedTuple):
    """How the home stands, what waits by kind, what should be told, and how the last rounds went."""

    status: Status
    unsent: dict[str, int]
    notices: list[Notice]
    rounds: list[Round]


def overview(desk: Desk) -> Overview:
    """All that is cheap to read."""
    with desk.database.read() as connection:
        kinds = rounds.unsent_kinds(connection)
        return Overview(status.status(connection), kinds, status.notices(connection), rounds.rounds(connection))


def agreed(desk: Desk) -> list[Agreed]:
    """How each project stands with the central."""
    with desk.database.read() as connection:
        return rounds.agreed(connection)


def devices(desk: Desk) -> list[DeviceSeen]:
    """Which devices have written what is here; reads every line."""
    with desk.database.read() as connection:
        return rounds.devices(connection)
