"""The table of registers against the models: neither can omit what the other has."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from sqlalchemy import Boolean
from sqlmodel import JSON

from store.domain.registers import LIST_TYPES, REFERENCE_KINDS, REGISTERS, Register
from store.domain.time_rules import LIMITED_ACTS
from store.ledger.kinds import Kind, kinds
from store.writer.acting import ACTING_FOR


@pytest.mark.parametrize("register", REGISTERS.values(), ids=list(REGISTERS))
def test_a_register_has_every_field_of_its_kind(register: Register) -> None:
    """The fields of a register are the columns of its model, no more and no fewer, in any order; in whose place a line
    was written is the writer's to say (``store/writer/acting.py``), no field to fill in."""
    columns = set(kinds()[register.kind].fields) - {ACTING_FOR}
    assert sorted(field.body_name for field in register.fields) == sorted(columns)
    assert len({field.name for field in register.fields}) == len(register.fields)


@pytest.mark.parametrize("register", REGISTERS.values(), ids=list(REGISTERS))
def test_types_are_those_of_the_columns(register: Register) -> None:
    """Lists are lists in the model, choices have the model's values, and references are ids."""
    kind = kinds()[register.kind]
    for field in register.fields:
        assert (field.type in LIST_TYPES) == (field.body_name in kind.lists)
        if field.type == "choice" and field.body_name != "fact":
            open_set = (register.kind, field.body_name) == ("time_rule", "act")  # a later version may add one
            assert set(field.choices) == (set(LIMITED_ACTS) if open_set else choices(kind, field.body_name))
        if field.type in REFERENCE_KINDS:
            assert field.body_name.endswith("_id")
    columns = kind.model.metadata.tables[register.kind].columns
    assert not any(isinstance(columns[field.body_name].type, Boolean) for field in register.fields)
    assert isinstance(columns["extra"].type, JSON)


@pytest.mark.parametrize("register", REGISTERS.values(), ids=list(REGISTERS))
def test_what_a_register_requires_is_among_its_fields(register: Register) -> None:
    """Keys, the order and fields required by a value exist; a line can be shown in a list."""
    names = {field.name for field in register.fields}
    assert {name for name in register.key if name} <= names
    assert register.order in {field.body_name for field in register.fields}
    for name, value, needs in register.required_when:
        assert value in register.field(name).choices and set(needs) <= names
    assert register.headline.in_list


def choices(kind: Kind, field: str) -> set[str]:
    """The values that the model allows for a field."""
    annotation: Any = kind.model.model_fields[field].annotation
    literals = [annotation, *get_args(annotation)]
    return {value for literal in literals for value in get_args(literal) if isinstance(value, str)}
