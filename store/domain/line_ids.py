"""Which ids follow from names, and whether a line's id follows from its own content.

Ids derived from natural keys (`store.ledger.line.derived_id`) let two laptops that record the same thing offline write
one line. Whoever knows the names knows such an id before its line exists, so an id alone proves nothing: a line under
an id that does not follow from its kind, its place and its content must never block the line whose id it is
(``sync/central/writes/merge_batch.py``). Ids of UUID version 7 are random; nobody knows them beforehand. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum

from store.domain.registers import REGISTERS
from store.ledger.kind_facts import kind_facts
from store.ledger.line import Body, Line, derived_id
from store.values.text import normalize_name

Key = tuple[str, ...]
_DERIVED_VERSION = "8"
_MAX_ORDINAL = 99
"""Imports number lines of the same key (``#2`` …); so many are tried."""


class IdClaim(IntEnum):
    """What a line's id says of it: it cannot be its own, it may be, or it follows from the line itself."""

    NONE = 0
    OPEN = 1
    PROVEN = 2


def id_claim(district: str, line: Line) -> IdClaim:
    """Whether a line may have its id. A derived id may differ from what the line says today where the key can be
    edited (names) or is not part of the line (people); of a kind that this version does not know anything may be."""
    if line.id[14] != _DERIVED_VERSION:
        return IdClaim.OPEN
    if line.id in _derived(district, line):
        return IdClaim.PROVEN
    return IdClaim.OPEN if line.kind in _OPEN_KINDS or line.kind not in kind_facts() else IdClaim.NONE


def _derived(district: str, line: Line) -> set[str]:
    """The ids that follow from what the line says, with every ordinal."""
    if line.kind == "meeting":
        return {derived_id("meeting", str(line.body.get("session")), str(line.project))}
    key_of = _KEYS.get(line.kind)
    if key_of is None:
        return set()
    keys = key_of(line.project or "", line.body)
    ids = {derived_id(district, line.kind, *keys)}
    if line.id not in ids and line.kind in _NUMBERED_KINDS:
        ids |= {derived_id(district, line.kind, *keys, f"#{n}") for n in range(2, _MAX_ORDINAL + 1)}
    return ids


def _named(_project: str, body: Body) -> Key:
    return (normalize_name(str(body.get("name", ""))),)


def _by_fields(*names: str) -> Callable[[str, Body], Key]:
    return lambda _project, body: tuple(str(body.get(name, "")) for name in names)


def _owner(_project: str, body: Body) -> Key:
    return (str(body.get("person_id") or body.get("unit_id")),)


def _assigned(project: str, body: Body) -> Key:
    return project, str(body.get("role")), str(body.get("person_id") or body.get("unit_id"))


def _register_key(names: tuple[str, ...]) -> Callable[[str, Body], Key]:
    return lambda project, body: (project, *(str(body.get(name, "")) for name in names))


_KEYS: Mapping[str, Callable[[str, Body], Key]] = {
    "unit": _named,
    "project": _named,
    "contact": _owner,
    "assignment": _assigned,
    "district_limit": _by_fields("name"),
    "holiday_year": _by_fields("year"),
    "merge": _by_fields("from_id"),
    "distinction": _by_fields("first_id", "second_id"),
    "erasure": _by_fields("person_id"),
    "attendance": _by_fields("training_id", "person_id"),
    "close_out": _by_fields("approval_id"),
    "column_meaning": _by_fields("ledger", "heading"),
    "saved_view": _by_fields("person_id", "place", "name"),
    "reminder_device": _by_fields("person_id"),
    **{
        register.kind: _register_key(tuple(register.field(name).body_name for name in register.key if name))
        for register in REGISTERS.values()
        if register.key
    },
}
"""The parts of the id of each kind that has derived ids, after district and kind."""
_NUMBERED_KINDS = frozenset({"unit", "project", "assignment"})
_OPEN_KINDS = frozenset({*_NUMBERED_KINDS, "person"})
