"""Files that colleagues hand in, and meetings without a network, among all else that may happen."""

from __future__ import annotations

from tests.simulation.playing import play_until


def test_couriers_and_meetings_lose_nothing_and_leave_no_trace() -> None:
    """Wire, stick, courier and meetings mixed: seeds whose laptops hand in others' files, and seeds whose
    laptops take in each other's unsent lines; no invariant is broken in any."""
    assert play_until((210, 172, 97), lambda journal: any(" /v2/bundle ok" in line for line in journal)) == []
    assert play_until((1_092, 9, 46), lambda journal: any(_took_in(line) for line in journal)) == []


def _took_in(line: str) -> bool:
    return " meet: " in line and line.endswith(" taken") and not line.endswith(" 0 taken")
