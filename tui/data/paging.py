"""Long lists of the ledger as sources for `LongList`: counted once for each state of the ledger, read in windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from store.db.connection import Connection
from store.db.database import Database
from store.domain.status_lights import LightThresholds
from store.queries.paging import (
    SORTED_PAGE,
    KeysetIndex,
    Listing,
    count_listing,
    key_of_line,
    key_reader,
    position_of,
    stream_rows,
)
from tui.data.list_query import ListQuery, Page
from tui.data.rows import ListRow, RowWindow

R = TypeVar("R", bound=ListRow)


@dataclass(frozen=True, slots=True)
class UnpagedSource(Generic[R]):
    """A list that is short and has an order of its own: read whole each time."""

    database: Database
    query: Callable[[Connection, LightThresholds], list[R]]
    thresholds: Callable[[], LightThresholds]

    def window(self, anchor: str | None, position: int, radius: int) -> RowWindow[R]:
        """All rows, of one snapshot."""
        del anchor, position, radius
        thresholds = self.thresholds()
        with self.database.read() as connection:
            rows = self.query(connection, thresholds)
        return RowWindow(rows, 0, len(rows))


@dataclass(slots=True)
class PagedSource(Generic[R]):
    """One long list. The keyset index is cached for as long as ``epoch``, a number that changes with the ledger, and
    the listing stay the same."""

    database: Database
    query: ListQuery[R]
    thresholds: Callable[[], LightThresholds]
    epoch: Callable[[], int]
    _cache: tuple[int, Listing, KeysetIndex] | None = None

    def window(self, anchor: str | None, position: int, radius: int) -> RowWindow[R]:
        """The rows around line ``anchor``, or around ``position`` where it is None or not listed; one snapshot."""
        epoch, thresholds = self.epoch(), self.thresholds()
        listing = self.query.listing(thresholds)
        with self.database.read() as connection:
            index = self._index(connection, epoch, listing)
            key = key_of_line(connection, listing, anchor) if anchor else None
            if key is not None:
                position = position_of(connection, listing, key, index, position)
            start = max(min(position, index.count - 1) - radius, 0)
            page = Page(listing, index, start, 2 * radius + 1)
            rows = self.query.read(connection, page, thresholds) if index.count else []
            order_key = self.query.order_key or key_reader(connection, listing)
            for offset in {0, len(rows) - 1} if rows else ():
                index = index.with_anchor(start + offset, order_key(rows[offset]))
        self._cache = (epoch, listing, index)
        return RowWindow(rows, start, index.count)

    def stream(self) -> Iterator[R]:
        """All rows in the list's order, read a page at a time from one snapshot."""
        thresholds = self.thresholds()
        listing = self.query.listing(thresholds)
        with self.database.read() as connection:

            def read(*, limit: int, index: KeysetIndex, position: int) -> list[R]:
                return self.query.read(connection, Page(listing, index, position, limit), thresholds)

            if self.query.order_key is not None:
                yield from stream_rows(read, self.query.order_key)
            else:
                yield from stream_rows(read, key_reader(connection, listing), page_size=SORTED_PAGE)

    def _index(self, connection: Connection, epoch: int, listing: Listing) -> KeysetIndex:
        cached = self._cache
        if cached is not None and cached[:2] == (epoch, listing):
            return cached[2]
        return count_listing(connection, listing)
