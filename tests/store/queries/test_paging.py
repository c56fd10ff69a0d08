"""Entering long lists at any position."""

from __future__ import annotations

import sqlcipher3.dbapi2 as sqlite
from hypothesis import given
from hypothesis import strategies as st

from store.connection import Connection
from store.queries.paging import STRIDE, Listing, page_sql, position_of, survey

KEYS = st.lists(st.tuples(st.integers(0, 3), st.text("ab", max_size=2)), unique=True, max_size=20)


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


@given(KEYS, st.booleans(), st.integers(0, 25), st.integers(1, 9))
def test_a_page_is_a_slice_of_the_whole(
    keys: list[tuple[int, str]], descending: bool, position: int, limit: int
) -> None:
    """Whatever the keys, direction and position, the page is that part of the whole list."""
    connection, listing = table(keys), listed(descending)
    whole = sorted(keys, reverse=descending)
    query, values = page_sql(listing, "a, b", limit, survey(connection, listing), position)
    assert connection.execute(query, values).fetchall() == whole[position : position + limit]


@given(KEYS, st.booleans())
def test_a_row_is_found_by_its_key(keys: list[tuple[int, str]], descending: bool) -> None:
    """A row's position is how many rows come before it."""
    connection, listing = table(keys), listed(descending)
    whole = sorted(keys, reverse=descending)
    assert [position_of(connection, listing, key) for key in whole] == list(range(len(whole)))


def test_a_long_list_is_entered_near_the_page() -> None:
    """Beyond the first stride a page starts at a surveyed key, so at most a stride of rows is stepped over."""
    keys = [(n, "x") for n in range(3 * STRIDE + 7)]
    connection, listing = table(keys), listed(descending=True)
    found = survey(connection, listing)
    assert (found.count, len(found.keys)) == (len(keys), 4)
    assert found.entry(2 * STRIDE + 3) == ((keys[-1][0] - 2 * STRIDE, "x"), 3)
    query, values = page_sql(listing, "a", 3, found, 2 * STRIDE + 3)
    assert connection.execute(query, values).fetchall() == [(keys[-1][0] - 2 * STRIDE - 3 - n,) for n in range(3)]
