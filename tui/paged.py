"""Long lists of the ledger as sources for `LongList`: surveyed once for each state of the ledger, read in windows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from store.connection import Connection
from store.database import Database
from store.queries.paging import Key, Listing, Survey, position_of, survey
from tui.widgets.rows import Row, Window

R = TypeVar("R", bound=Row)
Read = Callable[[Connection, Listing, Survey, int, int], list[R]]
"""Reads rows: connection, listing, survey, position, how many."""


@dataclass(frozen=True, slots=True)
class Whole(Generic[R]):
    """A list that is short and has an order of its own: read whole each time."""

    database: Database
    read: Callable[[Connection], list[R]]

    def window(self, anchor: str | None, place: int, reach: int) -> Window[R]:
        """All rows, of one snapshot."""
        del anchor, place, reach
        with self.database.read() as connection:
            rows = self.read(connection)
        return Window(rows, 0, len(rows))


@dataclass(slots=True)
class Paged(Generic[R]):
    """One list. ``listing`` gives what is listed as of today; ``key_of`` where a line stands now (None: gone);
    ``epoch`` a number that changes with the ledger."""

    database: Database
    listing: Callable[[], Listing]
    read: Read[R]
    key_of: Callable[[Connection, str], Key | None]
    epoch: Callable[[], int]
    _surveyed: tuple[int, Listing, Survey] | None = None

    def window(self, anchor: str | None, place: int, reach: int) -> Window[R]:
        """The rows around a line or a place, all of one snapshot."""
        epoch, listing = self.epoch(), self.listing()
        with self.database.read() as connection:
            known = self._surveyed
            if known is None or known[0] != epoch or known[1] != listing:
                known = self._surveyed = (epoch, listing, survey(connection, listing))
            entered = known[2]
            key = self.key_of(connection, anchor) if anchor else None
            if key is not None:
                place = position_of(connection, listing, key)
            start = max(min(place, entered.count - 1) - reach, 0)
            rows = self.read(connection, listing, entered, start, 2 * reach + 1) if entered.count else []
        return Window(rows, start, entered.count)
