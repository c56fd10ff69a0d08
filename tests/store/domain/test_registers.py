"""The table of books against the models: one cannot forget what the other says."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from sqlalchemy import Boolean
from sqlmodel import JSON

from store.domain.registers import LIST_TYPES, REFERENCE_KINDS, REGISTERS, Register
from store.ledger.kinds import Kind, kinds


@pytest.mark.parametrize("book", REGISTERS.values(), ids=list(REGISTERS))
def test_a_book_has_every_field_of_its_kind(book: Register) -> None:
    """The fields of a book are the columns of its model, no more and no fewer, in one order or another."""
    assert sorted(field.body_name for field in book.fields) == sorted(kinds()[book.kind].fields)
    assert len({field.name for field in book.fields}) == len(book.fields)


@pytest.mark.parametrize("book", REGISTERS.values(), ids=list(REGISTERS))
def test_shapes_are_those_of_the_columns(book: Register) -> None:
    """Lists are lists in the model, choices have the model's values, and what names a line is an id."""
    kind = kinds()[book.kind]
    for field in book.fields:
        assert (field.type in LIST_TYPES) == (field.body_name in kind.lists)
        if field.type == "choice" and field.body_name != "fact":
            assert set(field.choices) == choices(kind, field.body_name)
        if field.type in REFERENCE_KINDS:
            assert field.body_name.endswith("_id")
    columns = kind.model.metadata.tables[book.kind].columns
    assert not any(isinstance(columns[field.body_name].type, Boolean) for field in book.fields)
    assert isinstance(columns["extra"].type, JSON)


@pytest.mark.parametrize("book", REGISTERS.values(), ids=list(REGISTERS))
def test_what_a_book_needs_is_among_its_fields(book: Register) -> None:
    """Keys, the order and what a value calls for name fields that there are; a line can be shown in a list."""
    names = {field.name for field in book.fields}
    assert {name for name in book.key if name} <= names
    assert book.order in {field.body_name for field in book.fields}
    for name, value, needs in book.required_when:
        assert value in book.field(name).choices and set(needs) <= names
    assert book.headline.in_list


def choices(kind: Kind, field: str) -> set[str]:
    """The values that the model allows for a field."""
    annotation: Any = kind.model.model_fields[field].annotation
    literals = [annotation, *get_args(annotation)]
    return {value for literal in literals for value in get_args(literal) if isinstance(value, str)}
