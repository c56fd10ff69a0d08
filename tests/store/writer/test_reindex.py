"""The lookup after an upgrade that changed its words: every line is found again, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.db.connection import Connection, connect
from store.db.database import Database
from store.db.migrations.run import upgrade
from store.search.session import find
from store.writer.local_writes import Ledger
from store.writer.reindex import reindex, reindex_page
from store.writer.upgrade import open_store
from tests.store.devices import KEY, device
from tests.store.writer.test_carried_state import BEFORE_0008

OLD_WORDS = (
    "DROP TABLE search_word",
    "CREATE VIRTUAL TABLE search_word USING fts5(words, content='', contentless_delete=1, tokenize='ascii')",
    "INSERT INTO search_word (rowid, words) SELECT n, '¶旧' FROM search_line",
    *BEFORE_0008,
    "UPDATE alembic_version SET version_num = '0006'",
)
TYPED = ("临江", "临", "ljxq", "linjiang", "00000001", "塔吊", "张三", "XM-7", "新区 塔吊")


@pytest.fixture
def old(tmp_path: Path) -> Iterator[tuple[Path, list[list[str]]]]:
    """A store of the schema before, whose lookup has other words, and what each of `TYPED` found in it once."""
    exchange = device(tmp_path, "a")
    project = exchange.put("project", {"name": "临江新区", "number": "XM-7", "category": "new"}).id
    exchange.put("person", {"name": "张三", "phone": "19900000001"})
    for text in ("塔吊月底拆除", "临江新区塔吊已到"):
        visit = {"at": "2026-09-21T10:00:00+08:00", "how": "visit", "text": text, "participants": ["张三"]}
        exchange.put("visit", visit, project=project)
    found = _found(exchange.database.connection())
    exchange.database.close()
    connection = connect(tmp_path / "a.db", KEY)
    for statement in OLD_WORDS:
        connection.execute(statement)
    connection.close()
    yield tmp_path / "a.db", found


def _found(connection: Connection) -> list[list[str]]:
    return [[hit.id for hit in find(connection, typed)] for typed in TYPED]


def test_an_upgraded_store_finds_what_it_found(old: tuple[Path, list[list[str]]]) -> None:
    """Once it is opened, every line has its words again, in the same order; nothing is left to be written."""
    database = open_store(old[0], KEY)
    connection = database.connection()
    assert all(old[1]) and _found(connection) == old[1]
    assert connection.execute("SELECT 1 FROM meta WHERE key LIKE 'rewording%'").fetchall() == []
    counted = "SELECT (SELECT count(*) FROM search_line), (SELECT count(*) FROM search_word_docsize)"
    lines, words = connection.execute(counted).fetchone()
    assert lines == words > 0
    database.close()


def test_a_crash_on_the_way_leaves_the_rest_to_the_next_opening(old: tuple[Path, list[list[str]]]) -> None:
    """Where writing ended after the first line, the next opening goes on; a line edited in between is found by its new
    words, once."""
    halfway = Database(old[0], KEY)
    upgrade(halfway.connection())
    with halfway.write() as connection:
        reindex_page(connection, 1)
    person = halfway.connection().execute("SELECT id FROM person").fetchone()[0]
    Ledger(halfway).edit("person", person, title="科长")
    halfway.close()
    database = open_store(old[0], KEY)
    assert [hit.id for hit in find(database.connection(), "科长")] == [person]
    assert [sorted(ids) for ids in _found(database.connection())] == [sorted(ids) for ids in old[1]]
    database.close()


@pytest.mark.parametrize("page", [1, 2, 3])
def test_pages_of_any_size_write_the_same(old: tuple[Path, list[list[str]]], page: int) -> None:
    """However few lines are written at a time, all of them are found in the end."""
    database = Database(old[0], KEY)
    upgrade(database.connection())
    reindex(database, page)
    assert _found(database.connection()) == old[1]
    database.close()
