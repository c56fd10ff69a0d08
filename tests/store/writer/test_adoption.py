"""An old laptop keeps what a newer one wrote, and the upgrade brings it to life: nothing is erased on the way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from store.ledger.buckets import SetChecksum
from store.ledger.hlc import hlc_from_ms
from store.ledger.kinds import bucket_of, kinds
from store.ledger.line import Line, canonical_json, digest_of, new_id
from store.writer.adoption import promote_unknown_lines
from store.writer.sync_writes import SyncLedger
from tests.store.devices import START_MS, device, dump
from tests.toy import LaterToy, migrate_toy, toy_kind


@pytest.fixture
def old(tmp_path: Path) -> SyncLedger:
    """A store of a version that has never heard of toys."""
    return device(tmp_path, "old")


def adopted(exchange: SyncLedger) -> int:
    """What opening a store after an upgrade does."""
    with exchange.database.write() as connection:
        return promote_unknown_lines(connection)


def toy_line(**body: object) -> Line:
    """A toy as a newer device sends it."""
    return Line(new_id(), "toy", new_id(), hlc_from_ms(START_MS), new_id(), new_id(), False, {"name": "陀螺", **body})


def test_an_unknown_kind_comes_alive_after_the_upgrade(old: SyncLedger) -> None:
    """A toy received before the upgrade is in its table afterwards, its digest in its bucket, its bytes the same."""
    line = toy_line(loud=True, colour="红")
    old.merge([line])
    before, agreed = dump(old), old.total_checksum()
    with toy_kind():
        migrate_toy(old)
        assert adopted(old) == 1
        assert old.database.connection().execute("SELECT name, loud FROM toy").fetchall() == [("陀螺", 1)]
        assert dump(old) == before and old.total_checksum() == agreed and old.recompute_checksums() == []
        assert old.bucket_checksums(old.group_checksums())[bucket_of(line)] == SetChecksum().with_digest(
            digest_of(canonical_json(line))
        )
        assert adopted(old) == 0


def test_an_old_version_edits_without_erasing_new_fields(old: SyncLedger) -> None:
    """A field that this version does not know survives an edit made here."""
    person = Line(new_id(), "person", None, 5, new_id(), new_id(), False, {"name": "甲", "badge": {"n": 7}})
    old.merge([person])
    assert old.edit("person", person.id, title="科长").body == {"name": "甲", "badge": {"n": 7}, "title": "科长"}


def test_a_new_column_takes_over_the_field_that_waited(old: SyncLedger) -> None:
    """A field kept aside moves into its column when the upgrade adds one; the line's bytes stay the same."""
    with toy_kind():
        migrate_toy(old)
        line = toy_line(loud=True)
        old.merge([line])
        old.database.connection().execute("UPDATE toy SET loud = NULL, extra = ?", ('{"loud":true}',))
        before = dump(old)
        assert adopted(old) == 1
        assert old.database.connection().execute("SELECT loud, extra FROM toy").fetchall() == [(1, None)]
        assert dump(old) == before == [canonical_json(line)]


def test_a_toy_kind_is_written_merged_and_indexed_like_any_other(tmp_path: Path) -> None:
    """Nothing but the model and its table is needed for a new kind in the store."""
    with toy_kind():
        one, two = device(tmp_path, "one"), device(tmp_path, "two")
        for store in (one, two):
            migrate_toy(store)
        project = one.put("project", {"name": "示范", "number": "1", "category": "new"})
        toy = one.put("toy", {"name": "风筝"}, project=project.id)
        two.merge([toy])
        assert two.database.connection().execute("SELECT name FROM toy").fetchall() == [("风筝",)]
        assert two.bucket_checksums(two.group_checksums()).keys() == {f"h:{project.id}"}


def test_lines_are_judged_anew_only_where_the_rules_changed(old: SyncLedger) -> None:
    """An upgrade reads no line of a kind that accepts what it accepted before, and every line of one that does not: a
    field that is no longer valid is kept apart from the others, and the line's bytes stay the same."""
    statements: list[str] = []
    with toy_kind():
        migrate_toy(old)
        line = toy_line(story="从前有一个陀螺")
        old.merge([line])
        adopted(old)
        old.database.connection().set_trace_callback(statements.append)
        assert adopted(old) == 0
    assert tables_read(statements) == {"unknown_line"}
    statements.clear()
    with toy_kind(LaterToy):
        assert adopted(old) == 1
        assert tables_read(statements) == {"unknown_line", "toy"}
        assert old.database.connection().execute("SELECT name, story FROM toy").fetchall() == [("陀螺", None)]
        assert dump(old) == [canonical_json(line)]


def tables_read(statements: list[str]) -> set[str]:
    """The tables of lines that were read from one end to the other."""
    found = [re.search(r"FROM (\w+)$", statement) for statement in statements]
    return {match[1] for match in found if match} & {*kinds(), "toy", "unknown_line"}
