"""Phones: contact lines, and for who has none the phone that an older version wrote into the line itself."""

from __future__ import annotations

from typing import Literal


def phone_sql(alias: str, kind: Literal["person", "unit"] = "person") -> str:
    """An SQL expression for the phone of the person or unit in the table ``alias``; NULL where none is known here. Of
    several contact lines the latest counts."""
    return (
        f"coalesce((SELECT c.phone FROM contact c WHERE c.{kind}_id = {alias}.id AND c.deleted = 0 "
        f"ORDER BY c.stamp DESC, c.device_id DESC LIMIT 1), {alias}.phone)"
    )
