"""Names in the place of ids, wherever a line is shown by its fields."""

from __future__ import annotations

from store.commands import address_book, stand_ins
from store.commands.people import Newcomers
from store.ledger.kinds import kinds
from store.queries.referenced_names import ATTACHED_FIELD, EITHER_FIELDS, REFERENCE_FIELDS, referenced_names
from tests.store.queries.sample import Sample

OF_THE_ENVELOPE = {"device_id", "author_id"}
NOT_SHOWN = {"source_id", "approval_id", "request_id"}


def test_every_field_with_ids_is_told_by_names() -> None:
    """Each field of each kind that holds ids is among those whose names are looked up: the departments beside the
    leading one, for whom somebody stands in and in whose place a line was written included."""
    fields = {field for kind in kinds().values() for field in kind.model.model_fields}
    ids = {field for field in fields if field.endswith(("_id", "_ids", "_of"))} - OF_THE_ENVELOPE - NOT_SHOWN
    assert ids - {*REFERENCE_FIELDS, *EITHER_FIELDS, ATTACHED_FIELD} == set()


def test_people_of_merges_and_stand_ins_have_their_names(district: Sample) -> None:
    """Both sides of a stand-in, of a merge of people and of one of units, and what a file is attached to."""
    person, other = (Newcomers(district.connection).person(name) for name in ("甲建国", "乙卫东"))
    stand_ins.add(district.ledger, principal=person, by=other, until="+3")
    unit = address_book.add(district.ledger, "unit", "新邱区住建局").id
    with_file = address_book.add(district.ledger, "unit", "新邱区水务局").id
    bodies: list[dict[str, object]] = [
        {"for_id": person, "acting_for_id": other}, {"what": "unit", "from_id": unit}, {"with_ids": [unit]},
        {"what": "person", "first_id": person, "second_id": other},
        {"of_kind": "unit", "of_id": with_file}, {"of_kind": "visit", "of_id": "none"},
    ]  # fmt: skip
    named = {person: "甲建国", other: "乙卫东", unit: "新邱区住建局", with_file: "新邱区水务局"}
    assert referenced_names(district.connection, bodies) == named
