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
from store.search.qualifiers import ANYTHING, Kept, Said, Typed, narrowed, parse, unknown_person
from store.search.query import TITLES, question
from store.search.ranking import EVERYTHING, Hit, found, lit


def look_up(
    connection: Connection, text: str, said: Said, *, kept: Kept = ANYTHING, limit: int = 20, today: date | None = None
) -> list[Hit]:
    """As `store.search.ranking.find`, with scopes in the text and ``kept`` besides; scopes without words list the
    newest lines. ``said`` gives the reader's word for a state or kind. Raises `ScopeUnknown`."""
    hits = _look_up(connection, parse(text), said, kept, limit, lambda: None)
    return lit(connection, hits, today) if today else hits


def called(connection: Connection, kind: str, text: str, limit: int) -> list[tuple[str, str]]:
    """The lines of a kind that ``text`` names, wholly or by a part or initials: their ids and titles."""
    hits = found(connection, question(text), Kept(kinds=(kind,)), limit, lambda: None)
    return [(hit.id, hit.title) for hit in hits if hit.score >= TITLES]


class Stale(Exception):
    """A later question was asked before this one was answered."""


class Lookup:
    """The questions of one screen, of which only the latest matters: asking anew interrupts the one before.

    ``connection`` gives the calling thread's connection; `find` may be called from any thread. ``asked`` counts."""

    def __init__(self, connection: Callable[[], Connection]) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._latest = 0
        self._running: Connection | None = None

    @property
    def asked(self) -> int:
        """How many questions were asked or given up so far."""
        return self._latest

    def cancel(self) -> int:
        """Give up the question that is being answered, if any."""
        with self._lock:
            self._latest += 1
            if self._running is not None:
                self._running.interrupt()
            return self._latest

    def find(self, text: str, said: Said = lambda _family, value: value, *, limit: int = 20) -> list[Hit] | None:
        """As `look_up`; None when another question came before the answer."""
        mine, connection = self.cancel(), self._connection()
        try:
            self._go_on(mine, connection)
            return _look_up(connection, parse(text), said, ANYTHING, limit, lambda: self._go_on(mine, connection))
        except Stale:
            return None
        except sqlite.OperationalError:
            if mine == self._latest:
                raise
            return None
        finally:
            with self._lock:
                if self._running is connection:
                    self._running = None

    def _go_on(self, mine: int, connection: Connection) -> None:
        with self._lock:
            if mine != self._latest:
                raise Stale
            self._running = connection


def _look_up(
    connection: Connection, typed: Typed, said: Said, kept: Kept, limit: int, go_on: Callable[[], None]
) -> list[Hit]:
    by_scope = narrowed(typed, partial(called, connection), said)
    people = typed.values("person")
    asked = question(typed.words, people, typed.values("number"))
    if asked is None and by_scope != ANYTHING:
        asked = EVERYTHING
    both = by_scope.within(kept)
    hits = [] if both.nothing else found(connection, asked, both, limit, go_on)
    for value in people if not hits else ():
        if not found(connection, question("", [value]), ANYTHING, 1, go_on):
            raise unknown_person(value, partial(called, connection))
    return hits
