"""The kinds registry: what the ledger lets in, the central accepts."""

from __future__ import annotations

from hypothesis import given

from store.ledger.kinds import kinds, line_fault
from store.ledger.line import Body, Line, new_id
from store.ledger.validity import value_problem
from store.values.text import sanitize_deep
from tests.store.ledger.strategies import bodies


@given(body=bodies)
def test_any_body_of_an_unknown_kind_is_valid_if_its_text_is(body: Body) -> None:
    """The central keeps what it does not know, unless it carries control characters or breaks the bounds."""
    line = Line(new_id(), "no_such_kind", new_id(), 1, new_id(), new_id(), False, body)
    sound = all(value_problem(value) is None for value in body.values())
    assert (line_fault(line) is None) == (sanitize_deep(body) == body and sound)


@given(body=bodies)
def test_a_validated_body_passes_every_later_validation(body: Body) -> None:
    """What the ledger lets in, the central accepts."""
    kind = kinds()["person"]
    valid = kind.validate({"name": "甲", **{k: v for k, v in body.items() if k not in kind.fields and v is not None}})
    line = Line(new_id(), "person", None, 1, new_id(), new_id(), False, valid)
    assert line_fault(line) is None
