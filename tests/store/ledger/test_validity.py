"""One definition of a valid line: what it lets through and what not, by kind, for whoever asks."""

from __future__ import annotations

import pytest

from store.exceptions import BadFields
from store.ledger.kinds import kinds, line_fault, readable_line
from store.ledger.line import Line, new_id
from store.values.faults import PROBLEMS, Fault, read_fault
from tests.store.ledger.poisons import SOME_ID, poisoned_bodies, valid_body


@pytest.mark.parametrize("name", kinds())
def test_a_line_with_all_its_fields_is_valid(name: str) -> None:
    """What officers write passes: each kind, with every field that it has."""
    kind = kinds()[name]
    assert kind.find_faults(valid_body(kind)) == {}
    assert kind.validate(valid_body(kind)) == valid_body(kind)


def test_no_poisoned_field_passes_and_the_rest_of_the_line_can_be_read() -> None:
    """Every wrong value in every field of every kind is found, and the fault names the field. What is left without it
    is read, unless the kind cannot do without the field."""
    for name, field, body in poisoned_bodies():
        line = Line(SOME_ID, name, SOME_ID, 1, SOME_ID, SOME_ID, False, body)
        assert line_fault(line) is not None and not kinds()[name].is_valid_body(body), (name, field, body[field])
        assert field in kinds()[name].find_faults(body)
        readable, required = readable_line(line), kinds()[name].body_model.model_fields.get(field)
        if required is not None and required.is_required():
            assert readable is None
        else:
            assert readable == line._replace(body={key: value for key, value in body.items() if key != field})


def test_a_deleted_line_keeps_the_body_it_had() -> None:
    """Whoever deletes a wrong line need not correct it first; where it belongs must be right all the same."""
    wrong = Line(new_id(), "visit", SOME_ID, 1, SOME_ID, SOME_ID, True, {"at": "2026-99-99"})
    assert line_fault(wrong) is None
    astray = wrong._replace(kind="issue_step", body={"issue_id": ["x"]})
    assert line_fault(astray) == Fault("issue_id", "form")


def test_what_belongs_to_a_project_names_it() -> None:
    """A visit or an issue without a project would lie where the whole district reads it; what people share needs
    none."""
    for name, kind in kinds().items():
        line = Line(SOME_ID, name, None, 1, SOME_ID, SOME_ID, False, valid_body(kind))
        expected = Fault("project", "missing") if kind.area_of(line.body) in "pic" else None
        assert line_fault(line) == expected
        assert line_fault(line._replace(deleted=True)) is None


def test_an_officer_is_told_the_field_and_what_is_wrong() -> None:
    """A year typed as 2206 is a sentence that names the field, not a line that breaks a list."""
    with pytest.raises(BadFields) as raised:
        kinds()["issue"].validate({"number": "1", "title": "甲", "kind": "problem", "due": "2206-01-01"})
    assert (raised.value.values["fields"], raised.value.values["problems"]) == ("due", "no_date")


def test_a_fault_is_read_back_from_the_reason_of_a_rejection() -> None:
    """The central's reason is English; a screen finds field and problem in it and says them in its own language."""
    for problem in PROBLEMS:
        assert read_fault(str(Fault("due", problem))) == Fault("due", problem)
    assert read_fault("the line's author is not you") is read_fault(None) is None
