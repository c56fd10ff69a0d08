"""The ledger as a round uses it: any order of arrival gives the same store, losers are kept, clocks heal."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.ledger.buckets import SetChecksum
from store.ledger.clock_correction import UnsentTimestamp, corrected_timestamps
from store.ledger.hlc import MAX_CLOCK_AHEAD_MS, hlc_from_ms, ms_from_hlc
from store.ledger.line import Line, new_id
from store.search.session import find
from store.writer.checksums import all_lines, lines_in_bucket
from store.writer.healing import HealingLedger
from store.writer.sync_writes import SyncLedger
from tests.examples import examples
from tests.store.devices import (
    START_MS,
    Answer,
    MergeOnlyCentral,
    SetClock,
    device,
    dump,
    receive,
    send,
    sync,
    sync_all,
)

PROJECT = {"name": "示范项目", "number": "续1", "category": "continuing"}
VISIT = {"at": "2026-11-22T10:00+08:00", "how": "visit", "text": "看了现场"}
YEAR = 365 * 24 * 3600 * 1000


@pytest.fixture
def clock() -> SetClock:
    """One wall clock for all devices of a test."""
    return SetClock()


@pytest.fixture
def pair(tmp_path: Path, clock: SetClock) -> tuple[SyncLedger, SyncLedger]:
    """Two devices of two people."""
    return device(tmp_path, "a", clock=clock), device(tmp_path, "b", clock=clock, person="乙")


def reasons(exchange: SyncLedger, line_id: str) -> list[str]:
    """Why each version that is not current was set aside."""
    rows = exchange.database.connection().execute("SELECT reason FROM history WHERE id = ? ORDER BY stamp", (line_id,))
    return [row[0] for row in rows]


def test_the_later_of_two_blind_edits_wins_everywhere(pair: tuple[SyncLedger, SyncLedger], clock: SetClock) -> None:
    """Two people change one line without knowing: the later stands on both devices, the loser is in both histories."""
    a, b = pair
    central = MergeOnlyCentral()
    line = a.put("project", PROJECT)
    sync_all(central, a, b)
    clock.now += 1000
    a.edit("project", line.id, name="甲改")
    clock.now += 1000
    b.edit("project", line.id, name="乙改")
    for one in (b, a, b):
        sync(one, central)
    assert dump(a) == dump(b) and central.lines[line.id].body["name"] == "乙改"
    assert reasons(a, line.id) == ["edited", "superseded"]


def test_both_sides_of_a_conflict_learn_of_it(pair: tuple[SyncLedger, SyncLedger], clock: SetClock) -> None:
    """The earlier edit reaches the central first and is replaced later: its author learns that it lost, and the
    winner's history has what it replaced without knowing."""
    a, b = pair
    central = MergeOnlyCentral()
    line = a.put("project", PROJECT)
    sync_all(central, a, b)
    a.edit("project", line.id, name="甲改")
    clock.now += 1000
    b.edit("project", line.id, name="乙改")
    for one in (a, b, a):
        sync(one, central)
    assert reasons(a, line.id) == ["edited", "superseded"] == reasons(b, line.id)
    assert dump(a) == dump(b)


def test_succession_is_not_called_a_conflict(pair: tuple[SyncLedger, SyncLedger], clock: SetClock) -> None:
    """Who saw a version and changed it did not take anything from anybody."""
    a, b = pair
    central = MergeOnlyCentral()
    line = a.put("project", PROJECT)
    sync_all(central, a, b)
    b.edit("project", line.id, name="乙改")
    sync_all(central, b, a)
    assert reasons(a, line.id) == ["edited"]


def test_seeing_beats_any_clock(tmp_path: Path) -> None:
    """A laptop at 1970 that edits what it saw from 2099 wins all the same."""
    ahead, behind = device(tmp_path, "a", clock=SetClock(4_070_908_800_000)), device(tmp_path, "b", clock=SetClock(0))
    central = MergeOnlyCentral()
    line = ahead.put("project", PROJECT)
    sync_all(central, ahead, behind)
    behind.edit("project", line.id, name="后改")
    sync_all(central, behind, ahead)
    assert dump(ahead) == dump(behind) and central.lines[line.id].body["name"] == "后改"


def test_a_lost_answer_costs_nothing(pair: tuple[SyncLedger, SyncLedger]) -> None:
    """The central applied a push but the answer was lost: the next round sends again and all is settled once."""
    a, _ = pair
    central = MergeOnlyCentral()
    a.put("project", PROJECT)
    central.push(a.pending_lines(10, 1 << 20))
    sync(a, central)
    assert a.pending_lines(10, 1 << 20) == [] and a.total_checksum() == central.total()


def test_an_edit_during_the_push_stays_pending(pair: tuple[SyncLedger, SyncLedger]) -> None:
    """A line changed while its older version travelled is sent again on top of it, without a conflict."""
    a, _ = pair
    central = MergeOnlyCentral()
    line = a.put("project", PROJECT)
    batch = a.pending_lines(10, 1 << 20)
    answers, winners, losers = central.push(batch)
    a.edit("project", line.id, name="又改")
    a.acknowledge(answers, {unsent.id: unsent for unsent in batch}, winners, losers)
    assert a.total_checksum() == central.total()
    sync(a, central)
    assert central.lines[line.id].body["name"] == "又改" and a.total_checksum() == central.total()
    assert reasons(a, line.id) == ["edited"]


def test_a_rejected_line_stays_and_can_be_mended(pair: tuple[SyncLedger, SyncLedger]) -> None:
    """A refused line is kept with code and reason, is not sent again as it is, and goes out once it was edited."""
    a, _ = pair
    line = a.put("project", PROJECT)
    batch = a.pending_lines(10, 1 << 20)
    a.acknowledge([Answer(line.id, "rejected", "forbidden", "…")], {u.id: u for u in batch}, [])
    assert a.pending_lines(10, 1 << 20) == [] and len(dump(a)) == 1
    a.edit("project", line.id, name="改了")
    assert len(a.pending_lines(10, 1 << 20)) == 1


def test_a_rejected_line_can_be_given_up(pair: tuple[SyncLedger, SyncLedger]) -> None:
    """Giving up a refused new line takes it off the lists but keeps it in history, from where it can be restored: it
    may be the last copy."""
    a, _ = pair
    line = a.put("project", PROJECT)
    batch = a.pending_lines(10, 1 << 20)
    a.acknowledge([Answer(line.id, "rejected", "forbidden", "…")], {u.id: u for u in batch}, [])
    assert a.discard_rejected(line.id) and not a.discard_rejected(line.id)
    assert dump(a) == [] and reasons(a, line.id) == ["rejected"]
    again = a.restore(line.id, line.stamp, line.device)
    assert (again.body, again.project) == (line.body, line.project) and again.stamp > line.stamp
    assert len(dump(a)) == 1 and [unsent.id for unsent in a.pending_lines(10, 1 << 20)] == [line.id]


def test_unknown_kinds_and_fields_are_kept_whole(pair: tuple[SyncLedger, SyncLedger]) -> None:
    """A line of a kind from the future is stored, counted and dumped as it came."""
    a, _ = pair
    line = Line(
        new_id(), "drone_flight", new_id(), hlc_from_ms(START_MS), new_id(), new_id(), False, {"高度": [1, {"m": 2.5}]}
    )
    a.merge([line])
    odd = line._replace(id=new_id(), kind="visit", body={**VISIT, "how": "hologram"})
    a.merge([odd])
    assert len(dump(a)) == 2 and a.total_checksum().lines == 2 and a.recompute_checksums() == []


@settings(max_examples=examples(40))
@given(
    moves=st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from("新改删同"), st.integers(0, 3), st.integers(-5, 5)), max_size=24
    )
)
def test_any_interleaving_converges(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[int, str, int, int]]
) -> None:
    """Three devices with clocks of their own write, edit, delete and sync in any order: after a last round of all,
    every store is the same, sums agree with the central's, and every text ever written is in a store or a history."""
    folder = tmp_path_factory.mktemp("any")
    clocks = [SetClock(START_MS + drift) for drift in (0, YEAR, -50 * YEAR)]
    devices = [device(folder, f"d{n}", clock=clock) for n, clock in enumerate(clocks)]
    central, written, ids = MergeOnlyCentral(), set[str](), list[str]()
    for step, (who, act, which, drift) in enumerate(moves):
        clocks[who].now += drift * 60_000
        written |= _move(devices[who], central, act, ids, which, f"第{step}步")
    for one in [*devices, *devices]:
        sync(one, central)
    assert len({tuple(dump(one)) for one in devices}) == 1
    assert {one.total_checksum() for one in devices} == {central.total()}
    assert all(one.recompute_checksums() == [] and one.pending_lines(1, 1) == [] for one in devices)
    assert written <= set().union(*(_texts(one) for one in devices))


def _move(one: SyncLedger, central: MergeOnlyCentral, act: str, ids: list[str], which: int, text: str) -> set[str]:
    if act == "新":
        ids.append(one.put("project", {**PROJECT, "name": text}).id)
        return {text}
    if act == "同":
        sync(one, central)
    known = [line_id for line_id in ids if one.database.connection().execute(_HAS, (line_id,)).fetchone()]
    if act in "改删" and known:
        line_id = known[which % len(known)]
        one.edit("project", line_id, name=text) if act == "改" else one.delete("project", line_id)
        return {text} if act == "改" else set()
    return set()


_HAS = "SELECT 1 FROM project WHERE id = ?"


def _texts(one: SyncLedger) -> set[str]:
    connection = one.database.connection()
    now = {row[0] for row in connection.execute("SELECT name FROM project")}
    return now | {row[0] for row in connection.execute("SELECT body ->> 'name' FROM history")}


def test_every_order_of_arrival_gives_the_same_store(tmp_path: Path) -> None:
    """Four versions of one line in all 24 orders: the same current version, and all others in history."""
    first = Line(new_id(), "project", None, 10, "", "", False, PROJECT)
    first = first._replace(project=first.id, device=new_id(), author=new_id())
    versions = [first._replace(stamp=10 + n // 2, device=new_id(), body={**PROJECT, "name": str(n)}) for n in range(4)]
    outcomes = set()
    for number, order in enumerate(itertools.permutations(versions)):
        one = device(tmp_path, f"p{number}")
        for line in order:
            one.merge([line])
        count = one.database.connection().execute("SELECT count(*) FROM history").fetchone()[0]
        outcomes.add((tuple(dump(one)), count))
    assert len(outcomes) == 1 and outcomes.pop()[1] == 3


# Scope


def test_a_withdrawn_bucket_leaves_but_unsent_lines_stay(pair: tuple[SyncLedger, SyncLedger]) -> None:
    """Withdrawing a project removes its lines, history and sums; what this device wrote and has not sent stays."""
    a, _ = pair
    central = MergeOnlyCentral()
    project = a.put("project", PROJECT)
    sent = a.put("visit", VISIT, project=project.id)
    a.edit("visit", sent.id, text="二稿")
    sync(a, central)
    unsent = a.put("visit", {**VISIT, "text": "还没发"}, project=project.id)
    a.merge([], dropped=[f"p:{project.id}"])
    left = [line for line in dump(a) if b'"kind":"visit"' in line]
    assert len(left) == 1 and unsent.id.encode() in left[0]
    assert reasons(a, sent.id) == [] and a.total_checksum().lines == 1


def test_a_granted_bucket_is_noted_until_it_was_fetched(pair: tuple[SyncLedger, SyncLedger]) -> None:
    """Grants survive a crash between the page that names them and the fetch."""
    a, _ = pair
    a.merge([], cursor="7", granted=["p:x", "i:y"])
    assert a.backfill_buckets() == ["i:y", "p:x"]
    a.finish_backfill(["p:x"])
    assert a.backfill_buckets() == ["i:y"]


# Agreement and repair


@pytest.mark.parametrize(
    "damage", ["UPDATE visit SET text = '坏' WHERE id = ?", "DELETE FROM visit WHERE id = ?"], ids=["altered", "gone"]
)
def test_damage_is_found_by_recount_and_mended_from_the_central(
    pair: tuple[SyncLedger, SyncLedger], damage: str
) -> None:
    """A row damaged behind the ledger's back shows as one wrong bucket and is replaced by the central's version."""
    a, _ = pair
    central = MergeOnlyCentral()
    project = a.put("project", PROJECT)
    visit = a.put("visit", VISIT, project=project.id)
    sync(a, central)
    before = dump(a)
    a.database.connection().execute(damage, (visit.id,))
    assert a.recompute_checksums() == [f"p:{project.id}"] and a.total_checksum() != central.total()
    assert a.repair([f"p:{project.id}"], central.bucket(f"p:{project.id}")) == 1
    assert dump(a) == before and a.total_checksum() == central.total()


def test_buckets_of_the_whole_district_are_mended_apart(pair: tuple[SyncLedger, SyncLedger]) -> None:
    """People, their phones and the bureau's own lines have no project, and still each bucket has only its own lines:
    repairing or forgetting one leaves the others alone."""
    a, _ = pair
    central = MergeOnlyCentral()
    person = a.put("person", {"name": "甲建国"})
    a.put("contact", {"person_id": person.id, "phone": "19900000001"})
    a.put("criterion", {"code": "c", "name": "按时办结", "points": 10})
    sync(a, central)
    for bucket in ("d", "t", "b"):
        assert len(lines_in_bucket(a.database.connection(), bucket)) == 1
        assert a.repair([bucket], central.bucket(bucket)) == 0
    a.merge([], dropped=["t"])
    assert [line.kind for line in all_lines(a.database.connection())] == ["criterion", "person"]
    assert find(a.database.connection(), "00000001") == []
    assert [hit.id for hit in find(a.database.connection(), "甲建国")] == [person.id]


def test_what_the_central_lost_is_sent_again(pair: tuple[SyncLedger, SyncLedger]) -> None:
    """A central set back to an old backup gets from the device what it lacks or has older."""
    a, _ = pair
    central = MergeOnlyCentral()
    project = a.put("project", PROJECT)
    visit = a.put("visit", VISIT, project=project.id)
    sync(a, central)
    later = a.edit("visit", visit.id, text="二稿")
    sync(a, central)
    second = a.put("visit", VISIT, project=project.id)
    sync(a, central)
    central.lines[visit.id] = visit
    del central.lines[second.id]
    a.repair([f"p:{project.id}"], central.bucket(f"p:{project.id}"))
    assert a.pending_lines(10, 1 << 20) == []
    assert HealingLedger(a.database).held_lines(can_heal=False) == []  # a central of before: left to the push
    send(a, central)
    assert central.lines[visit.id] == later and second.id in central.lines
    assert a.total_checksum() == central.total() and a.recompute_checksums() == []


def test_sums_add_up(pair: tuple[SyncLedger, SyncLedger]) -> None:
    """The sum over groups is the sum over buckets is the total."""
    a, _ = pair
    for n in range(20):
        a.put("project", {**PROJECT, "number": str(n)})
    send(a, MergeOnlyCentral())
    for sums in (a.group_checksums(), a.bucket_checksums(a.group_checksums())):
        total = SetChecksum()
        for one in sums.values():
            total = total.add(one)
        assert total == a.total_checksum() and total.lines == 20


# Clocks


@pytest.mark.parametrize("years", [4, -27])
def test_a_wrong_clock_is_healed_to_the_true_time(tmp_path: Path, years: int) -> None:
    """Lines written at 2030 or 1999 get the times at which people really wrote, in order, and a notice says so."""
    clock = SetClock(START_MS + years * YEAR)
    one = device(tmp_path, "a", clock=clock)
    first = one.put("project", PROJECT)
    clock.now += 5_000
    one.edit("project", first.id, name="二")
    second = one.put("visit", VISIT, project=first.id)
    clock.now += 60_000
    assert one.correct_clock(-years * YEAR) == 2
    stamps = {unsent.id: unsent.stamp for unsent in one.pending_lines(10, 1 << 20)}
    assert [ms_from_hlc(stamps[first.id]), ms_from_hlc(stamps[second.id])] == [START_MS + 5_000] * 2
    assert stamps[first.id] < stamps[second.id] and one.correct_clock(-years * YEAR) == 0
    assert one.put("project", PROJECT).stamp >= hlc_from_ms(START_MS + 65_000)
    assert one.recompute_checksums() == []


def test_a_clock_that_was_put_right_by_hand_is_healed_too(tmp_path: Path) -> None:
    """The laptop was at 2030 and its owner set the clock: stamps that still run ahead come down to now."""
    clock = SetClock(START_MS + 4 * YEAR)
    one = device(tmp_path, "a", clock=clock)
    line = one.put("project", PROJECT)
    clock.now = START_MS
    one.edit("project", line.id, name="二")
    one.correct_clock(0)
    assert ms_from_hlc(one.pending_lines(1, 1)[0].stamp) == START_MS
    assert ms_from_hlc(one.put("project", PROJECT).stamp) == START_MS


_stamped = st.builds(
    UnsentTimestamp,
    id=st.uuids().map(str),
    stamp=st.integers(0, hlc_from_ms(START_MS + 80 * YEAR)),
    base_stamp=st.integers(0, hlc_from_ms(START_MS + MAX_CLOCK_AHEAD_MS)),
    drift_ms=st.integers(-80 * YEAR, 80 * YEAR),
)


@given(unsent=st.lists(_stamped, max_size=12, unique_by=lambda s: s.stamp), offset=st.integers(-80 * YEAR, 80 * YEAR))
def test_healing_keeps_order_and_never_runs_ahead(unsent: list[UnsentTimestamp], offset: int) -> None:
    """For any unsent lines and offset: the order stays, each beats its base, none is ahead of the central's limit."""
    plan = corrected_timestamps(unsent, offset, START_MS)
    after = [plan.get(s.id, s.stamp) for s in sorted(unsent, key=lambda s: s.stamp)]
    assert all(x < y for x, y in itertools.pairwise(after))
    assert all(plan.get(s.id, s.stamp) > s.base_stamp for s in unsent)
    assert all(ms_from_hlc(stamp) <= START_MS + MAX_CLOCK_AHEAD_MS + 1 for stamp in after)


def test_receive_keeps_the_cursor_with_the_lines(pair: tuple[SyncLedger, SyncLedger]) -> None:
    """The cursor and the lines it covers are stored together."""
    a, b = pair
    central = MergeOnlyCentral()
    a.put("project", PROJECT)
    send(a, central)
    receive(b, central)
    stored = b.database.connection().execute("SELECT value FROM meta WHERE key = 'cursor'").fetchone()
    assert stored == ("1",) and len(dump(b)) == 1
