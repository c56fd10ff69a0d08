"""Who or what does a person mean? Projects, people, units, issues, meetings … by id, number or name (contract.md).

Tried in this order, and the first that fits anything decides: the id, the whole number, the whole name, a part of the
name or number. Names compare as `store.values.text.normal_name` has them, so spaces and widths never matter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from store.db.connection import Connection
from store.ledger.line import is_id
from store.queries.phones import phone_of
from store.values.text import normal_name, normal_phone

Nameable = Literal["project", "person", "unit", "issue", "policy", "training", "meeting"]
_KNOWN: dict[Nameable, str] = {
    "project": "SELECT id, name, number, NULL FROM project WHERE deleted = 0",
    "person": f"SELECT n.id AS id, n.name, {phone_of('n')}, u.name FROM person n LEFT JOIN unit u ON u.id = n.unit_id "
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
class Named:
    """Something that has a name. ``number`` is a project's or issue's number or a person's phone; ``hint`` what tells
    namesakes apart: a person's unit, a unit's kind."""

    id: str
    name: str
    number: str | None
    hint: str | None

    def __str__(self) -> str:
        """The name with what tells it from its namesakes."""
        apart = [part for part in (self.number, self.hint) if part]
        return f"{self.name} ({', '.join(apart or [self.id])})"


def known(connection: Connection, kind: Nameable) -> list[Named]:
    """Which lines of this kind have a name?"""
    return [Named(*row) for row in connection.execute(_KNOWN[kind] + " ORDER BY 2, 1")]


def meant(connection: Connection, kind: Nameable, text: str) -> list[Named]:
    """Which lines can ``text`` mean? One is an answer, several are candidates, none is unknown."""
    text = text.strip()
    if is_id(text):
        return [Named(*row) for row in connection.execute(f"SELECT * FROM ({_KNOWN[kind]}) WHERE id = ?", (text,))]
    return choose(known(connection, kind), text)


def choose(among: list[Named], text: str) -> list[Named]:
    """Those of ``among`` that ``text`` can mean, by the first way of naming that fits any."""
    typed = normal_name(text)
    if not typed:
        return []
    numbered = [one for one in among if one.number and _same_number(one.number, text)]
    return (
        numbered
        or [one for one in among if normal_name(one.name) == typed]
        or [one for one in among if typed in normal_name(one.name)]
        or [one for one in among if one.number and typed in normal_name(one.number)]
    )


def alike(connection: Connection, kind: Nameable, text: str) -> list[str]:
    """Which names look like this one? For “did you mean”."""
    from difflib import get_close_matches  # noqa: PLC0415 - only who mistypes waits for it

    names = {normal_name(word): word for one in known(connection, kind) for word in (one.name, one.number) if word}
    return [names[near] for near in get_close_matches(normal_name(text), names, _SUGGESTIONS, 0.5)]


def phone_key(phone: str) -> str:
    """A phone as it is compared: its digits, without China's own prefix before a mobile's number."""
    digits = normal_phone(phone).removeprefix("+")
    return digits[2:] if len(digits) == 13 and digits.startswith("861") else digits


def rings(number: str | None, text: str) -> bool:
    """Whether ``text`` is a phone, and ``number`` the same one. Numbers with letters in them are no phones."""
    if number is None or _PHONE.fullmatch(text) is None or _PHONE.fullmatch(number) is None:
        return False
    return phone_key(number) == phone_key(text)


def _same_number(number: str, text: str) -> bool:
    return normal_name(number) == normal_name(text) or rings(number, text)
