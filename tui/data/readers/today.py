"""What the screens of a person's day read: what needs them, what lost, what was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.queries import conflicts
from store.queries.today import Today, today
from tui.data.reader import referenced_names

if TYPE_CHECKING:
    from store.queries.conflicts import Conflict
    from tui.data.reader import Reader


def read_today(reader: Reader) -> Today:
    """What needs this person now."""
    on = reader.thresholds()
    with reader.database.read() as connection:
        return today(connection, on)


def read_conflicts(reader: Reader) -> list[Conflict]:
    """What lost and was not dealt with."""
    with reader.database.read() as connection:
        return conflicts.unresolved_conflicts(connection)


def conflict_names(reader: Reader, *conflicts: Conflict) -> dict[str, str]:
    """The names of the lines that these versions name, and those that are named now in their place."""
    with reader.database.read() as connection:
        said = [{each.field: value} for one in conflicts for each in one.differs for value in (each.lost, each.now)]
        return referenced_names(connection, said)
