"""What a long list reads: the value that `tui.data.lists` makes and `tui.data.paging` carries out.

Apart from both, so that making a list's query loads nothing of the store.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from tui.data.rows import ListRow

if TYPE_CHECKING:
    from store.db.connection import Connection
    from store.domain.status_lights import LightThresholds
    from store.queries.paging import KeysetIndex, Listing, RowKey

R = TypeVar("R", bound=ListRow)


class Page(NamedTuple):
    """Which rows of a listing are read: ``limit`` rows from ``position`` on, entered by ``keyset``."""

    listing: Listing
    keyset: KeysetIndex
    position: int
    limit: int


@dataclass(frozen=True, slots=True)
class ListQuery(Generic[R]):
    """A long list: what is listed as of today, how a page of it is read, and a row's key in its order; None where only
    the database knows the key."""

    listing: Callable[[LightThresholds], Listing]
    read: Callable[[Connection, Page, LightThresholds], list[R]]
    order_key: Callable[[R], RowKey] | None
