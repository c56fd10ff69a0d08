"""Clocks that jump while lines wait: what was stamped rightly stays, whatever the clock says later."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.ledger.clock_correction import LastContact, UnsentTimestamp, corrected_timestamps
from store.ledger.hlc import MAX_CLOCK_AHEAD_MS, hlc_from_ms, ms_from_hlc
from store.writer.sync_writes import SyncLedger
from tests.store.devices import START_MS, MergeOnlyCentral, SetClock, device, send

HOUR, YEAR = 3_600_000, 365 * 86_400_000
PROJECT = {"name": "示范项目", "number": "续1", "category": "continuing"}


class JumpingClock(SetClock):
    """A laptop's clock, right at first; ``off`` is by how much it is ahead."""

    off = 0

    def jump_to(self, off_ms: int) -> None:
        """From now on it is off by so much."""
        self.now += off_ms - self.off
        self.off = off_ms


@pytest.fixture
def clock() -> JumpingClock:
    """A laptop's clock."""
    return JumpingClock()


@pytest.fixture
def laptop(tmp_path: Path, clock: JumpingClock) -> SyncLedger:
    """A laptop that has just measured that its clock is right."""
    laptop = device(tmp_path, "a", clock=clock)
    laptop.correct_clock(0)
    return laptop


def lost_answer(laptop: SyncLedger, central: MergeOnlyCentral) -> None:
    """A round that measures the clock and pushes, but whose answer is lost."""
    laptop.record_contact()
    central.push(laptop.pending_lines(100, 1 << 20))


def jump(laptop: SyncLedger, clock: JumpingClock, off_ms: int) -> None:
    """The clock jumps, and the next round measures it."""
    clock.jump_to(off_ms)
    laptop.correct_clock(-off_ms)


def unsent(laptop: SyncLedger) -> dict[str, int]:
    """The stamps of the unsent lines."""
    return {one.id: one.stamp for one in laptop.pending_lines(100, 1 << 20)}


@pytest.mark.parametrize("off_ms", [HOUR, 9 * YEAR])
def test_a_jump_ahead_never_puts_an_edit_below_what_its_author_saw(
    laptop: SyncLedger, clock: JumpingClock, off_ms: int
) -> None:
    """The first version reached the central although its answer was lost; the edit made on top of it still beats it."""
    central = MergeOnlyCentral()
    line = laptop.put("project", PROJECT)
    clock.now += 1_000
    lost_answer(laptop, central)
    clock.now += 1_000
    laptop.edit("project", line.id, name="后改的")
    clock.now += 1_000
    jump(laptop, clock, off_ms)
    send(laptop, central)
    assert central.lines[line.id].body["name"] == "后改的"


def test_what_was_stamped_before_the_last_talk_keeps_its_stamp(laptop: SyncLedger, clock: JumpingClock) -> None:
    """A line that a lost round had already stamped rightly is not moved by what the clock does afterwards."""
    line = laptop.put("project", PROJECT)
    lost_answer(laptop, MergeOnlyCentral())
    for off_ms in (HOUR, -2 * HOUR, 9 * YEAR, -30 * YEAR, 0):
        clock.now += 60_000
        jump(laptop, clock, off_ms)
        assert unsent(laptop) == {line.id: line.stamp}


def test_a_line_is_never_moved_before_the_last_talk(laptop: SyncLedger, clock: JumpingClock) -> None:
    """Written with a right clock, which then jumped nine years: the line cannot be nine years older than it says."""
    clock.now += HOUR
    line = laptop.put("project", PROJECT)
    clock.now += HOUR
    jump(laptop, clock, 9 * YEAR)
    assert unsent(laptop) == {line.id: line.stamp}


def test_a_clock_that_was_wrong_when_the_line_was_written_still_heals(laptop: SyncLedger, clock: JumpingClock) -> None:
    """Nine years ahead since before the line was written: it gets the time at which it was written."""
    clock.now += HOUR
    clock.jump_to(9 * YEAR)
    line = laptop.put("project", PROJECT)
    clock.now += HOUR
    laptop.correct_clock(-9 * YEAR)
    assert ms_from_hlc(unsent(laptop)[line.id]) == START_MS + HOUR


def test_order_holds_across_jumps(laptop: SyncLedger, clock: JumpingClock) -> None:
    """However often the clock jumps between acts and talks, the device's own acts stay in their order."""
    written: list[str] = []
    for off_ms in (HOUR, -3 * HOUR, 9 * YEAR, -20 * YEAR, 0, 60_000):
        for _ in range(2):
            clock.now += 30_000
            written.append(laptop.put("project", PROJECT).id)
        jump(laptop, clock, off_ms)
        stamps = unsent(laptop)
        assert sorted(stamps, key=lambda i: stamps[i]) == written


def test_a_stamp_that_no_jump_explains_comes_down_to_now() -> None:
    """Ahead of the true time and, moved back, before the last talk: nothing is known but that it was written since."""
    line = UnsentTimestamp("a", hlc_from_ms(START_MS + HOUR), 0, 0)
    plan = corrected_timestamps([line], -9 * YEAR, START_MS, LastContact(hlc_from_ms(START_MS - HOUR), START_MS - HOUR))
    assert ms_from_hlc(plan["a"]) == START_MS
    assert ms_from_hlc(line.stamp) > START_MS + MAX_CLOCK_AHEAD_MS


_stamped = st.builds(
    UnsentTimestamp,
    id=st.uuids().map(str),
    stamp=st.integers(0, hlc_from_ms(START_MS + 80 * YEAR)),
    base_stamp=st.integers(0, hlc_from_ms(START_MS)),
    drift_ms=st.integers(-80 * YEAR, 80 * YEAR),
)
_spoken = st.integers(0, START_MS).map(lambda ms: LastContact(hlc_from_ms(ms), ms))


@given(
    unsent=st.lists(_stamped, max_size=12, unique_by=lambda line: line.stamp),
    offset=st.integers(-80 * YEAR, 80 * YEAR),
    spoken=_spoken,
)
def test_healing_respects_the_last_talk(unsent: list[UnsentTimestamp], offset: int, spoken: LastContact) -> None:
    """For any lines, offset and last talk: the order stays, nothing ends ahead, nothing passes the talk either way."""
    plan = corrected_timestamps(unsent, offset, START_MS, spoken)
    ordered = sorted(unsent, key=lambda line: line.stamp)
    after = [plan.get(line.id, line.stamp) for line in ordered]
    assert all(one < two for one, two in itertools.pairwise(after))
    assert all(stamp > line.base_stamp for line, stamp in zip(ordered, after, strict=True))
    assert all(ms_from_hlc(stamp) <= START_MS + MAX_CLOCK_AHEAD_MS + 1 for stamp in after)
    assert all(stamp > spoken.stamp for line, stamp in zip(ordered, after, strict=True) if line.stamp > spoken.stamp)
