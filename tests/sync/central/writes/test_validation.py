"""Validation of a pushed line: whatever JSON is pushed, there is an answer, and a valid line is kept as sent."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.ledger.hlc import hlc_from_ms, system_clock_ms
from store.ledger.line import Line, canonical_json, digest_of, new_id
from store.values.text import FORBIDDEN
from sync.central.writes.validation import InvalidLine, ValidLine, validate_line

NOW = system_clock_ms()
GOOD = orjson.loads(
    canonical_json(Line(new_id(), "diary", new_id(), hlc_from_ms(NOW), new_id(), new_id(), False, {"text": "甲"}))
)

scalars = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(max_size=8)
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)


@given(anything)
def test_any_json_has_an_answer(value: Any) -> None:
    """Nothing that JSON can say makes the central fail; and what is not a line is a bad line."""
    assert isinstance(validate_line(value, NOW), InvalidLine)


@given(st.sampled_from(sorted(GOOD)), anything)
def test_any_field_may_be_anything(field: str, value: Any) -> None:
    """One field of a good line replaced by whatever comes: kept exactly as sent, or refused by a known code."""
    judged = validate_line({**GOOD, field: value}, NOW)
    if isinstance(judged, InvalidLine):
        assert judged.code in ("bad_line", "clock_ahead", "unclean", "too_large")
    else:
        assert orjson.loads(judged.wire) == {**GOOD, field: value}
        assert judged.digest == digest_of(judged.wire.encode())


@given(st.dictionaries(st.text(max_size=4), anything, max_size=4))
def test_forbidden_characters_never_pass(body: dict[str, Any]) -> None:
    """However deep they hide in a body of an unknown kind, control and bidi characters are refused."""
    judged = validate_line({**GOOD, "body": body}, NOW)
    hidden = FORBIDDEN.search("".join(_strings(body))) is not None
    assert hidden == (isinstance(judged, InvalidLine) and judged.code == "unclean")


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in _strings(part)]
    return [text for item in value for text in _strings(item)] if isinstance(value, list) else []


@pytest.mark.parametrize("depth", [10, 300, 900])
def test_deep_nesting_is_no_failure(depth: int) -> None:
    """A body that is nested too deep to be encoded is rejected alone."""
    deep = orjson.loads(b'{"a":' * depth + b"1" + b"}" * depth)
    judged = validate_line({**GOOD, "body": deep}, NOW)
    assert (
        isinstance(judged, ValidLine) if depth == 10 else isinstance(judged, InvalidLine) and judged.code == "bad_line"
    )
