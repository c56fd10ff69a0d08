"""When rounds are due: the interval, backoff with full jitter, and what may bring a round forward."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sync.daemon.schedule import MAX_BACKOFF_S, MIN_RETRY_S, RoundSchedule


def highest(low: float, high: float) -> float:
    """A random source that always gives the upper bound."""
    del low
    return high


def test_the_first_round_is_due_at_once_and_then_at_every_tick() -> None:
    """A daemon starts with a round; after a good one the next is due an interval later."""
    pace = RoundSchedule(60)
    assert pace.seconds_until_due(1_000) == 0
    pace.record_success(1_000)
    assert pace.seconds_until_due(1_000) == 60
    assert pace.seconds_until_due(1_059) == 1
    assert pace.seconds_until_due(2_000) == 0


def test_a_call_makes_a_round_due_at_once_but_never_later() -> None:
    """A commit or hint brings the next round forward; when one is due already, it stays due."""
    pace = RoundSchedule(60)
    pace.record_success(1_000)
    pace.expedite(1_010)
    assert pace.seconds_until_due(1_010) == 0
    pace.expedite(1_020)
    assert pace.seconds_until_due(1_010) == 0


def test_back_off_doubles_to_five_minutes_and_starts_afresh_after_a_success() -> None:
    """The bound of the wait doubles with each failure up to five minutes, and is forgotten after a success."""
    pace = RoundSchedule(60, jitter=highest)
    waits = [pace.record_failure(1_000) for _ in range(12)]
    assert waits == [4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300, 300]
    pace.record_success(1_000)
    assert pace.record_failure(1_000) == 4


@given(st.integers(1, 2_000), st.floats(0, 1))
def test_jitter_is_full(failures: int, die: float) -> None:
    """The wait may be anything from nothing to the bound, and is never beyond five minutes."""
    pace = RoundSchedule(60, jitter=lambda low, high: low + (high - low) * die)
    for _ in range(failures):
        wait = pace.record_failure(0)
    assert 0 <= wait <= MAX_BACKOFF_S
    assert wait == min(MAX_BACKOFF_S, 2 * 2 ** min(failures, 10)) * die


def test_after_a_failure_a_call_waits_for_a_breath() -> None:
    """An officer who goes on writing with the network down does not make the daemon try at every keystroke."""
    pace = RoundSchedule(60, jitter=highest)
    for _ in range(8):
        pace.record_failure(1_000)
    pace.expedite(1_001)
    assert pace.seconds_until_due(1_001) == MIN_RETRY_S - 1


def test_nothing_hurries_what_the_central_asked_for() -> None:
    """Retry-After is honoured whole, with a spread, whatever calls meanwhile; it may be longer than five minutes."""
    pace = RoundSchedule(60, jitter=highest)
    assert pace.record_failure(1_000, retry_after_s=600) == 660
    pace.expedite(1_001)
    assert pace.seconds_until_due(1_001) == 659


def test_being_asked_to_wait_a_little_does_not_shorten_the_back_off() -> None:
    """A central that always asks for two seconds is asked as rarely as one that does not answer, though an officer goes
    on writing: the wait is the larger of both."""
    pace = RoundSchedule(60, jitter=highest)
    waits = []
    for _ in range(8):
        waits.append(pace.record_failure(1_000, retry_after_s=2))
        pace.expedite(1_000)
        assert pace.seconds_until_due(1_000) == waits[-1]
    assert waits == [4, 8, 16, 32, 64, 128, 256, 300]
    pace.record_success(1_000)
    assert pace.record_failure(1_000, retry_after_s=20) == 22


def test_a_refusal_is_tried_again_rarely() -> None:
    """An error that only a person can repair is retried every five minutes, and soon after something changes."""
    pace = RoundSchedule(60, jitter=highest)
    assert pace.record_failure(1_000, permanent=True) == MAX_BACKOFF_S
    pace.expedite(1_100)
    assert pace.seconds_until_due(1_100) == 0
