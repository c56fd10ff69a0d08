"""The table of books against the models: one cannot forget what the other says."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from sqlalchemy import Boolean
from sqlmodel import JSON

from store.domain.registers import BOOKS, LISTS, NAMING, Book
from store.ledger.kinds import Kind, kinds


@pytest.mark.parametrize("book", BOOKS.values(), ids=list(BOOKS))
def test_a_book_has_every_field_of_its_kind(book: Book) -> None:
    """The fields of a book are the columns of its model, no more and no fewer, in one order or another."""
    assert sorted(field.stored for field in book.fields) == sorted(kinds()[book.kind].fields)
    assert len({field.name for field in book.fields}) == len(book.fields)


@pytest.mark.parametrize("book", BOOKS.values(), ids=list(BOOKS))
def test_shapes_are_those_of_the_columns(book: Book) -> None:
    """Lists are lists in the model, choices have the model's values, and what names a line is an id."""
    kind = kinds()[book.kind]
    for field in book.fields:
        assert (field.shape in LISTS) == (field.stored in kind.lists)
        if field.shape == "choice" and field.stored != "fact":
            assert set(field.choices) == choices(kind, field.stored)
        if field.shape in NAMING:
            assert field.stored.endswith("_id")
    columns = kind.model.metadata.tables[book.kind].columns
    assert not any(isinstance(columns[field.stored].type, Boolean) for field in book.fields)
    assert isinstance(columns["extra"].type, JSON)


@pytest.mark.parametrize("book", BOOKS.values(), ids=list(BOOKS))
def test_what_a_book_needs_is_among_its_fields(book: Book) -> None:
    """Keys, the order and what a value calls for name fields that there are; a line can be shown in a list."""
    names = {field.name for field in book.fields}
    assert {name for name in book.key if name} <= names
    assert book.order in {field.stored for field in book.fields}
    for name, value, needs in book.calls_for:
        assert value in book.field(name).choices and set(needs) <= names
    assert book.headline.listed


def choices(kind: Kind, field: str) -> set[str]:
    """The values that the model allows for a field."""
    annotation: Any = kind.model.model_fields[field].annotation
    literals = [annotation, *get_args(annotation)]
    return {value for literal in literals for value in get_args(literal) if isinstance(value, str)}
