"""The one line that a person means by what they typed. Light: commands that only read load this and no more."""

from __future__ import annotations

from store.commands.exceptions import NameAmbiguous, NameMistyped, NameUnknown
from store.db.connection import Connection
from store.queries.names import Nameable, Named, alike, meant

_SHOWN = 8


def resolve(connection: Connection, kind: Nameable, text: str) -> Named:
    """The one line that ``text`` means, by id, number, name or part of a name. Raises `NameUnknown` (`NameMistyped`
    where a name is much like it) or `NameAmbiguous`."""
    found = meant(connection, kind, text)
    if len(found) == 1:
        return found[0]
    if found:
        raise ambiguous(text, found)
    near = alike(connection, kind, text)
    if near:
        raise NameMistyped(text=text, suggestions="、".join(f"“{name}”" for name in near))
    raise NameUnknown(text=text)


def ambiguous(text: str, candidates: list[Named]) -> NameAmbiguous:
    """The error that lists the candidates, the first few of them."""
    more = [f"… (+{len(candidates) - _SHOWN})"] if len(candidates) > _SHOWN else []
    return NameAmbiguous(text=text, candidates="; ".join([*map(str, candidates[:_SHOWN]), *more]))
