"""A kind that the central learns by an upgrade: its lines move to where the kind belongs, and are found there."""

from __future__ import annotations

from store.ledger.hlc import system_clock_ms
from store.ledger.line import canonical_json, digest_of
from sync.central.admin import admin
from sync.central.admin.rebucket import rebucket
from sync.central.admin.setup import open_database
from tests.sync.central.ledger import ids, outcome_codes, project, sum_of, visit
from tests.sync.central_fixture import Central
from tests.toy import toy_kind


def refiled(central: Central) -> int:
    """Rebucket, as starting the central does."""
    database = open_database(central.data_dir)
    try:
        return rebucket(database, system_clock_ms())
    finally:
        database.close()


def test_lines_of_a_new_kind_move_to_their_bucket(central: Central) -> None:
    """A toy from before the upgrade moves from the project's body to its head; checksums stay right, accounts with
    heads in scope receive it, and its next version is not rejected as moved."""
    boss = central.enrol("局长")
    own = project(boss)
    toy = boss.line("toy", {"name": "陀螺"}, own.id)
    seen = visit(boss, own.id)
    assert outcome_codes(boss.push([own, toy, seen])) == ["applied"] * 3
    department = central.enrol("丙", "department", department=own.id)
    assert ids(department.pull()) == [own.id]
    assert refiled(central) == 0
    with toy_kind():
        assert refiled(central) == 1
        assert refiled(central) == 0
        assert ids(department.pull()) == [toy.id]
        newer = toy._replace(stamp=toy.stamp + 1, base=toy.stamp, body={"name": "风筝"})
        assert outcome_codes(boss.push([newer])) == ["applied"]
        assert admin.check_integrity(central.data_dir) == {"lines": 5, "damaged": [], "buckets": [], "total": False}
        boss.pull_all()
        assert boss.hello(sum_of([own, newer, seen]))["equal"] is True
        assert digest_of(canonical_json(newer)) != digest_of(canonical_json(toy))


def test_a_new_kind_needs_nothing_in_sync(central: Central) -> None:
    """A registered kind is pushed by a lead leader, whom it names, checked by its model, and pulled like any other."""
    with toy_kind():
        boss = central.enrol("局长")
        own = project(boss)
        boss.push([own])
        leader = central.enrol("甲", "lead_leader", projects=[own.id])
        toy = leader.line("toy", {"name": "陀螺"}, own.id)
        mistyped = leader.line("toy", {"name": 7}, own.id)
        assert outcome_codes(leader.push([toy, mistyped])) == ["applied", "bad_line"]
        boss.cursor = None
        assert ids(boss.pull()) == [own.id, toy.id]
