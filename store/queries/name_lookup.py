"""Finds the lines that a typed text can mean: projects, people, units, issues … by id, number or name (contract.md).

Tried in this order, and the first way that matches anything decides: the id, the whole number, the whole name, a part
of the name or number. Names compare by `store.values.text.normalize_name`, so spaces and widths never matter.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Literal

import orjson

from store.db.connection import Connection
from store.ledger.line import is_id
from store.queries.name_sql import kept_id_sql, phone_sql
from store.values.text import normalize_name, phone_key

NamedKind = Literal["project", "person", "unit", "issue", "policy", "training", "meeting"]
_KNOWN: dict[NamedKind, str] = {
    "project": "SELECT id, name, number, NULL FROM project WHERE deleted = 0",
    "person": f"SELECT n.id AS id, n.name, {phone_sql('n')}, u.name FROM person n "
    f"LEFT JOIN unit u ON u.id = {kept_id_sql('n.unit_id')} WHERE n.deleted = 0 "
    "AND n.id NOT IN (SELECT id FROM merged_id)",
    "unit": "SELECT id, name, NULL, kind FROM unit WHERE deleted = 0 AND id NOT IN (SELECT id FROM merged_id)",
    "issue": "SELECT id, title, number, NULL FROM issue WHERE deleted = 0",
    "policy": "SELECT id, title AS name, number, issuer FROM policy WHERE deleted = 0",
    "training": "SELECT id, title AS name, NULL, substr(at, 1, 10) FROM training WHERE deleted = 0",
    "meeting": "SELECT id, title AS name, number, substr(at, 1, 10) FROM meeting WHERE deleted = 0",
}
_FORMER: dict[NamedKind, str] = {
    "person": f"SELECT m.kept_id, n.name FROM merged_id m JOIN person n ON n.id = m.id UNION ALL "
    f"SELECT m.kept_id, {phone_sql('n')} AS number FROM merged_id m JOIN person n ON n.id = m.id "
    "WHERE number IS NOT NULL UNION ALL SELECT coalesce(m.kept_id, c.further_of), c.phone FROM contact c "
    "LEFT JOIN merged_id m ON m.id = c.further_of WHERE c.further_of IS NOT NULL AND c.deleted = 0",
    "unit": "SELECT m.kept_id, u.name FROM merged_id m JOIN unit u ON u.id = m.id",
}
"""What else people and units are known by: names and phones of records merged into them, and further phones."""
_NAMES: dict[NamedKind, str] = {
    kind: f"SELECT id, name FROM {kind} WHERE deleted = 0 UNION ALL "
    f"SELECT m.kept_id, n.name FROM merged_id m JOIN {kind} n ON n.id = m.id"
    for kind in _FORMER
}
_PHONES = (
    "SELECT coalesce(m.kept_id, p.owner), p.phone FROM (SELECT coalesce(person_id, further_of) AS owner, phone "
    "FROM contact WHERE deleted = 0 UNION ALL SELECT id, phone FROM person WHERE phone IS NOT NULL) p "
    "LEFT JOIN merged_id m ON m.id = p.owner WHERE p.owner IS NOT NULL"
)
_SUGGESTIONS = 3
_PHONE = re.compile(r"\s*\+?(?:[\s()（）转-]*\d){7,20}\s*")


@dataclass(frozen=True, slots=True)
class NamedLine:
    """A line with a name. ``number`` is a project's or issue's number or a person's phone; ``hint`` distinguishes
    namesakes: a person's unit, a unit's kind. ``former`` are names and phones of records that were merged into it."""

    id: str
    name: str
    number: str | None
    hint: str | None
    former: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The name with number and hint, which distinguish it from its namesakes; with the id where it has neither."""
        details = [part for part in (self.number, self.hint) if part]
        return f"{self.name} ({', '.join(details or [self.id])})"

    @property
    def names(self) -> tuple[str, ...]:
        """All names under which the line is known."""
        return (
            (self.name, *(text for text in self.former if not _PHONE.fullmatch(text))) if self.former else (self.name,)
        )

    def goes_by(self, typed: str) -> bool:
        """Whether a normalized name is one of the line's, also as lists tell it from namesakes: 王伟（住建局…1111）."""
        if any(normalize_name(name) == typed for name in self.names):
            return True
        if not typed.endswith(")"):
            return False
        digits = f"…{phone_key(self.number)[-4:]}" if self.number and _PHONE.fullmatch(self.number) else ""
        return normalize_name(f"{self.name}({self.hint or ''}{digits})") == typed

    @property
    def phones(self) -> tuple[str, ...]:
        """All numbers under which the line is known."""
        return (*filter(None, [self.number]), *(text for text in self.former if _PHONE.fullmatch(text)))


def list_named(connection: Connection, kind: NamedKind) -> list[NamedLine]:
    """Which lines of this kind have a name? A record that was merged into another is none; its name and phone are among
    what the other is known by."""
    lines = [NamedLine(*row) for row in connection.execute(_KNOWN[kind] + " ORDER BY 2, 1")]
    return _with_former(lines, _former_texts(connection, kind)) if kind in _FORMER else lines


def find_by_name(connection: Connection, kind: NamedKind, text: str) -> list[NamedLine]:
    """Which lines can ``text`` mean? Several are candidates; none: the name is unknown."""
    text = text.strip()
    if is_id(text):
        wanted = kept_id_sql("?1") if kind in _FORMER else "?1"
        query = f"SELECT * FROM ({_KNOWN[kind]}) WHERE id = {wanted}"
        return [NamedLine(*row) for row in connection.execute(query, (text,))]
    lines = KnownNames(connection, kind).lines_like(text) if kind in _FORMER else list_named(connection, kind)
    return filter_by_name(lines, text)


class KnownNames:
    """The names of all people or units, and the phones where one is asked for, without the rest of their lines: a name
    is found in a fifth of the time that listing everybody takes. ``kind`` is ``person`` or ``unit``."""

    def __init__(self, connection: Connection, kind: NamedKind) -> None:
        self._connection, self._kind = connection, kind
        self._names: dict[str, list[str]] = defaultdict(list)
        for line_id, name in connection.execute(_NAMES[kind]):
            self._names[normalize_name(name)].append(line_id)
        self._phones: list[tuple[str, str]] | None = None if kind == "person" else []
        self._former: dict[str, dict[str, None]] | None = None

    def lines_like(self, text: str) -> list[NamedLine]:
        """The lines among which are all that ``text`` can mean (`filter_by_name`): those with it in a name, or with a
        name at its beginning; those with it in a phone, where it has digits or is in no name."""
        typed = normalize_name(text)
        bracket = typed.endswith(")")  # 王伟（住建局…1111）
        ids = {
            line_id
            for name, named in self._names.items()
            if typed in name or (bracket and typed.startswith(name))
            for line_id in named
        }
        if not ids or any(sign.isdigit() for sign in typed):
            ids |= {owner for owner, phone in self._all_phones() if _same_number(phone, text, typed) or typed in phone}
        return self._lines(ids) if typed and ids else []

    def _all_phones(self) -> list[tuple[str, str]]:
        if self._phones is None:
            self._phones = [(owner, normalize_name(phone)) for owner, phone in self._connection.execute(_PHONES)]
        return self._phones

    def _lines(self, ids: set[str]) -> list[NamedLine]:
        query = f"SELECT * FROM ({_KNOWN[self._kind]}) WHERE id IN (SELECT value FROM json_each(?))"
        rows = self._connection.execute(query, (orjson.dumps(sorted(ids)).decode(),))
        lines = sorted((NamedLine(*row) for row in rows), key=lambda line: (line.name, line.id))  # in SQL it reads all
        if self._former is None:
            self._former = _former_texts(self._connection, self._kind)
        return _with_former(lines, self._former)


def filter_by_name(lines: list[NamedLine], text: str) -> list[NamedLine]:
    """The lines that ``text`` can mean, by the first way of naming that matches any."""
    typed = normalize_name(text)
    if not typed:
        return []
    return (
        [line for line in lines if any(_same_number(number, text, typed) for number in line.phones)]
        or [line for line in lines if line.goes_by(typed)]
        or [line for line in lines if any(typed in normalize_name(name) for name in line.names)]
        or [line for line in lines if any(typed in normalize_name(number) for number in line.phones)]
    )


def _former_texts(connection: Connection, kind: NamedKind) -> dict[str, dict[str, None]]:
    """What else people or units are known by, by id."""
    former: dict[str, dict[str, None]] = defaultdict(dict)
    for kept, text in connection.execute(_FORMER[kind]):
        former[kept][text] = None
    return former


def _with_former(lines: list[NamedLine], former: dict[str, dict[str, None]]) -> list[NamedLine]:
    return [replace(line, former=tuple(former[line.id])) if line.id in former else line for line in lines]


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


def _same_number(number: str, text: str, typed: str) -> bool:
    return normalize_name(number) == typed or is_same_phone(number, text)
