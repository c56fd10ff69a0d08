"""One screen's questions: the latest one is answered, the one before it is given up."""

from __future__ import annotations

import threading

import pytest
import sqlcipher3.dbapi2 as sqlite

from store.search.ranking import SearchHit
from store.search.session import SearchSession
from tests.store.queries.sample import Sample

PATIENCE = 30


class Asked(threading.Thread):
    """A question that is being asked in a thread of its own and stops in the middle of its first statement."""

    def __init__(self, lookup: SearchSession, district: Sample) -> None:
        super().__init__(daemon=True)
        self._lookup, self._district = lookup, district
        self.running = threading.Event()
        self.go_on = threading.Event()
        self.answer: list[SearchHit] | str | None = "not answered"

    def run(self) -> None:
        """Ask, and wait in the first statement until told to go on."""
        connection = self._district.ledger.database.connection()
        connection.set_progress_handler(self._wait, 1)
        self.answer = self._lookup.find("改造")

    def _wait(self) -> int:
        self.running.set()
        self.go_on.wait(PATIENCE)
        return 0


def test_a_later_question_ends_the_one_before(district: Sample) -> None:
    """The first one, still running in SQLite, gives None; the later one its hits; the connection stays usable."""
    lookup = SearchSession(district.ledger.database.connection)
    first = Asked(lookup, district)
    first.start()
    assert first.running.wait(PATIENCE)
    hits = lookup.find("供水")
    first.go_on.set()
    first.join(PATIENCE)
    assert first.answer is None
    assert hits is not None and hits[0].id == district.water
    assert lookup.find("供热") is not None


def test_a_question_can_be_given_up(district: Sample) -> None:
    """Leaving the screen ends what is being asked."""
    lookup = SearchSession(district.ledger.database.connection)
    first = Asked(lookup, district)
    first.start()
    assert first.running.wait(PATIENCE)
    lookup.cancel()
    first.go_on.set()
    first.join(PATIENCE)
    assert first.answer is None


def test_giving_up_nothing_harms_nothing(district: Sample) -> None:
    """What else the thread's connection does is never interrupted."""
    lookup = SearchSession(district.ledger.database.connection)
    assert lookup.find("供水")
    lookup.cancel()
    assert lookup.find("") == []
    assert district.connection.execute("SELECT count(*) FROM project").fetchone() == (2,)


def test_a_real_error_is_not_taken_for_a_stale_question(district: Sample) -> None:
    """When SQLite fails for another reason, that is said."""
    lookup = SearchSession(district.ledger.database.connection)
    with district.ledger.database.write() as connection:
        connection.execute("ALTER TABLE search_line RENAME TO moved")
    with pytest.raises(sqlite.OperationalError):
        lookup.find("供水")
