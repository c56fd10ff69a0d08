"""A new kind is one file and a table: nothing else changes, and who does not know it yet loses nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.domain.permissions import may_write
from store.ledger.line import Line, new_id
from store.queries.lines import current_line, version_history
from store.search.ranking import SearchHit
from store.search.session import search_lines
from store.writer.adoption import promote_unknown_lines
from sync.central.admin import admin
from tests.sync.central.ledger import outcome_codes
from tests.sync.central_fixture import Central, central_process, running_central
from tests.sync.laptops import Laptop, agree, bureau, project
from tests.toy import migrate_toy, toy_kind


@pytest.fixture
def old_central(tmp_path: Path) -> Iterator[Central]:
    """A central in a process of its own, which has never heard of toys."""
    with central_process(tmp_path) as central:
        yield central


@pytest.fixture
def new_central(tmp_path: Path) -> Iterator[Central]:
    """A central in this process: it knows toys for as long as the test does."""
    with running_central(tmp_path) as central:
        yield central


def upgrade(*laptops: Laptop) -> int:
    """What opening a store does after an upgrade that brought the toy's table; gives how many lines came alive."""
    alive = 0
    for laptop in laptops:
        with laptop.open() as device:
            migrate_toy(device.ledger)
            with device.ledger.database.write() as connection:
                alive += promote_unknown_lines(connection)
    return alive


def names(laptop: Laptop) -> list[str]:
    """The toys in the laptop's own table of them."""
    return [row[0] for row in laptop.rows("SELECT name FROM toy WHERE deleted = 0 ORDER BY name")]


def play_with_a_toy(first: Laptop, second: Laptop) -> Line:
    """A toy made on one laptop and renamed on the other, which both end up with."""
    of = project(first)
    toy = first.put("toy", name="陀螺", loud=True, project=of.id)
    agree(first, second)
    with second.open() as device:
        renamed = device.ledger.edit("toy", toy.id, name="风筝")
    agree(second, first)
    return renamed


def check_toys(tmp_path: Path, central: Central) -> None:
    """Two laptops of one version with toys sync them through ``central``: tables, history, sums and bytes."""
    first, second = bureau(tmp_path / "a", central, "张甲"), bureau(tmp_path / "b", central, "李乙")
    with toy_kind():
        upgrade(first, second)
        renamed = play_with_a_toy(first, second)
        for laptop in (first, second):
            assert names(laptop) == ["风筝"]
            assert laptop.lines()[renamed.id] == renamed
            assert laptop.rows("SELECT reason FROM history WHERE id = ?", renamed.id) == [("edited",)]
            assert laptop.rows("SELECT kind FROM unknown_line") == []
        assert admin.check_integrity(central.data_dir) == {"lines": 6, "damaged": [], "buckets": [], "total": False}


def test_a_new_kind_syncs_through_a_central_that_knows_it(tmp_path: Path, new_central: Central) -> None:
    """Registered on both laptops and at the central, a toy travels like any other line."""
    check_toys(tmp_path, new_central)


def test_a_new_kind_syncs_through_a_central_that_does_not(tmp_path: Path, old_central: Central) -> None:
    """An older central keeps the toy whole and hands it on byte for byte; both laptops agree with it."""
    check_toys(tmp_path, old_central)


def test_a_new_kind_has_its_roles(new_central: Central) -> None:
    """What the kind's own file says of the roles holds at the central and as a hint on the device: the lead leader
    brings a toy and changes it, the butler does not; nobody's toy is deleted by either."""
    steward = new_central.enrol("局长")
    place = steward.line("project", {"name": "示范项目", "number": "P-1", "category": "new"})
    place = place._replace(project=place.id)
    assert outcome_codes(steward.push([place])) == ["applied"]
    butler, leader = (new_central.enrol(role, role, projects=[place.id]) for role in ("butler", "lead_leader"))
    with toy_kind():
        toys = {one.person: one.line("toy", {"name": "陀螺"}, place.id) for one in (butler, leader, steward)}
        assert outcome_codes(butler.push([toys[butler.person]])) == ["forbidden"]
        assert outcome_codes(leader.push([toys[leader.person]])) == ["applied"]
        assert outcome_codes(steward.push([toys[steward.person], steward.line("toy", {"name": 7}, place.id)])) == [
            "applied",
            "bad_line",
        ]
        stamp = leader.line("toy", {}).stamp
        struck = toys[leader.person]._replace(stamp=stamp, base=toys[leader.person].stamp, deleted=True)
        assert outcome_codes(leader.push([struck])) == ["forbidden"]
        assert may_write(["lead_leader"], "toy") and not may_write(["lead_leader"], "toy", verb="delete")
        assert not may_write(["butler"], "toy") and may_write(["bureau"], "toy", verb="delete")


def test_a_new_kind_is_looked_up_and_shown(tmp_path: Path, new_central: Central) -> None:
    """A synced toy is found by title, by pinyin, by a word in its text and by ``kind:toy``, and shown with its
    versions."""
    first, second = bureau(tmp_path / "a", new_central, "张甲"), bureau(tmp_path / "b", new_central, "李乙")
    with toy_kind():
        upgrade(first, second)
        of = project(first)
        toy = first.put("toy", name="木头陀螺", loud=True, story="集市上买来的红色陀螺，转得很久", project=of.id)
        agree(first, second)
        for typed in ("木头陀螺", "mttl", "集市上买来", "kind:toy", "kind:玩具 陀螺"):
            assert [(hit.kind, hit.id, hit.title) for hit in search(second, typed)] == [("toy", toy.id, "木头陀螺")]
        assert "集市上买来" in search(second, "集市上买来")[0].snippet
        assert search(second, "kind:visit 陀螺") == []
        with second.open() as device:
            connection = device.ledger.database.connection()
            assert current_line(connection, toy.id) == toy
            (only,) = version_history(connection, toy.id)
            assert only.current and only.author_name == "张甲" and only.body == toy.body
            assert current_line(connection, new_id()) is None


def search(laptop: Laptop, typed: str) -> list[SearchHit]:
    """What is found on a laptop whose texts have one word for the new kind."""
    with laptop.open() as device:
        return search_lines(
            device.ledger.database.connection(), typed, lambda _family, value: {"toy": "玩具"}.get(value, value)
        )


def test_an_old_laptop_keeps_a_toy_and_brings_it_to_life(tmp_path: Path, old_central: Central) -> None:
    """Received, dumped and compared before the upgrade; in its table, editable and in agreement after it."""
    old, new = bureau(tmp_path / "old", old_central, "李乙"), bureau(tmp_path / "new", old_central, "张甲")
    with toy_kind():
        upgrade(new)
        of = project(new)
        toy = new.put("toy", name="陀螺", colour="红", project=of.id)
        new.sync()
    assert old.sync().verified
    assert old.rows("SELECT id FROM unknown_line") == [(toy.id,)]
    assert old.lines()[toy.id] == toy
    with toy_kind():
        assert upgrade(old) == 1
        assert old.rows("SELECT id FROM unknown_line") == []
        assert names(old) == ["陀螺"]
        agree(old, new)
        with old.open() as device:
            assert device.ledger.recompute_checksums() == []
            edited = device.ledger.edit("toy", toy.id, name="风筝")
        agree(old, new)
        assert new.lines()[toy.id] == edited
        assert edited.body == {"name": "风筝", "colour": "红"}


def test_a_laptop_upgrades_after_its_central(tmp_path: Path, new_central: Central) -> None:
    """The two keep the toys in different buckets meanwhile; every round is verified all the same, before and after."""
    old, new = bureau(tmp_path / "old", new_central, "李乙"), bureau(tmp_path / "new", new_central, "张甲")
    with toy_kind():
        upgrade(new)
        of = project(new)
        toys = [new.put("toy", name=f"玩具{n}", project=of.id) for n in range(3)]
    old.sync()
    own = project(old, "自己的")
    with toy_kind():
        new.sync()
    assert old.sync().verified
    with toy_kind():
        assert upgrade(old) == 3
        with old.open() as device:
            device.ledger.delete("toy", toys[0].id)
        agree(old, new)
        assert names(new) == names(old) == ["玩具1", "玩具2"]
        assert own.id in new.lines()
