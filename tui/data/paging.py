"""Long lists of the ledger as sources for `LongList`: counted once for each state of the ledger, read in windows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from store.db.connection import Connection
from store.db.database import Database
from store.queries.paging import KeysetIndex, Listing, RowKey, count_listing, key_of_line, position_of
from tui.data.rows import ListRow, RowWindow

R = TypeVar("R", bound=ListRow)
ReadPage = Callable[[Connection, Listing, KeysetIndex, int, int], list[R]]
"""Reads rows: connection, listing, survey, position, how many."""


@dataclass(frozen=True, slots=True)
class UnpagedSource(Generic[R]):
    """A list that is short and has an order of its own: read whole each time."""

    database: Database
    read: Callable[[Connection], list[R]]

    def window(self, anchor: str | None, position: int, radius: int) -> RowWindow[R]:
        """All rows, of one snapshot."""
        del anchor, position, radius
        with self.database.read() as connection:
            rows = self.read(connection)
        return RowWindow(rows, 0, len(rows))


@dataclass(slots=True)
class PagedSource(Generic[R]):
    """One list. ``listing`` gives what is listed as of today; ``key`` a row's place in its order; ``epoch`` a number
    that changes with the ledger."""

    database: Database
    listing: Callable[[], Listing]
    read: ReadPage[R]
    order_key: Callable[[R], RowKey]
    epoch: Callable[[], int]
    _cache: tuple[int, Listing, KeysetIndex] | None = None

    def window(self, anchor: str | None, position: int, radius: int) -> RowWindow[R]:
        """The rows around a line or a place, all of one snapshot."""
        epoch, listing = self.epoch(), self.listing()
        with self.database.read() as connection:
            known = self._cache
            same = known is not None and known[:2] == (epoch, listing)
            entered = known[2] if known is not None and same else count_listing(connection, listing)
            key = key_of_line(connection, listing, anchor) if anchor else None
            if key is not None:
                position = position_of(connection, listing, key, entered, position)
            start = max(min(position, entered.count - 1) - radius, 0)
            rows = self.read(connection, listing, entered, start, 2 * radius + 1) if entered.count else []
        for offset in {0, len(rows) - 1} if rows else ():
            entered = entered.with_anchor(start + offset, self.order_key(rows[offset]))
        self._cache = (epoch, listing, entered)
        return RowWindow(rows, start, entered.count)
