"""Saved views of lists: what a person has kept under a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import orjson

from store.db.connection import Connection
from store.queries.name_sql import OWNER_IDS_SQL


class SavedViewRow(NamedTuple):
    """A saved view of the list ``place``. ``choices`` are the filter's values by name, with ``order`` and, where it is
    reversed, ``reverse``."""

    id: str
    place: str
    name: str
    choices: Mapping[str, str]


def saved_views(connection: Connection, place: str | None = None) -> list[SavedViewRow]:
    """Which views has the person of this device saved, of one list or of all? By name."""
    rows = connection.execute(
        f"SELECT id, place, name, coalesce(choices, '[]'), sort FROM saved_view WHERE deleted = 0 "
        f"AND person_id IN ({OWNER_IDS_SQL}) AND coalesce(:place, place) = place ORDER BY place, name, id",
        {"place": place},
    )
    return [
        SavedViewRow(line_id, where, name, choices_of(orjson.loads(stored), sort))
        for line_id, where, name, stored, sort in rows
    ]


def choices_of(stored: list[str], sort: str | None) -> dict[str, str]:
    """The choices of a view from its line's fields; what has another form is left out."""
    pairs = (text.partition("=") for text in stored if isinstance(text, str))
    found = {name: value for name, equals, value in pairs if name and equals and value}
    if sort:
        found |= {"order": sort.removeprefix("-"), **({"reverse": "yes"} if sort.startswith("-") else {})}
    return found
