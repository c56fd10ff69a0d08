"""Who wrote a line, as a name: the person's line, or for one's own lines what this device knows of its owner."""

from __future__ import annotations


def person_name_sql(column: str) -> str:
    """An SQL expression for the name of the person whose id is in ``column``; NULL where nobody here knows them."""
    mine = f"(SELECT value FROM meta WHERE key = 'person') = {column}"
    return (
        f"coalesce((SELECT name FROM person WHERE id = {column}), "
        f"(SELECT value FROM meta WHERE key = 'person_name' AND {mine}))"
    )
