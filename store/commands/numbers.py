"""Readable numbers of issues, projects and meetings, made offline.

A number is the day and four characters of the line's random id, ``260305-7K2M``, in Crockford's alphabet, which has no
I, L, O or U to mishear.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from store.db.connection import Connection
from store.ledger.line import new_id

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def number_of(line_id: str, day: date) -> str:
    """The number of a line made on ``day``, from the last 20 bits of its id."""
    value = int(line_id[-5:], 16)
    return f"{day:%y%m%d}-" + "".join(_ALPHABET[value >> shift & 31] for shift in (15, 10, 5, 0))


def new_number(connection: Connection, table: Literal["issue", "project"], day: date, now_ms: int) -> tuple[str, str]:
    """A new id and its number, which no line on this device has."""
    while True:
        line_id = new_id(now_ms)
        number = number_of(line_id, day)
        if not connection.execute(f"SELECT 1 FROM {table} WHERE number = ?", (number,)).fetchone():
            return line_id, number
