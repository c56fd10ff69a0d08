"""Whom or what a typed word means, for commands that only read: an id, a unique number or a unique name.

The same answers as ``store.registers.people.resolve`` gives to those that write, without loading what writes.
"""

from __future__ import annotations

from collections.abc import Callable

from store.connection import Connection
from store.lines import is_id
from store.queries.names import Nameable, Named, alike, meant
from store.registers.exceptions import NameAmbiguous, NameMistyped, NameUnknown
from tui.words import _

SHOWN = 8
"""Candidates named in a sentence, at most."""


def find_one(connection: Connection, kind: Nameable, text: str) -> str:
    """The id of the line that ``text`` means. Raises `NameUnknown` or `NameAmbiguous`."""
    return _only(meant(connection, kind, text), text, lambda: alike(connection, kind, text))


def find_maybe(connection: Connection, kind: Nameable, text: str | None) -> str | None:
    """As `find_one`, where nothing may have been typed."""
    return None if text is None else find_one(connection, kind, text)


def find_line(connection: Connection, text: str) -> str:
    """The id of any line: an id as it is, or what one issue, project, person or unit goes by."""
    if is_id(text.strip()):
        return text.strip()
    kinds: tuple[Nameable, ...] = ("issue", "project", "person", "unit")
    return _only([one for kind in kinds for one in meant(connection, kind, text)], text, list)


def _only(found: list[Named], text: str, near: Callable[[], list[str]]) -> str:
    if len(found) == 1:
        return found[0].id
    if found:
        more = [f"… (+{len(found) - SHOWN})"] if len(found) > SHOWN else []
        raise NameAmbiguous(text=text, candidates="; ".join([*map(str, found[:SHOWN]), *more]))
    if suggestions := near():
        raise NameMistyped(text=text, suggestions=_(", ").join(f"“{name}”" for name in suggestions))
    raise NameUnknown(text=text)
