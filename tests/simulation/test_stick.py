"""Rounds by file among rounds over a network, with all else that may happen."""

from __future__ import annotations

import pytest

from tests.simulation.playing import play_until


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize("seeds", [(71, 41, 94), (82, 51, 104)])
def test_a_district_with_a_stick_agrees_and_loses_nothing(seeds: tuple[int, ...]) -> None:
    """Seeds whose laptops write, and take in, files late, twice and out of order, beside their rounds: messages are
    answered and answers taken in, and no invariant is broken."""
    assert play_until(seeds, _is_used) == []


def _is_used(journal: list[str]) -> bool:
    acts = [line for line in journal if " stick: " in line]
    return any("write: " in act and " lines" in act for act in acts) and any("is_new=True" in act for act in acts)
