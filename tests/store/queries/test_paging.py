"""Entering long lists at any position."""

from __future__ import annotations

import sqlcipher3.dbapi2 as sqlite
from hypothesis import given
from hypothesis import strategies as st

from store.db.connection import Connection
from store.queries.paging import (
    STRIDE,
    KeysetIndex,
    Listing,
    count_listing,
    index_listing,
    key_of_line,
    key_reader,
    page_sql,
    position_of,
    sorted_by,
    stream_rows,
)

KEYS = st.lists(st.tuples(st.integers(0, 3), st.text("ab", max_size=2)), unique=True, max_size=20)
MARKS = st.sets(st.integers(0, 25), max_size=4)


def table(keys: list[tuple[int, str]]) -> Connection:
    """A table in memory with these keys, and some rows that the listing leaves out."""
    connection = sqlite.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE t (a INTEGER, b TEXT, kept INTEGER)")
    connection.executemany("INSERT INTO t VALUES (?, ?, 1)", keys)
    connection.executemany("INSERT INTO t VALUES (?, ?, 0)", keys)
    return connection


def listed(descending: bool) -> Listing:
    """The kept rows by both columns."""
    return Listing("t WHERE kept = :kept", ("a", "b"), descending, {"kept": 1})


def knowing(keys: list[tuple[int, str]], positions: set[int]) -> KeysetIndex:
    """A survey of the whole list that knows the rows at these positions."""
    known = KeysetIndex(len(keys))
    for position in positions:
        if position < len(keys):
            known = known.with_anchor(position, keys[position])
    return known


@given(KEYS, st.booleans(), st.integers(0, 25), st.integers(1, 9), st.none() | MARKS)
def test_a_page_is_a_slice_of_the_whole(
    keys: list[tuple[int, str]], descending: bool, position: int, limit: int, marks: set[int] | None
) -> None:
    """Whatever the keys, direction, position and marks, whether surveyed or not, the page is that part of the list."""
    connection, listing = table(keys), listed(descending)
    whole = sorted(keys, reverse=descending)
    entered = index_listing(connection, listing) if marks is None else knowing(whole, marks)
    query, values = page_sql(listing, "a, b", limit, entered, position)
    found = connection.execute(query, values).fetchall()
    assert sorted(found, reverse=descending) == whole[position : position + limit]


@given(KEYS, st.booleans(), MARKS, st.none() | st.integers(0, 25))
def test_a_row_is_found_by_its_key(
    keys: list[tuple[int, str]], descending: bool, marks: set[int], about: int | None
) -> None:
    """A row's position is how many rows come before it, from whichever side and mark they are counted."""
    connection, listing = table(keys), listed(descending)
    whole = sorted(keys, reverse=descending)
    entered = knowing(whole, marks)
    assert [position_of(connection, listing, key, entered, about) for key in whole] == list(range(len(whole)))


@given(
    st.lists(
        st.tuples(st.none() | st.sampled_from(["", "a", "b", "ab"]), st.integers(0, 99)), unique_by=lambda k: k[1]
    ),
    st.booleans(),
    st.integers(0, 25),
    st.integers(1, 9),
)
def test_a_list_sorted_by_a_column_is_entered_anywhere(
    rows: list[tuple[str | None, int]], descending: bool, position: int, limit: int
) -> None:
    """Whatever a column holds, its order is the values' with blank ones last, from any position and line."""
    connection = sqlite.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE t (a TEXT, id INTEGER)")
    connection.executemany("INSERT INTO t VALUES (?, ?)", rows)
    listing = sorted_by(Listing("t WHERE TRUE", ("id",)), "t.a", descending=descending)
    said = sorted((row for row in rows if row[0]), key=lambda row: (row[0] or "", row[1]), reverse=descending)
    blank = sorted((row[1] for row in rows if not row[0]), reverse=descending)
    whole = [*(row[1] for row in said), *blank]
    query, values = page_sql(listing, "id", limit, count_listing(connection, listing), position)
    page = {row[0] for row in connection.execute(query, values)}
    assert page == set(whole[position : position + limit])
    read = key_reader(connection, listing)
    keys = [read(Shown(line)) for line in whole]
    assert [position_of(connection, listing, key, count_listing(connection, listing)) for key in keys] == [
        *range(len(whole))
    ]


class Shown:
    """A row of such a list."""

    def __init__(self, line: int) -> None:
        self.id: str = line  # type: ignore[assignment]  # ids are of any type to SQL


def test_the_key_of_a_line_is_there_while_it_is_listed() -> None:
    """A listed line's key is read; one that the list leaves out has none."""
    connection = table([(1, "x")])
    connection.execute("INSERT INTO t VALUES (2, 'y', 0)")
    assert key_of_line(connection, listed(descending=True), "x") == (1, "x")
    assert key_of_line(connection, listed(descending=True), "y") is None


def test_the_end_of_a_long_list_is_as_near_as_its_beginning() -> None:
    """The last page is read backwards from the end, and the page beside a known row from that row: nothing is stepped
    over."""
    keys = [(n, "x") for n in range(3 * STRIDE + 7)]
    listing = listed(descending=False)
    last = page_sql(listing, "a", 9, count_listing(table(keys), listing), len(keys) - 9)
    beside = page_sql(listing, "a", 9, knowing(keys, {100, 400}), 391)
    assert (last[1]["over"], beside[1]["over"]) == (0, 0)
    assert (last[1]["limit"], beside[1]["limit"]) == (9, 9)


def test_a_long_list_is_entered_near_the_page() -> None:
    """Who reads all of it surveys it first: each page starts at a surveyed key."""
    keys = [(n, "x") for n in range(3 * STRIDE + 7)]
    connection, listing = table(keys), listed(descending=True)
    found = index_listing(connection, listing)
    assert (found.count, len(found.anchors)) == (len(keys), 4)
    query, values = page_sql(listing, "a", 3, found, 2 * STRIDE)
    assert values["over"] == 0
    assert connection.execute(query, values).fetchall() == [(keys[-1][0] - 2 * STRIDE - n,) for n in range(3)]


@given(KEYS, st.booleans(), st.integers(1, 6), st.none() | st.integers(1, 25))
def test_a_stream_is_the_list_page_by_page(
    keys: list[tuple[int, str]], descending: bool, page_size: int, limit: int | None
) -> None:
    """Read a page at a time, every row comes once, in the list's order; no page is read before it is asked for."""
    connection, listing = table(keys), listed(descending)
    pages: list[int] = []

    def read(*, limit: int, index: KeysetIndex, position: int) -> list[tuple[int, str]]:
        pages.append(position)
        query, values = page_sql(listing, "a, b", limit, index, position)
        return [(number, text) for number, text in connection.execute(query, values)]

    stream = stream_rows(read, lambda row: row, limit, page_size)
    first = next(stream, None)
    assert pages == [0]
    whole = sorted(keys, reverse=descending)[:limit]
    assert ([] if first is None else [first, *stream]) == whole
    assert pages == list(range(0, len(whole) + 1, page_size))[: len(pages)]


def test_a_stream_begins_with_a_short_page() -> None:
    """The first rows cost a short page, whatever the list's length; later pages are longer, up to a bound."""
    connection, listing = table([(n, "") for n in range(400)]), listed(descending=False)
    asked: list[tuple[int, int]] = []

    def read(*, limit: int, index: KeysetIndex, position: int) -> list[tuple[int, str]]:
        asked.append((position, limit))
        query, values = page_sql(listing, "a, b", limit, index, position)
        return [(number, text) for number, text in connection.execute(query, values)]

    assert len(list(stream_rows(read, lambda row: row, page_size=150))) == 400
    assert asked == [(0, 50), (50, 100), (150, 150), (300, 150)]
