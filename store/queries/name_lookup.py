"""Finds the lines that a typed text can mean: projects, people, units, issues … by id, number or name (contract.md).

Tried in this order, and the first way that matches anything decides: the id, the whole number, the whole name, a part
of the name or number. Names compare by `store.values.text.normalize_name`, so spaces and widths never matter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from store.db.connection import Connection
from store.ledger.line import is_id
from store.queries.name_sql import phone_sql
from store.values.text import normalize_name, phone_key

NamedKind = Literal["project", "person", "unit", "issue", "policy", "training", "meeting"]
_KNOWN: dict[NamedKind, str] = {
    "project": "SELECT id, name, number, NULL FROM project WHERE deleted = 0",
    "person": f"SELECT n.id AS id, n.name, {phone_sql('n')}, u.name FROM person n LEFT JOIN unit u ON u.id = n.unit_id "
    "WHERE n.deleted = 0",
    "unit": "SELECT id, name, NULL, kind FROM unit WHERE deleted = 0",
    "issue": "SELECT id, title, number, NULL FROM issue WHERE deleted = 0",
    "policy": "SELECT id, title AS name, number, issuer FROM policy WHERE deleted = 0",
    "training": "SELECT id, title AS name, NULL, substr(at, 1, 10) FROM training WHERE deleted = 0",
    "meeting": "SELECT id, title AS name, number, substr(at, 1, 10) FROM meeting WHERE deleted = 0",
}
_SUGGESTIONS = 3
_PHONE = re.compile(r"\s*\+?(?:[\s()（）转-]*\d){7,20}\s*")


@dataclass(frozen=True, slots=True)
class NamedLine:
    """A line with a name. ``number`` is a project's or issue's number or a person's phone; ``hint`` distinguishes
    namesakes: a person's unit, a unit's kind."""

    id: str
    name: str
    number: str | None
    hint: str | None

    def __str__(self) -> str:
        """The name with number and hint, which distinguish it from its namesakes; with the id where it has neither."""
        details = [part for part in (self.number, self.hint) if part]
        return f"{self.name} ({', '.join(details or [self.id])})"


def list_named(connection: Connection, kind: NamedKind) -> list[NamedLine]:
    """Which lines of this kind have a name?"""
    return [NamedLine(*row) for row in connection.execute(_KNOWN[kind] + " ORDER BY 2, 1")]


def find_by_name(connection: Connection, kind: NamedKind, text: str) -> list[NamedLine]:
    """Which lines can ``text`` mean? Several are candidates; none: the name is unknown."""
    text = text.strip()
    if is_id(text):
        return [NamedLine(*row) for row in connection.execute(f"SELECT * FROM ({_KNOWN[kind]}) WHERE id = ?", (text,))]
    return filter_by_name(list_named(connection, kind), text)


def filter_by_name(lines: list[NamedLine], text: str) -> list[NamedLine]:
    """The lines that ``text`` can mean, by the first way of naming that matches any."""
    typed = normalize_name(text)
    if not typed:
        return []
    numbered = [line for line in lines if line.number and _same_number(line.number, text)]
    return (
        numbered
        or [line for line in lines if normalize_name(line.name) == typed]
        or [line for line in lines if typed in normalize_name(line.name)]
        or [line for line in lines if line.number and typed in normalize_name(line.number)]
    )


def similar_names(connection: Connection, kind: NamedKind, text: str) -> list[str]:
    """Which names are similar to this one? For “did you mean”."""
    from difflib import get_close_matches  # noqa: PLC0415 - loaded only for a mistyped name

    names = {
        normalize_name(name): name for line in list_named(connection, kind) for name in (line.name, line.number) if name
    }
    return [names[near] for near in get_close_matches(normalize_name(text), names, _SUGGESTIONS, 0.5)]


def is_same_phone(number: str | None, text: str) -> bool:
    """Whether ``text`` is a phone, and ``number`` the same one. Numbers with letters in them are no phones."""
    if number is None or _PHONE.fullmatch(text) is None or _PHONE.fullmatch(number) is None:
        return False
    return phone_key(number) == phone_key(text)


def _same_number(number: str, text: str) -> bool:
    return normalize_name(number) == normalize_name(text) or is_same_phone(number, text)
