"""Long lists of the ledger as sources for `LongList`: counted once for each state of the ledger, read in windows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from store.db.connection import Connection
from store.db.database import Database
from store.queries.paging import Key, Listing, Survey, counted, key_in, position_of
from tui.data.rows import Row, Window

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
    """One list. ``listing`` gives what is listed as of today; ``key`` a row's place in its order; ``epoch`` a number
    that changes with the ledger."""

    database: Database
    listing: Callable[[], Listing]
    read: Read[R]
    key: Callable[[R], Key]
    epoch: Callable[[], int]
    _known: tuple[int, Listing, Survey] | None = None

    def window(self, anchor: str | None, place: int, reach: int) -> Window[R]:
        """The rows around a line or a place, all of one snapshot."""
        epoch, listing = self.epoch(), self.listing()
        with self.database.read() as connection:
            known = self._known
            same = known is not None and known[:2] == (epoch, listing)
            entered = known[2] if known is not None and same else counted(connection, listing)
            key = key_in(connection, listing, anchor) if anchor else None
            if key is not None:
                place = position_of(connection, listing, key, entered, place)
            start = max(min(place, entered.count - 1) - reach, 0)
            rows = self.read(connection, listing, entered, start, 2 * reach + 1) if entered.count else []
        for offset in {0, len(rows) - 1} if rows else ():
            entered = entered.knowing(start + offset, self.key(rows[offset]))
        self._known = (epoch, listing, entered)
        return Window(rows, start, entered.count)
