"""Clock correction where a central's clock was ahead: its dates come back, and edits of the future stay above it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from store.ledger.clock_correction import LastContact, UnsentTimestamp, corrected_timestamps
from store.ledger.hlc import MAX_CLOCK_AHEAD_MS, follows_closely, hlc_from_ms, ms_from_hlc

NOW = 1_780_000_000_000
YEAR_MS = 365 * 86_400_000
AGO = st.integers(1_000, 3_600_000)


@given(ago=AGO)
def test_a_contact_with_a_central_that_was_ahead_keeps_no_line_in_the_future(ago: int) -> None:
    """A line stamped by the time of a central that was a year ahead gets the time at which it was written, though
    that is before the last contact as that central told it."""
    then = NOW + YEAR_MS
    line = UnsentTimestamp("a", hlc_from_ms(then - ago), 0, YEAR_MS)
    contact = LastContact(hlc_from_ms(then - 2 * ago), then - 2 * ago)
    plan = corrected_timestamps([line], 0, NOW, contact)
    assert ms_from_hlc(plan["a"]) == NOW - ago
    assert corrected_timestamps([line._replace(stamp=plan["a"], drift_ms=0)], 0, NOW, contact) == {}


@given(ago=AGO, above=st.integers(1, 100))
def test_an_edit_of_a_version_from_the_future_stays_and_draws_no_other_line(ago: int, above: int) -> None:
    """It has to beat what it saw; the lines around it keep the present, in their order."""
    base = hlc_from_ms(NOW + YEAR_MS)
    edit = UnsentTimestamp("e", base + above, base, 0)
    wrong = [UnsentTimestamp(name, hlc_from_ms(NOW - ago + n), 0, -5_000) for n, name in enumerate("xy")]
    plan = corrected_timestamps([edit, *wrong], 0, NOW)
    assert follows_closely(edit.stamp, base)
    assert "e" not in plan
    assert plan["x"] < plan["y"] <= hlc_from_ms(NOW + MAX_CLOCK_AHEAD_MS)
