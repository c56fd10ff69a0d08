"""Rounds by file among rounds over a network, with all else that may happen."""

from __future__ import annotations

import pytest

from tests.simulation.playing import play


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize("seed", [17, 29])
def test_a_district_with_a_stick_agrees_and_loses_nothing(seed: int) -> None:
    """Seeds whose laptops write, and take in, files late, twice and out of order, beside their rounds: messages are
    answered and answers taken in, and no invariant is broken."""
    played = play(seed, short=True)
    acts = [line for line in played.journal if " stick: " in line]
    assert any("write: " in act and " lines" in act for act in acts)
    assert any("is_new=True" in act for act in acts)
    assert played.broken == []
