"""What lost and was not dealt with: who lost what to whom, when it leaves the list, what bringing it back writes."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.commands.conflicts import dismiss_conflicts, restore_conflicts
from store.ledger.line import Line
from store.queries.conflicts import Conflict, unresolved_conflicts
from store.queries.lines import current_line, version_history
from store.writer.sync_writes import SyncLedger
from tests.examples import examples
from tests.store.devices import MergeOnlyCentral, SetClock, device, sync, sync_all

PROJECT = {"name": "示范项目", "number": "续1", "category": "continuing", "note": "旧备注", "stage": "signed"}


class Two(NamedTuple):
    """Two devices of two people, their central and clock, and a project that both know."""

    a: SyncLedger
    b: SyncLedger
    central: MergeOnlyCentral
    clock: SetClock
    project: str

    def apart(self, mine: dict[str, Any], theirs: dict[str, Any]) -> None:
        """``a`` changes the project, a second later ``b`` does without knowing; then they meet."""
        for exchange, changes in ((self.a, mine), (self.b, theirs)):
            self.clock.now += 1000
            exchange.edit("project", self.project, **changes)
        self.meet()

    def meet(self) -> None:
        """Both know what either knew."""
        sync_all(self.central, self.a, self.b, self.a)

    def now(self, exchange: SyncLedger) -> Line:
        """The project as a device has it."""
        found = current_line(exchange.database.connection(), self.project)
        assert found is not None
        return found


def two(folder: Path) -> Two:
    """The stage of every test here."""
    clock, central = SetClock(), MergeOnlyCentral()
    a, b = device(folder, "a", clock=clock), device(folder, "b", clock=clock, person="乙")
    for exchange, name in ((a, "甲"), (b, "乙")):
        person = exchange.database.connection().execute("SELECT value FROM meta WHERE key = 'person'").fetchone()[0]
        exchange.put("person", {"name": name}, id=person)
    made = a.put("project", PROJECT)
    sync_all(central, a, b, a)
    return Two(a, b, central, clock, made.id)


@pytest.fixture
def pair(tmp_path: Path) -> Two:
    """Two devices that have not disagreed yet."""
    return two(tmp_path)


def lost(exchange: SyncLedger) -> list[Conflict]:
    """What lost, as a device sees it."""
    return unresolved_conflicts(exchange.database.connection())


def test_who_lost_what_to_whom(pair: Two) -> None:
    """Both devices list the one version that lost, with its author, its winner and only the field that differs; to its
    author it is their own."""
    pair.apart({"note": "甲的话"}, {"note": "乙的话"})
    for exchange, own in ((pair.a, True), (pair.b, False)):
        (found,) = lost(exchange)
        assert (found.author, found.winner, found.own) == ("甲", "乙", own)
        assert [tuple(one) for one in found.differs] == [("note", "甲的话", "乙的话")]
        versions = version_history(exchange.database.connection(), pair.project)
        assert versions[found.version - 1].body["note"] == "甲的话"
        assert (found.project, found.kind) == ("示范项目", "project")


def test_what_nobody_lost_is_not_listed(pair: Two) -> None:
    """An edit by somebody who had seen the version before, and two edits that say the same, leave nothing to decide."""
    pair.a.edit("project", pair.project, note="甲的话")
    pair.meet()
    pair.b.edit("project", pair.project, note="乙看过后改的")
    pair.meet()
    pair.apart({"note": "同一句"}, {"note": "同一句"})
    assert lost(pair.a) == lost(pair.b) == []


def test_bringing_back_leaves_what_others_wrote_into_other_fields(pair: Two) -> None:
    """What lost is said again on both devices; the winner's other words stay, and the line is off both lists."""
    pair.apart({"note": "甲的话"}, {"stage": "building"})
    (found,) = lost(pair.a)
    assert found.changes == {"note": "甲的话"}
    restore_conflicts(pair.a, [found])
    pair.meet()
    for exchange in (pair.a, pair.b):
        assert (pair.now(exchange).body["note"], pair.now(exchange).body["stage"]) == ("甲的话", "building")
        assert lost(exchange) == []


def test_a_field_that_was_removed_is_removed_again(pair: Two) -> None:
    """A version that took a field away loses, and bringing it back takes the field away."""
    pair.apart({"note": None}, {"note": "乙的话"})
    (found,) = lost(pair.a)
    assert found.changes == {"note": None}
    restore_conflicts(pair.a, [found])
    assert "note" not in pair.now(pair.a).body


def test_a_line_that_was_deleted_comes_back(pair: Two) -> None:
    """What lost to a deletion says so, and brings the line back with its words; a lost deletion deletes again."""
    pair.clock.now += 1000
    pair.a.edit("project", pair.project, note="甲的话")
    pair.clock.now += 1000
    pair.b.delete("project", pair.project)
    pair.meet()
    (found,) = lost(pair.a)
    assert found.deleted is False
    restore_conflicts(pair.a, [found])
    assert (pair.now(pair.a).deleted, pair.now(pair.a).body["note"]) == (False, "甲的话")


def test_saying_it_again_by_hand_deals_with_it(pair: Two) -> None:
    """Somebody enters anew what was lost: it is off the list. That the line was merely edited since is not enough: who
    saw the winner has not seen the loser."""
    pair.apart({"note": "甲的话"}, {"note": "乙的话"})
    pair.b.edit("project", pair.project, stage="building")
    pair.meet()
    assert [one.changes for one in lost(pair.a)] == [{"note": "甲的话"}]
    pair.b.edit("project", pair.project, note="甲的话")
    pair.meet()
    assert lost(pair.a) == lost(pair.b) == []


def test_what_is_put_away_stays_in_history(pair: Two) -> None:
    """Putting away empties this device's list only, writes no line, and counts each version once."""
    pair.apart({"note": "甲的话"}, {"note": "乙的话"})
    found, before = lost(pair.a), pair.now(pair.a)
    assert (dismiss_conflicts(pair.a, found), dismiss_conflicts(pair.a, found)) == (1, 0)
    assert lost(pair.a) == []
    assert len(lost(pair.b)) == 1
    assert pair.now(pair.a) == before
    assert "甲的话" in {one.body["note"] for one in version_history(pair.a.database.connection(), pair.project)}


def test_what_was_put_away_leaves_with_its_project(pair: Two) -> None:
    """A withdrawn project takes along what was put away of it."""
    pair.apart({"note": "甲的话"}, {"note": "乙的话"})
    dismiss_conflicts(pair.a, lost(pair.a))
    pair.a.merge([], dropped=[f"h:{pair.project}"])
    assert current_line(pair.a.database.connection(), pair.project) is None
    assert pair.a.database.connection().execute("SELECT count(*) FROM dismissed").fetchone()[0] == 0


def test_a_home_without_losers_reads_no_line(pair: Two) -> None:
    """Nothing lost costs one statement, found by an index, and no kind's table is read."""
    seen: list[str] = []
    connection = pair.a.database.connection()
    connection.set_trace_callback(seen.append)
    assert unresolved_conflicts(connection) == []
    connection.set_trace_callback(None)
    plan = [row[3] for row in connection.execute("EXPLAIN QUERY PLAN " + seen[0])]
    assert len(seen) == 1
    assert any("history_lost" in step for step in plan)


FIELDS = ("note", "stage", "owner")
CHANGE = st.tuples(st.sampled_from(FIELDS), st.sampled_from(("building", "signed", "completed", None)))
MOVES = st.lists(st.tuples(st.sampled_from("ab"), CHANGE), min_size=1, max_size=6)


@settings(max_examples=examples(25))
@given(st.lists(MOVES, min_size=1, max_size=3))
def test_whatever_happened_all_can_be_brought_back(bouts: list[list[tuple[str, tuple[str, str | None]]]]) -> None:
    """After any edits apart: what is listed differs from now, and bringing all of it back makes the last word of each
    field that was lost current, touches no other field, and leaves nothing of one's own listed whose words stand."""
    with tempfile.TemporaryDirectory() as folder:
        pair = two(Path(folder))
        for bout in bouts:
            for who, (field, value) in bout:
                pair.clock.now += 1000
                (pair.a if who == "a" else pair.b).edit("project", pair.project, **{field: value})
            pair.meet()
        before, found = pair.now(pair.a).body, lost(pair.a)
        assert all(one.lost != one.now == before.get(one.field) for each in found for one in each.differs)
        restore_conflicts(pair.a, found)
        wanted = {f: v for each in sorted(found, key=lambda conflict: conflict.stamp) for f, v in each.changes.items()}
        expected = {name: value for name, value in {**before, **wanted}.items() if value is not None}
        assert pair.now(pair.a).body == expected
        dismiss_conflicts(pair.a, lost(pair.a))
        assert lost(pair.a) == []
        for exchange in (pair.a, pair.b):
            exchange.database.close()


def test_a_loser_is_found_by_whom_it_did_not_reach(pair: Two) -> None:
    """A third device that only ever saw the winner has nothing to decide."""
    pair.apart({"note": "甲的话"}, {"note": "乙的话"})
    third = device(pair.a.database.path.parent / "c", "c", clock=pair.clock, person="丙")
    sync(third, pair.central)
    assert lost(third) == []
