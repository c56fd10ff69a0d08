"""The names of the lines that the body of a line mentions by id, so that people never read an id for a name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import get_args

from store.db.connection import Connection
from store.queries.name_lookup import NamedKind, find_by_name

REFERENCE_FIELDS: dict[str, NamedKind] = {
    "person_id": "person",
    "contact_id": "person",
    "project_id": "project",
    "owner_id": "person",
    "unit_id": "unit",
    "department_id": "unit",
    "issue_id": "issue",
    "merged_into": "issue",
    "issues_raised": "issue",
    "issues_moved": "issue",
    "issues": "issue",
    "chair_id": "person",
    "handler_id": "person",
    "organiser_id": "unit",
    "departments": "unit",
    "policy_id": "policy",
    "training_id": "training",
    "meeting_id": "meeting",
    "with_ids": "unit",
    "for_id": "person",
    "acting_for_id": "person",
    "further_of": "person",
}
"""The fields of bodies that hold ids, with the kind of line that each means."""
EITHER_FIELDS = ("from_id", "into_id", "first_id", "second_id")
"""The fields of merges and distinctions; the body says ``what`` they mean."""
ATTACHED_FIELD = "of_id"
"""The field of a file's line; the body says ``of_kind`` it means. What has no name of its own is told otherwise."""


def referenced_names(connection: Connection, bodies: Iterable[Mapping[str, object]]) -> dict[str, str]:
    """What are the names of the lines whose ids these bodies hold? By id."""
    names: dict[str, str] = {}
    for body in bodies:
        for field, kind in _fields_of(body):
            value = body.get(field)
            for line_id in value if isinstance(value, list) else [value] if value else []:
                if line_id not in names:
                    matches = find_by_name(connection, kind, str(line_id))
                    names.update({str(line_id): match.name for match in matches})
    return names


def _fields_of(body: Mapping[str, object]) -> Iterator[tuple[str, NamedKind]]:
    yield from REFERENCE_FIELDS.items()
    kind: NamedKind = "unit" if body.get("what") == "unit" else "person"
    yield from ((field, kind) for field in EITHER_FIELDS)
    yield from ((ATTACHED_FIELD, named) for named in get_args(NamedKind) if named == body.get("of_kind"))
