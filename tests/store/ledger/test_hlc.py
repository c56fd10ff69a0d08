"""The hybrid logical clock: timestamps rise, keep up with the clock, and fit into 64 bits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.ledger.hlc import (
    MAX_CLOCK_AHEAD_MS,
    MAX_HLC,
    MAX_OBSERVED_AHEAD_MS,
    follows_closely,
    hlc_from_ms,
    is_too_far_ahead,
    ms_from_hlc,
    next_stamp,
    tick,
)

YEAR_1970, YEAR_2099 = 0, 4_070_908_800_000


@given(last=st.integers(0, MAX_HLC - 2), seen=st.integers(0, MAX_HLC - 2), now=st.integers(-(2**46), 2**46))
def test_a_timestamp_is_later_than_all_it_knows(last: int, seen: int, now: int) -> None:
    """The next timestamp is later than this device's last one and than the version it replaces, and never behind the
    clock; it is no later than the latest of the three requires."""
    stamp = tick(last, now, seen)
    assert stamp > last
    assert stamp > seen
    assert ms_from_hlc(stamp) >= now
    assert stamp in (last + 1, seen + 1, hlc_from_ms(now))


def test_a_full_counter_carries_into_the_milliseconds() -> None:
    """After 65,536 timestamps in one millisecond the next one is in the next millisecond, still in order."""
    last = hlc_from_ms(1000)
    for _ in range(70_000):
        following = tick(last, 1000)
        assert following > last
        last = following
    assert ms_from_hlc(last) == 1001


@pytest.mark.parametrize("now", [YEAR_1970, YEAR_2099, -1])
def test_odd_clocks_give_timestamps_that_fit(now: int) -> None:
    """1970, 2099 and a clock before 1970 give timestamps within a signed 64-bit integer."""
    assert 0 <= tick(0, now) <= MAX_HLC


def test_ahead_means_more_than_two_minutes() -> None:
    """Exactly two minutes ahead is accepted; a millisecond more is not."""
    assert not is_too_far_ahead(hlc_from_ms(YEAR_2099 + MAX_CLOCK_AHEAD_MS), YEAR_2099)
    assert is_too_far_ahead(hlc_from_ms(YEAR_2099 + MAX_CLOCK_AHEAD_MS + 1), YEAR_2099)


@given(last=st.integers(0, 1 << 57), seen=st.integers(0, MAX_HLC), now=st.integers(0, 1 << 41))
def test_a_version_from_the_future_is_beaten_and_draws_nothing_after_it(last: int, seen: int, now: int) -> None:
    """The stamp beats what was seen, and rises; what is remembered stays with this device's own clock unless what was
    seen is of the present."""
    stamp, remembered = next_stamp(last, now, seen)
    assert stamp > last
    assert stamp > seen or stamp == MAX_HLC
    assert remembered in (stamp, tick(last, now))
    if ms_from_hlc(last) <= now:
        assert ms_from_hlc(remembered) <= now + MAX_OBSERVED_AHEAD_MS


@given(base=st.integers(0, 1 << 57), edits=st.integers(1, 1_000))
def test_edits_of_a_version_follow_it_closely(base: int, edits: int) -> None:
    """However often a version from the future is edited before it is sent, the stamp is one that its base explains."""
    stamp = base
    for _ in range(edits):
        stamp, _last = next_stamp(0, 0, stamp)
    assert follows_closely(stamp, base) == (base > 0)
    assert not follows_closely(stamp + (1 << 17), base)
