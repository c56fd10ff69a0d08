"""The line's envelope: its canonical form, what is refused as no line, and ids."""

from __future__ import annotations

import orjson
from hypothesis import given
from hypothesis import strategies as st

from store.exceptions import BadLine
from store.ledger.line import Line, canonical_json, derived_id, is_id, new_id, parse_line
from tests.store.ledger.strategies import json_values, lines


@given(line=lines)
def test_a_line_survives_the_wire(line: Line) -> None:
    """Canonical bytes, decoded and parsed, give the line and the same bytes again."""
    back = parse_line(orjson.loads(canonical_json(line)))
    assert back == line and canonical_json(back) == canonical_json(line)


@given(value=json_values | st.dictionaries(st.sampled_from(Line._fields), json_values))
def test_what_is_no_line_is_named_as_bad(value: object) -> None:
    """Any JSON either is a line or raises BadLine, never anything else."""
    try:
        assert isinstance(parse_line(value), Line)
    except BadLine:
        return


def test_ids_are_uuids_that_sort_by_time() -> None:
    """UUIDv7 by time, UUIDv8 by key; both in canonical spelling."""
    assert new_id(1000) < new_id(2000) and new_id()[14] == "7"
    assert is_id(new_id()) and is_id(derived_id("a", "b")) and derived_id("a", "b")[14] == "8"
    assert derived_id("a", "b") == derived_id("a", "b") != derived_id("ab", "")
