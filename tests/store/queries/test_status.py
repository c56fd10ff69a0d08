"""How a home stands, and who else has committed."""

from __future__ import annotations

import subprocess
import sys
from pkgutil import iter_modules

import orjson

import store.queries
from store.queries.lines import dump
from store.queries.status import change_token, count_lines, notifications, outbox_counts, store_status
from store.writer.upgrade import open_store
from tests.store.devices import KEY, MergeOnlyCentral, send
from tests.store.queries.sample import Sample


def test_status_says_who_and_what_waits(district: Sample) -> None:
    """Person, district, device and the counts are there before any round; after sending nothing waits."""
    before = store_status(district.connection)
    assert (before.person_name, before.district, before.last_round, before.verified_at) == ("甲", "210903", None, None)
    assert before.lines == before.pending == len(list(dump(district.connection)))
    assert (before.rejected, before.central, before.clock_offset_ms) == (0, None, 0)
    send(district.ledger, MergeOnlyCentral())
    assert (store_status(district.connection).pending, outbox_counts(district.connection)) == (0, {})


def test_the_last_round_is_told(district: Sample) -> None:
    """What the round noted is read back: its outcome, when it compared equal, by how much the clock is off."""
    facts = {"last_round": '{"at": "2026-03-05T10:00+08:00", "outcome": "done"}', "offset_ms": "-42", "cursor": "x"}
    with district.ledger.database.write() as connection:
        connection.executemany("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", facts.items())
    found = store_status(district.connection).to_json()
    assert found["last_round"] == {"at": "2026-03-05T10:00+08:00", "outcome": "done"}
    assert (found["clock_offset_ms"], found["cursor"]) == (-42, "x")


def test_unseen_notices_come_newest_first(district: Sample) -> None:
    """A person is told what they have not seen; what they have seen is there on request."""
    with district.ledger.database.write() as connection:
        for n in range(3):
            detail = orjson.dumps({"n": n}).decode()
            connection.execute(
                "INSERT INTO notice (at, code, detail, seen) VALUES (0, 'healed', ?, ?)", (detail, n == 0)
            )
    assert [notice.detail["n"] for notice in notifications(district.connection)] == [2, 1]
    assert [notice.seen for notice in notifications(district.connection, include_seen=True)] == [False, False, True]


def test_anothers_commit_changes_the_token(district: Sample) -> None:
    """The token stands still while nobody else commits, and moves when another connection has."""
    connection = district.connection
    before = change_token(connection)
    assert change_token(connection) == before
    other = open_store(district.ledger.database.path, KEY)
    with other.write() as writing:
        writing.execute("INSERT INTO meta (key, value) VALUES ('reached', '1')")
    other.close()
    assert change_token(connection) != before


def test_deleted_lines_are_still_lines(district: Sample) -> None:
    """Deleting changes no count: the line stays, marked."""
    before = count_lines(district.connection)
    district.ledger.delete("visit", district.visit)
    assert count_lines(district.connection) == before


def test_reading_loads_neither_models_nor_validators() -> None:
    """The first paint and the lookup wait for the queries: no SQLModel, SQLAlchemy, pydantic, nor registry of kinds."""
    imports = ", ".join(module.name for module in iter_modules(store.queries.__path__, "store.queries."))
    code = f"import sys, {imports}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {
        "sqlmodel",
        "sqlalchemy",
        "pydantic",
        "store.ledger.kinds",
        "store.writer.local_writes",
        "chinese_calendar",
    } & set(loaded)
