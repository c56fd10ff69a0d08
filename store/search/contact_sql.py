"""The SELECT of all phones of people or units, shared by the index and the queries. Loads no model."""

from __future__ import annotations

from typing import Literal

ALL_IDS = (
    "wanted AS (SELECT value AS id, value AS kept FROM json_each(:ids) UNION ALL "
    "SELECT m.id, m.kept_id FROM merged_id m WHERE m.kept_id IN (SELECT value FROM json_each(:ids)))"
)
"""A common table of those whose ids the parameter ``:ids`` lists, with the ids of the records merged into each."""


def contacts_sql(kind: Literal["person", "unit"]) -> str:
    """The contact lines of those whose ids ``:ids`` lists: owner, phone, label, whether it is the owner's main phone,
    and the line's id. Of each owner the main phone comes first, then the further ones, then those of merged records."""
    return (
        f"WITH {ALL_IDS} SELECT w.kept, c.phone, c.label, c.further_of IS NULL AND w.id = w.kept, c.id "
        f"FROM wanted w JOIN contact c ON (c.{kind}_id = w.id OR c.further_of = w.id) WHERE c.deleted = 0 "
        f"ORDER BY w.kept, w.id <> w.kept, c.{kind}_id IS NULL, c.stamp DESC, c.device_id DESC"
    )
