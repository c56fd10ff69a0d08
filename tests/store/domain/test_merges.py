"""Which record stays after merges: the same everywhere, whatever arrived first, and exactly undone."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.domain.merges import kept_ids

PAIRS = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")), max_size=12)


@pytest.mark.parametrize(
    ("merges", "kept"),
    [
        ([], {}),
        ([("a", "b")], {"a": "b"}),
        ([("a", "b"), ("b", "c")], {"a": "c", "b": "c"}),
        ([("b", "c"), ("a", "b")], {"a": "c", "b": "c"}),
        ([("a", "a")], {}),
        ([("a", "b"), ("b", "a")], {"b": "a"}),
        ([("b", "c"), ("c", "d"), ("d", "b"), ("a", "c")], {"a": "b", "c": "b", "d": "b"}),
        ([("a", "c"), ("a", "b")], {"a": "b"}),
    ],
)
def test_chains_are_followed_and_circles_cut(merges: list[tuple[str, str]], kept: dict[str, str]) -> None:
    """A chain ends at its last record; of a circle the least id stays; a record is never merged into itself."""
    assert kept_ids(merges) == kept


@given(PAIRS, st.randoms())
def test_the_order_of_arrival_never_matters(merges: list[tuple[str, str]], chance: Random) -> None:
    """Two devices that have the same merges show the same record for each, and whoever stays is merged into nobody."""
    kept = kept_ids(merges)
    shuffled = merges[:]
    chance.shuffle(shuffled)
    assert kept_ids(shuffled) == kept
    assert not set(kept.values()) & kept.keys()
    for old, new in merges:
        assert kept.get(old, old) == kept.get(new, new) or sum(first == old for first, _ in merges) > 1
