"""Pages shrink and grow with what the line carries, and the limits are bounded whatever happens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.exceptions import CentralUnreachable, ConnectionCut, RequestTooLarge, SlowConnection
from sync.protocol import PAGE_BYTES, PAGE_LINES
from sync.transport.page_limits import FIRST_BYTES, MIN_BYTES, SLOW_S, PageLimits


def test_quick_pages_grow_to_the_protocols_limit() -> None:
    """On a good line five full pages lead from the first size to the longest."""
    limits = PageLimits()
    for _ in range(5):
        limits.record_success(0.1, full=True)
    assert (limits.max_bytes, limits.lines) == (PAGE_BYTES, PAGE_LINES)
    limits.record_success(0.1, full=True)
    assert limits.max_bytes == PAGE_BYTES


def test_a_page_that_was_not_full_says_nothing() -> None:
    """A push of one line does not make the next page longer."""
    limits = PageLimits()
    limits.record_success(0.1, full=False)
    assert limits.max_bytes == FIRST_BYTES


def test_slow_pages_shrink() -> None:
    """A page that took long makes the next one half as long."""
    limits = PageLimits()
    limits.record_success(SLOW_S + 1, full=True)
    assert limits.max_bytes == FIRST_BYTES // 2


def test_a_size_that_did_not_pass_is_approached_slowly() -> None:
    """After a refusal pages are half as long as what was refused, and do not double into it again."""
    limits = PageLimits(max_bytes=100_000)
    assert limits.record_failure(RequestTooLarge(), 90_000)
    assert limits.max_bytes == 45_000
    limits.record_success(0.1, full=True)
    assert 45_000 < limits.max_bytes < 50_000


def test_what_had_arrived_tells_how_long_a_page_may_be() -> None:
    """A page of which a twentieth had come is followed at once by one that is shorter than that, not by its half."""
    limits = PageLimits(max_bytes=100_000)
    assert limits.record_failure(SlowConnection(arrived=0.05), 100_000)
    assert 3_000 < limits.max_bytes < 5_000
    assert limits.record_failure(ConnectionCut(arrived=0.99), limits.max_bytes)
    assert limits.max_bytes < 2_500


@pytest.mark.parametrize("fact", ["", "[1]", "[1, 2, true]", '{"a": 1}', "not JSON", '["x", "y"]', None])
def test_limits_of_another_version_are_no_failure(fact: str | None) -> None:
    """What another version kept of a line, or nothing, is where a new device begins."""
    limits = PageLimits()
    limits.restore(fact)
    assert limits == PageLimits()


def test_what_a_smaller_page_does_not_help_is_not_tried_again() -> None:
    """No page is smaller than a line, a slow line is left for the next round, and an absent central changes nothing."""
    limits = PageLimits()
    assert not limits.record_failure(CentralUnreachable(), FIRST_BYTES)
    assert limits.max_bytes == FIRST_BYTES
    assert not limits.record_failure(SlowConnection(), FIRST_BYTES)
    assert limits.max_bytes == FIRST_BYTES // 2
    tries = 0
    while limits.record_failure(ConnectionCut(), limits.max_bytes):
        tries += 1
    assert tries < 12
    assert (limits.max_bytes, limits.lines) == (MIN_BYTES, 1)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.floats(0, 100), st.booleans()),
            st.tuples(st.sampled_from([RequestTooLarge(), SlowConnection(), ConnectionCut()]), st.integers(0, 1 << 24)),
        ),
        max_size=60,
    )
)
def test_limits_stay_in_bounds_and_survive_a_round(history: list[tuple[object, int]]) -> None:
    """Whatever a line does, a page has from one line to the protocol's limit; what is kept between rounds is the
    same."""
    limits = PageLimits()
    for what, size in history:
        if isinstance(what, CentralUnreachable):
            limits.record_failure(what, size)
        elif isinstance(what, float):
            limits.record_success(what, full=bool(size))
        assert MIN_BYTES <= limits.max_bytes <= PAGE_BYTES
        assert 1 <= limits.lines <= PAGE_LINES
    kept = PageLimits()
    kept.restore(limits.to_fact())
    assert kept == limits
