"""The kinds registry: what the ledger lets in, the central accepts."""

from __future__ import annotations

from hypothesis import given

from store.ledger.kinds import is_valid_line, kinds
from store.ledger.line import Body, Line, canonical_json, new_id
from store.values.text import sanitize_deep
from tests.store.ledger.strategies import bodies


@given(body=bodies)
def test_any_body_of_an_unknown_kind_is_valid_if_its_text_is(body: Body) -> None:
    """The central keeps what it does not know, unless it carries control characters."""
    line = Line(new_id(), "no_such_kind", new_id(), 1, new_id(), new_id(), False, body)
    assert is_valid_line(line, canonical_json(line)) == (sanitize_deep(body) == body)


@given(body=bodies)
def test_a_validated_body_passes_every_later_validation(body: Body) -> None:
    """What the ledger lets in, the central accepts."""
    kind = kinds()["person"]
    valid = kind.validate({"name": "甲", **{k: v for k, v in body.items() if k not in kind.fields and v is not None}})
    line = Line(new_id(), "person", None, 1, new_id(), new_id(), False, valid)
    assert is_valid_line(line, canonical_json(line))
