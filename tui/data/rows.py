"""Row sources for long lists: a list reads a window of rows at a time.

A list never holds all its rows. It reads from its source the window around a line (by id) or a position (by number),
and reads again when the cursor comes near the window's edge or the ledger has changed. The line under the cursor is
known by its id, so rows that are added or removed around it never move the cursor to another line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, runtime_checkable

if TYPE_CHECKING:
    from store.queries.doubles import LikelyDouble
    from store.queries.hand_over import ServedProject
    from store.queries.people import ContactEntry
    from store.queries.timeline import TimelineEvent

_EVERY_ROW = 1 << 40
WINDOW_RADIUS = 200
"""So many rows are read on each side of the anchor."""


class ListRow(Protocol):
    """Anything with an id can be a row."""

    @property
    def id(self) -> str:
        """The id of the line it shows."""
        ...


R = TypeVar("R", bound=ListRow)
R_co = TypeVar("R_co", bound=ListRow, covariant=True)


@dataclass(frozen=True, slots=True)
class RowWindow(Generic[R_co]):
    """Some consecutive rows of a list: ``start`` is the position of the first among ``total``."""

    rows: Sequence[R_co]
    start: int
    total: int


class RowSource(Protocol[R_co]):
    """Reads windows of one list. Called in a thread; a source holds no rows itself unless they are few."""

    def window(self, anchor: str | None, position: int, radius: int) -> RowWindow[R_co]:
        """The rows around line ``anchor``; around ``position`` where ``anchor`` is None or not in the list."""
        ...


@runtime_checkable
class StreamedSource(Protocol[R_co]):
    """Reads a list whole without holding it."""

    def stream(self) -> Iterator[R_co]:
        """Every row in order, of one state of the ledger, read while they are taken. Taken in one thread."""
        ...


def all_rows(source: RowSource[R]) -> Iterator[R]:
    """Every row of a list in order, of one state of the ledger; of a list that is long a page at a time."""
    return source.stream() if isinstance(source, StreamedSource) else iter(source.window(None, 0, _EVERY_ROW).rows)


class InMemorySource(Generic[R]):
    """A source over rows that are all in memory."""

    def __init__(self, rows: Sequence[R]) -> None:
        self.rows = rows

    def window(self, anchor: str | None, position: int, radius: int) -> RowWindow[R]:
        """All rows."""
        del anchor, position, radius
        return RowWindow(self.rows, 0, len(self.rows))


class ContactRow:
    """An entry of the address book as a row."""

    project_id: str | None = None

    def __init__(self, entry: ContactEntry) -> None:
        self.entry = entry
        self.id = entry.id


class ServedProjectRow:
    """A project that a butler serves, as a row."""

    def __init__(self, project: ServedProject) -> None:
        self.project = project
        self.id = self.project_id = project.project


class DoubleRow:
    """A pair of records that may be one, as a row."""

    project_id: str | None = None

    def __init__(self, double: LikelyDouble) -> None:
        self.double = double
        self.id = f"{double.first.id} {double.second.id}"


class EventRow:
    """An event of a timeline as a row: its id is that of the line that it is about."""

    def __init__(self, event: TimelineEvent) -> None:
        self.event = event
        self.id = event.line
