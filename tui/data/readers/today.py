"""What the screens of a person's day read: what needs them, what lost, what was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.queries import conflicts
from store.queries.today import Today, today
from tui.data.reader import named_in

if TYPE_CHECKING:
    from store.queries.conflicts import Loser
    from tui.data.reader import Desk


def read_today(desk: Desk) -> Today:
    """What needs this person now."""
    on = desk.today()
    with desk.database.read() as connection:
        return today(connection, on)


def read_losers(desk: Desk) -> list[Loser]:
    """What lost and was not dealt with."""
    with desk.database.read() as connection:
        return conflicts.losers(connection)


def names_of(desk: Desk, *chosen: Loser) -> dict[str, str]:
    """The names of the lines that these versions name, and those that are named now in their place."""
    with desk.database.read() as connection:
        said = [{each.field: value} for one in chosen for each in one.differs for value in (each.lost, each.now)]
        return named_in(connection, said)
