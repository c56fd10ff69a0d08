"""Files that colleagues hand in, and meetings without a network, among all else that may happen."""

from __future__ import annotations

from tests.simulation.playing import play


def test_couriers_and_meetings_lose_nothing_and_leave_no_trace() -> None:
    """Wire, stick, courier and meetings mixed: one seed whose laptops hand in others' files in their rounds, one whose
    laptops take in each other's unsent lines; no invariant is broken in either."""
    handing_in, meeting = (play(seed, short=True) for seed in (133, 137))
    assert any(" /v2/bundle ok" in line for line in handing_in.journal)
    assert any(" courier: " in line and line.endswith(" 1 taken") for line in meeting.journal)
    assert handing_in.broken == meeting.broken == []
