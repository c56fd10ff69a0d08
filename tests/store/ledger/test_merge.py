"""The merge rule: last writer wins, by a total order over versions."""

from __future__ import annotations

import itertools
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from store.ledger.line import Line, canonical_json, new_id
from store.ledger.merge import replaces, supersede_reason
from tests.store.ledger.strategies import lines


@given(versions=st.lists(lines, min_size=1, max_size=4))
def test_any_order_of_versions_has_one_winner(versions: list[Line]) -> None:
    """The rule is a maximum: every order of arrival leaves the same version."""
    winners = {
        canonical_json(reduce(lambda current, new: new if replaces(new, current) else current, order))
        for order in itertools.permutations(versions)
    }
    assert len(winners) == 1


@given(first=lines, second=lines)
def test_of_two_versions_exactly_one_wins(first: Line, second: Line) -> None:
    """Different versions never both win or both lose; a version never beats itself."""
    same = canonical_json(first) == canonical_json(second)
    assert replaces(first, second) != replaces(second, first) or same
    assert not replaces(first, first)


@given(first=lines, second=lines)
def test_the_later_timestamp_wins(first: Line, second: Line) -> None:
    """Where timestamps differ nothing else counts."""
    if first.stamp != second.stamp:
        assert replaces(first, second) == (first.stamp > second.stamp)


@given(first=lines, second=lines)
def test_equal_timestamps_are_decided_by_device(first: Line, second: Line) -> None:
    """With equal timestamps the greater device id wins."""
    second = second._replace(stamp=first.stamp)
    if first.device != second.device:
        assert replaces(first, second) == (first.device > second.device)


def test_who_had_seen_it_edited_and_who_had_not_superseded() -> None:
    """The reason follows from what the winner's author had seen."""
    loser = Line(new_id(), "visit", new_id(), 10, new_id(), new_id(), False, {})
    winner = loser._replace(stamp=20, device=new_id())
    assert supersede_reason(winner._replace(base=10), loser) == "edited"
    assert supersede_reason(winner._replace(base=15), loser) == "edited"
    assert supersede_reason(winner._replace(base=9), loser) == "superseded"
    assert supersede_reason(winner._replace(base=0, device=loser.device), loser) == "edited"
