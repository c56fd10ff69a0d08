"""Long lists, entered at any position without reading what lies before it.

Keyset pagination: a list is entered at its beginning, at its end, or at an anchor, a row whose key and position are
known. A screen counts its list (`count_listing`) and adds anchors from the pages that it reads
(`KeysetIndex.with_anchor`), so that the next page is one step away. A report that reads the whole list indexes it
first: the key of every 250th row (`index_listing`). A command that prints a list reads page after page
(`stream_rows`). After another's commit the list is counted again, and `position_of` finds the row under the cursor.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

from store.db.connection import Connection

STRIDE = 250
FIRST_STREAM_PAGE, STREAM_PAGE = 50, 500
"""So many rows a stream reads at once, at first and at most: the first rows are wanted soon, and a page costs its
position in the list where that is not in an index's order."""
SORTED_PAGE = 5_000
"""The same for a list sorted by a column, which has no index: each page sorts all rows behind it."""
Row = tuple[Any, ...]
"""A row of a query: values of any SQL type, in the order of the selected columns."""
RowKey = tuple[object, ...]
"""The values that order a row in its list, unique together."""
Anchor = tuple[int, RowKey]
"""A position and the key of the row there."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list in a fixed order. ``source`` is what follows SELECT … FROM, with its WHERE; ``order`` the expressions
    that make up a row's key, unique together and never null, all ascending or all descending."""

    source: str
    order: tuple[str, ...]
    descending: bool = False
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def order_by(self) -> str:
        """The ORDER BY clause."""
        return self._sorted(self.descending)

    @property
    def reverse_order_by(self) -> str:
        """The ORDER BY clause of the opposite order."""
        return self._sorted(not self.descending)

    def _sorted(self, descending: bool) -> str:
        return "ORDER BY " + ", ".join(f"{part} DESC" if descending else part for part in self.order)

    def precedes(self, first: RowKey, second: RowKey) -> bool:
        """Whether a row with the key ``first`` comes before one with ``second``, compared as SQLite does."""
        return first > second if self.descending else first < second

    def range_condition(self, first: RowKey | None, last: RowKey | None) -> tuple[str, dict[str, object]]:
        """A condition that a row is at or after ``first`` and before ``last`` (None: no bound), and its values together
        with the listing's."""
        parts, values = ["TRUE"], dict(self.values)
        for name, key, sign in (("from", first, "<=" if self.descending else ">="),
                                ("to", last, ">" if self.descending else "<")):  # fmt: skip
            if key is not None:
                bound = {f"{name}{n}": value for n, value in enumerate(key)}
                parts.append(f"({', '.join(self.order)}) {sign} ({', '.join(':' + place for place in bound)})")
                values |= bound
        return " AND ".join(parts), values


@dataclass(frozen=True, slots=True)
class KeysetIndex:
    """How many rows a list has, and the keys of some of them: ``anchors``, in the list's order."""

    count: int
    anchors: tuple[Anchor, ...] = ()

    def with_anchor(self, position: int, key: RowKey) -> KeysetIndex:
        """The same with one more anchor."""
        place = bisect_left(self.anchors, position, key=_position)
        if self.anchors[place : place + 1] and self.anchors[place][0] == position:
            return self
        return KeysetIndex(self.count, (*self.anchors[:place], (position, key), *self.anchors[place:]))

    def anchor_before(self, position: int) -> Anchor | None:
        """The nearest anchor at or before ``position``; None: the list's beginning."""
        place = bisect_right(self.anchors, position, key=_position)
        return self.anchors[place - 1] if place else None

    def anchor_after(self, position: int) -> Anchor | None:
        """The nearest anchor at or after ``position``; None: the list's end."""
        place = bisect_left(self.anchors, position, key=_position)
        return self.anchors[place] if place < len(self.anchors) else None


EMPTY_INDEX = KeysetIndex(0)
EntryT = TypeVar("EntryT")
EntryT_co = TypeVar("EntryT_co", covariant=True)


class PageReader(Protocol[EntryT_co]):
    """A query of a list, with everything but the page already given."""

    def __call__(self, *, limit: int, index: KeysetIndex, position: int) -> Sequence[EntryT_co]: ...


def stream_rows(
    read: PageReader[EntryT], key_of: Callable[[EntryT], RowKey], limit: int | None = None, page_size: int = STREAM_PAGE
) -> Iterator[EntryT]:
    """The rows of a list, ``limit`` or all, read a page at a time, each twice as long as the one before up to
    ``page_size``: the first rows are there at once, and memory holds one page. To be consumed within one read
    transaction, where the list must not change between its pages."""
    index, position, longest = EMPTY_INDEX, 0, min(FIRST_STREAM_PAGE, page_size)
    while limit is None or position < limit:
        size = longest if limit is None else min(longest, limit - position)
        longest = min(2 * longest, page_size)
        page = read(limit=size, index=index, position=position)
        yield from page
        position += len(page)
        if len(page) < size:
            return
        index = EMPTY_INDEX.with_anchor(position - 1, key_of(page[-1]))


def _position(anchor: Anchor) -> int:
    return anchor[0]


def sorted_by(listing: Listing, expression: str, *, descending: bool) -> Listing:
    """The same rows sorted by an SQL expression, those for which it is NULL or empty last; equal ones by the line's id,
    with which the listing's own order ends."""
    blank = f"nullif({expression}, '') IS NULL"
    order = (f"NOT ({blank})" if descending else f"({blank})", f"coalesce({expression}, '')", listing.order[-1])
    return replace(listing, order=order, descending=descending)


class RowWithId(Protocol):
    """A row that shows one line."""

    @property
    def id(self) -> str:
        """The line's id."""
        ...


def key_reader(connection: Connection, listing: Listing) -> Callable[[RowWithId], RowKey]:
    """A row's key as the database has it, where the row itself does not show it: one query for each."""

    def read(row: RowWithId) -> RowKey:
        key = key_of_line(connection, listing, row.id)
        if key is None:
            raise LookupError(row.id)  # within one read transaction no row goes
        return key

    return read


def count_listing(connection: Connection, listing: Listing) -> KeysetIndex:
    """How long is the list?"""
    query = f"SELECT count(*) FROM {listing.source}"
    return KeysetIndex(int(connection.execute(query, dict(listing.values)).fetchone()[0]))


def index_listing(connection: Connection, listing: Listing) -> KeysetIndex:
    """How long is the list, and where can it be entered: the keys of the rows at 0, `STRIDE`, 2 × `STRIDE` …?"""
    keys = ", ".join(f"{part} AS k{n}" for n, part in enumerate(listing.order))
    numbered = f"SELECT {keys}, row_number() OVER ({listing.order_by}) - 1 AS n, count(*) OVER () AS total"
    names = ", ".join(f"k{n}" for n in range(len(listing.order)))
    rows = connection.execute(
        f"SELECT total, n, {names} FROM ({numbered} FROM {listing.source}) WHERE n % {STRIDE} = 0 ORDER BY n",
        dict(listing.values),
    ).fetchall()
    return KeysetIndex(rows[0][0], tuple((row[1], row[2:]) for row in rows)) if rows else EMPTY_INDEX


def key_of_line(connection: Connection, listing: Listing, line_id: str) -> RowKey | None:
    """What is the key of this line in a list whose keys end with the line's id? None where it is not in the list; in a
    list by id alone the key that it would have."""
    if len(listing.order) == 1:
        return (line_id,)
    query = f"SELECT {', '.join(listing.order)} FROM {listing.source} AND {listing.order[-1]} = :line"
    row = connection.execute(query, {**listing.values, "line": line_id}).fetchone()
    return tuple(row) if row else None


def position_of(
    connection: Connection, listing: Listing, key: RowKey, index: KeysetIndex = EMPTY_INDEX, about: int | None = None
) -> int:
    """The position of the row with this key, or the one that it would have: how many rows come before it. ``about``:
    its last known position, which decides from which side rows are counted."""
    before = [anchor for anchor in index.anchors if anchor[1] == key or listing.precedes(anchor[1], key)]
    first = before[-1] if before else None
    last = index.anchors[len(before)] if len(before) < len(index.anchors) else None
    start, end = first[0] if first else 0, last[0] if last else index.count
    if about is None or about - start <= end - about:
        return start + _between(connection, listing, first[1] if first else None, key)
    return end - _between(connection, listing, key, last[1] if last else None)


def _between(connection: Connection, listing: Listing, first: RowKey | None, last: RowKey | None) -> int:
    """How many rows are there from ``first`` on (None: the beginning) to ``last``, exclusive (None: the end)?"""
    condition, values = listing.range_condition(first, last)
    query = f"SELECT count(*) FROM {listing.source} AND {condition}"
    return int(connection.execute(query, values).fetchone()[0])


def page_sql(
    listing: Listing, columns: str, limit: int, index: KeysetIndex | None = None, position: int = 0
) -> tuple[str, dict[str, object]]:
    """A SELECT of ``columns`` for ``limit`` rows from ``position`` on, and its values. The rows come in the list's
    order or, where the next anchor is nearer than the one before, in the opposite order: the caller sorts them."""
    known = index or EMPTY_INDEX
    first, end = known.anchor_before(position), min(position + limit, known.count)
    last = known.anchor_after(end)
    over, over_back = position - (first[0] if first else 0), (last[0] if last else known.count) - end
    backward = limit >= 0 and end > position and over_back < over
    condition, values = (
        listing.range_condition(None, last and last[1])
        if backward
        else listing.range_condition(first and first[1], None)
    )
    ordered = listing.reverse_order_by if backward else listing.order_by
    query = f"SELECT {columns} FROM {listing.source} AND {condition} {ordered} LIMIT :limit OFFSET :over"
    steps = {"limit": end - position, "over": over_back} if backward else {"limit": limit, "over": over}
    return query, {**values, **steps}
