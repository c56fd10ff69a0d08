"""Phones: contact lines, and for who has none the phone that an older version wrote into the line itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import orjson

from store.connection import Connection

Reached = Literal["person", "unit"]


def phone_of(alias: str, kind: Reached = "person") -> str:
    """An SQL expression for the phone of the person or unit in the table ``alias``; NULL where none is known here. Of
    several contact lines the latest counts."""
    return (
        f"coalesce((SELECT c.phone FROM contact c WHERE c.{kind}_id = {alias}.id AND c.deleted = 0 "
        f"ORDER BY c.stamp DESC, c.device_id DESC LIMIT 1), {alias}.phone)"
    )


def phones(connection: Connection, kind: Reached, ids: Iterable[str]) -> dict[str, str]:
    """Which of these people or units have a contact line, and what phone does it say? By id."""
    rows = connection.execute(
        f"SELECT {kind}_id, phone FROM contact WHERE {kind}_id IN (SELECT value FROM json_each(?)) AND deleted = 0 "
        "ORDER BY stamp, device_id",
        (orjson.dumps(list(ids)).decode(),),
    )
    return {row[0]: row[1] for row in rows}
