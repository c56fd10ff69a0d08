"""Resolves a typed name to the one line that it means. Light: reading commands load this and no other write command."""

from __future__ import annotations

from store.commands.exceptions import NameAmbiguous, NameMistyped, NameUnknown
from store.db.connection import Connection
from store.queries.name_lookup import NamedKind, NamedLine, find_by_name, similar_names

_MAX_CANDIDATES = 8


def resolve(connection: Connection, kind: NamedKind, text: str) -> NamedLine:
    """The one line that ``text`` means, by id, number, name or part of a name. Raises `NameUnknown` (`NameMistyped`
    where a name is much like it) or `NameAmbiguous`."""
    found = find_by_name(connection, kind, text)
    if len(found) == 1:
        return found[0]
    if found:
        raise ambiguous_name(text, found)
    near = similar_names(connection, kind, text)
    if near:
        raise NameMistyped(text=text, suggestions="、".join(f"“{name}”" for name in near))
    raise NameUnknown(text=text)


def ambiguous_name(text: str, candidates: list[NamedLine]) -> NameAmbiguous:
    """The error that lists the first candidates."""
    more = [f"… (+{len(candidates) - _MAX_CANDIDATES})"] if len(candidates) > _MAX_CANDIDATES else []
    return NameAmbiguous(text=text, candidates="; ".join([*map(str, candidates[:_MAX_CANDIDATES]), *more]))
