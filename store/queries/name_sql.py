"""SQL expressions for what people are called and how they are reached."""

from __future__ import annotations

from typing import Literal


def person_name_sql(column: str) -> str:
    """The name of the person whose id is in ``column``: from the person's line, or for the owner of this device from
    its own facts; NULL where neither is here."""
    own = f"(SELECT value FROM meta WHERE key = 'person') = {column}"
    return (
        f"coalesce((SELECT name FROM person WHERE id = {column}), "
        f"(SELECT value FROM meta WHERE key = 'person_name' AND {own}))"
    )


def phone_sql(alias: str, kind: Literal["person", "unit"] = "person") -> str:
    """The phone of the person or unit in the table ``alias``: from the latest of its contact lines, else what an older
    version wrote into the line itself; NULL where none is here."""
    return (
        f"coalesce((SELECT c.phone FROM contact c WHERE c.{kind}_id = {alias}.id AND c.deleted = 0 "
        f"ORDER BY c.stamp DESC, c.device_id DESC LIMIT 1), {alias}.phone)"
    )
