"""The entry to search: one search, with or without qualifiers, and a screen's sequence of searches.

Next: ``store/search/qualifiers.py`` (what qualifiers mean), ``store/search/query.py`` (how words become a query),
``store/search/ranking.py`` (how it is run).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from functools import partial

import sqlcipher3.dbapi2 as sqlite

from store.db.connection import Connection
from store.search.qualifiers import (
    NO_FILTER,
    LabelOf,
    ParsedQuery,
    SearchFilter,
    parse_query,
    resolve_qualifiers,
    unknown_person_error,
)
from store.search.query import SCORE_TITLE, build_query
from store.search.ranking import ALL_LINES, SearchHit, find_hits, with_lights


def search_lines(
    connection: Connection,
    text: str,
    label_of: LabelOf,
    *,
    filters: SearchFilter = NO_FILTER,
    limit: int = 20,
    now: date | None = None,
) -> list[SearchHit]:
    """The lines that ``text`` finds, words with qualifiers, among those that pass ``filters``; qualifiers without words
    list the newest lines. ``label_of`` gives the labels of states and kinds; ``now`` adds lights. Raises
    `UnknownQualifier`."""
    hits = _search(connection, parse_query(text), label_of, filters, limit, lambda: None)
    return with_lights(connection, hits, now) if now else hits


def find(
    connection: Connection,
    text: str,
    *,
    kind: str | None = None,
    department: str | None = None,
    state: str | None = None,
    limit: int = 20,
    now: date | None = None,
) -> list[SearchHit]:
    """The lines that have all words of ``text``. ``department`` (a unit's id) and ``state`` restrict to issues and
    their steps. Typed operators and qualifiers mean nothing; blank text finds nothing. Runs six statements at most, two
    more for filters by state or department or for a long word, and one or two for each kind among the lines found by
    text."""
    hits = find_hits(connection, build_query(text), filter_for(kind, department, state), limit, lambda: None)
    return with_lights(connection, hits, now) if now else hits


def filter_for(kind: str | None, department: str | None, state: str | None) -> SearchFilter:
    """The filter for single values; None: no restriction."""
    return SearchFilter(*(None if value is None else (value,) for value in (kind, department, state)))


def find_by_name(connection: Connection, kind: str, text: str, limit: int) -> list[tuple[str, str]]:
    """The ids and titles of the lines of a kind whose title ``text`` matches, wholly, in part, or by pinyin."""
    hits = find_hits(connection, build_query(text), SearchFilter(kinds=(kind,)), limit, lambda: None)
    return [(hit.id, hit.title) for hit in hits if hit.score >= SCORE_TITLE]


class SearchCancelled(Exception):
    """A later search began before this one was done."""


class SearchSession:
    """The searches of one screen, of which only the latest matters: a new one interrupts the one that runs.

    ``connection`` gives the calling thread's connection; `find` may be called from any thread."""

    def __init__(self, connection: Callable[[], Connection]) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._latest = 0
        self._running: Connection | None = None

    @property
    def generation(self) -> int:
        """How many searches were started or cancelled so far."""
        return self._latest

    def cancel(self) -> int:
        """Cancel the search that is running, if any; gives the new generation."""
        with self._lock:
            self._latest += 1
            if self._running is not None:
                self._running.interrupt()
            return self._latest

    def find(
        self, text: str, label_of: LabelOf = lambda _family, value: value, *, limit: int = 20
    ) -> list[SearchHit] | None:
        """As `search_lines`; None when another search began meanwhile."""
        generation, connection = self.cancel(), self._connection()
        try:
            self._check_latest(generation, connection)
            return _search(
                connection,
                parse_query(text),
                label_of,
                NO_FILTER,
                limit,
                lambda: self._check_latest(generation, connection),
            )
        except SearchCancelled:
            return None
        except sqlite.OperationalError:
            if generation == self._latest:
                raise
            return None
        finally:
            with self._lock:
                if self._running is connection:
                    self._running = None

    def _check_latest(self, generation: int, connection: Connection) -> None:
        with self._lock:
            if generation != self._latest:
                raise SearchCancelled
            self._running = connection


def _search(
    connection: Connection,
    parsed: ParsedQuery,
    label_of: LabelOf,
    filters: SearchFilter,
    limit: int,
    check_cancelled: Callable[[], None],
) -> list[SearchHit]:
    by_qualifier = resolve_qualifiers(parsed, partial(find_by_name, connection), label_of)
    people = parsed.values("person")
    query = build_query(parsed.words, people, parsed.values("number"))
    if query is None and by_qualifier != NO_FILTER:
        query = ALL_LINES
    both = by_qualifier.intersect(filters)
    hits = [] if both.matches_nothing else find_hits(connection, query, both, limit, check_cancelled)
    if people and hits and not parsed.words and both == NO_FILTER:  # who is named comes before what names them
        own = find_hits(connection, query, SearchFilter(kinds=("person",)), limit, check_cancelled)
        hits = [*own, *(hit for hit in hits if hit not in own)][:limit]
    for value in people if not hits else ():
        if not find_hits(connection, build_query("", [value]), NO_FILTER, 1, check_cancelled):
            raise unknown_person_error(value, partial(find_by_name, connection))
    return hits
