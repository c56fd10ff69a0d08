"""Long lists, entered at any position without reading what lies before it.

A list of 100,000 rows is surveyed once: how many there are, and the key of every 250th. A page at any position then
starts at the nearest surveyed key and steps over at most 249 rows. After another's commit the list is surveyed again,
and `position_of` finds where the row under the cursor has gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from store.connection import Connection

STRIDE = 250
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list in a fixed order. ``source`` is what follows SELECT … FROM, with its WHERE; ``order`` the expressions
    that make up a row's key, unique together and never null, all ascending or all descending."""

    source: str
    order: tuple[str, ...]
    descending: bool = False
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def ordered(self) -> str:
        """The ORDER BY clause."""
        return "ORDER BY " + ", ".join(f"{part} DESC" if self.descending else part for part in self.order)

    def compared(self, sign: str, key: Key) -> tuple[str, dict[str, object]]:
        """A condition that a row's key stands in ``sign`` (``<``, ``<=`` … in the list's order) to ``key``."""
        if self.descending:
            sign = sign.translate(str.maketrans("<>", "><"))
        named = {f"key{n}": value for n, value in enumerate(key)}
        return f"({', '.join(self.order)}) {sign} ({', '.join(':' + name for name in named)})", named


@dataclass(frozen=True, slots=True)
class Survey:
    """How many rows a list has, and the keys of the rows at 0, `STRIDE`, 2 × `STRIDE` …"""

    count: int
    keys: tuple[Key, ...]

    def entry(self, position: int) -> tuple[Key | None, int]:
        """The nearest surveyed key at or before ``position``, and how many rows to step over from there."""
        if not self.keys:
            return None, position
        nearest = min(position // STRIDE, len(self.keys) - 1)
        return self.keys[nearest], position - nearest * STRIDE


EMPTY = Survey(0, ())


def survey(connection: Connection, listing: Listing) -> Survey:
    """How long the list is, and where it can be entered."""
    keys = ", ".join(f"{part} AS k{n}" for n, part in enumerate(listing.order))
    numbered = f"SELECT {keys}, row_number() OVER ({listing.ordered}) - 1 AS n, count(*) OVER () AS total"
    names = ", ".join(f"k{n}" for n in range(len(listing.order)))
    rows = connection.execute(
        f"SELECT total, {names} FROM ({numbered} FROM {listing.source}) WHERE n % {STRIDE} = 0 ORDER BY n",
        dict(listing.values),
    ).fetchall()
    return Survey(rows[0][0], tuple(row[1:] for row in rows)) if rows else EMPTY


def position_of(connection: Connection, listing: Listing, key: Key) -> int:
    """The position of the row with this key, or where it would be: how many rows come before it."""
    condition, named = listing.compared("<", key)
    query = f"SELECT count(*) FROM {listing.source} AND {condition}"
    return int(connection.execute(query, {**listing.values, **named}).fetchone()[0])


def page_sql(
    listing: Listing, columns: str, limit: int, entered: Survey | None = None, position: int = 0
) -> tuple[str, dict[str, object]]:
    """A SELECT of ``columns`` for ``limit`` rows from ``position`` on, in the list's order, and its values."""
    key, over = (entered or EMPTY).entry(position)
    condition, named = listing.compared(">=", key) if key is not None else ("TRUE", {})
    query = f"SELECT {columns} FROM {listing.source} AND {condition} {listing.ordered} LIMIT :limit OFFSET :over"
    return query, {**listing.values, **named, "limit": limit, "over": over}
