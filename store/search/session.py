"""Looking something up as people type it: words with scopes (``store/search/qualifiers.py``), for a screen and for
the command.

Next: ``store/search/ranking.py`` (what finds), ``store/search/qualifiers.py`` (what the scopes mean).
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
    today: date | None = None,
) -> list[SearchHit]:
    """As `store.search.ranking.find`, with scopes in the text and ``kept`` besides; scopes without words list the
    newest lines. ``said`` gives the reader's word for a state or kind. Raises `UnknownQualifier`."""
    hits = _search(connection, parse_query(text), label_of, filters, limit, lambda: None)
    return with_lights(connection, hits, today) if today else hits


def find_by_name(connection: Connection, kind: str, text: str, limit: int) -> list[tuple[str, str]]:
    """The lines of a kind that ``text`` names, wholly or by a part or initials: their ids and titles."""
    hits = find_hits(connection, build_query(text), SearchFilter(kinds=(kind,)), limit, lambda: None)
    return [(hit.id, hit.title) for hit in hits if hit.score >= SCORE_TITLE]


class SearchCancelled(Exception):
    """A later question was asked before this one was answered."""


class SearchSession:
    """The questions of one screen, of which only the latest matters: asking anew interrupts the one before.

    ``connection`` gives the calling thread's connection; `find` may be called from any thread. ``asked`` counts."""

    def __init__(self, connection: Callable[[], Connection]) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._latest = 0
        self._running: Connection | None = None

    @property
    def generation(self) -> int:
        """How many questions were asked or given up so far."""
        return self._latest

    def cancel(self) -> int:
        """Give up the question that is being answered, if any."""
        with self._lock:
            self._latest += 1
            if self._running is not None:
                self._running.interrupt()
            return self._latest

    def find(
        self, text: str, label_of: LabelOf = lambda _family, value: value, *, limit: int = 20
    ) -> list[SearchHit] | None:
        """As `look_up`; None when another question came before the answer."""
        mine, connection = self.cancel(), self._connection()
        try:
            self._check_latest(mine, connection)
            return _search(
                connection, parse_query(text), label_of, NO_FILTER, limit, lambda: self._check_latest(mine, connection)
            )
        except SearchCancelled:
            return None
        except sqlite.OperationalError:
            if mine == self._latest:
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
    by_scope = resolve_qualifiers(parsed, partial(find_by_name, connection), label_of)
    people = parsed.values("person")
    asked = build_query(parsed.words, people, parsed.values("number"))
    if asked is None and by_scope != NO_FILTER:
        asked = ALL_LINES
    both = by_scope.intersect(filters)
    hits = [] if both.matches_nothing else find_hits(connection, asked, both, limit, check_cancelled)
    for value in people if not hits else ():
        if not find_hits(connection, build_query("", [value]), NO_FILTER, 1, check_cancelled):
            raise unknown_person_error(value, partial(find_by_name, connection))
    return hits
