"""Buckets and their checksums."""

from __future__ import annotations

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from store.ledger.buckets import Area, SetChecksum, bucket_group, bucket_name


@given(digests=st.lists(st.integers(0, 2**64 - 1), max_size=30), cut=st.integers(0, 30))
def test_checksums_do_not_depend_on_order_or_grouping(digests: list[int], cut: int) -> None:
    """The checksum of a scope is the sum of its parts in any order, and taking out undoes putting in."""
    total = reduce(SetChecksum.with_digest, digests, SetChecksum())
    parts = reduce(SetChecksum.with_digest, digests[:cut], SetChecksum()).add(
        reduce(SetChecksum.with_digest, digests[cut:], SetChecksum())
    )
    assert total == parts == reduce(SetChecksum.with_digest, reversed(digests), SetChecksum())
    assert reduce(lambda current, digest: current.with_digest(digest, -1), digests, total) == SetChecksum()


def test_each_area_has_its_bucket() -> None:
    """District, head, body, issue and procedure lines are where decision 4 puts them, evaluations and phones apart."""
    names = {area: bucket_name(area, "P", "R") for area in Area}
    assert list(names.values()) == ["d", "h:P", "p:P", "i:R", "c:R", "b", "t"]
    assert bucket_name(Area.BODY, None, "R") == "d" and len(bucket_group("p:P")) == 2
