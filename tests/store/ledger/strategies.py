"""Hypothesis strategies for lines: few ids and few timestamps, so that versions of one line meet often."""

from __future__ import annotations

from hypothesis import strategies as st

from store.ledger.hlc import MAX_HLC
from store.ledger.line import Line, derived_id

timestamps = st.integers(0, MAX_HLC)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
bodies = st.dictionaries(st.text(), json_values, max_size=4)
few_ids = st.sampled_from([derived_id(str(n)) for n in range(3)])
lines = st.builds(
    Line,
    id=few_ids,
    kind=st.sampled_from(["visit", "no_such_kind"]),
    project=st.none() | few_ids,
    stamp=st.integers(0, 3) | timestamps,
    device=few_ids,
    author=few_ids,
    deleted=st.booleans(),
    body=bodies,
    base=timestamps,
)
