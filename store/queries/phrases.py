"""Phrases: what is offered in text fields."""

from __future__ import annotations

from typing import NamedTuple

from store.db.connection import Connection
from store.queries.name_sql import OWNER_IDS_SQL


class PhraseRow(NamedTuple):
    """A phrase; ``own``: of the person whose device this is, else of the whole district."""

    id: str
    text: str
    own: bool


def phrases(connection: Connection) -> list[PhraseRow]:
    """Which phrases has this person, and which has the district? The own ones first, each by their text."""
    rows = connection.execute(
        f"SELECT id, text, person_id IS NOT NULL FROM phrase WHERE deleted = 0 "
        f"AND (person_id IS NULL OR person_id IN ({OWNER_IDS_SQL})) ORDER BY person_id IS NULL, text, id"
    )
    return [PhraseRow(line_id, text, bool(own)) for line_id, text, own in rows]
