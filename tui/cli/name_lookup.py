"""The line that a typed name means: of one kind, optional, or of any kind."""

from __future__ import annotations

from store.commands.exceptions import NameUnknown
from store.commands.resolve import ambiguous_name, resolve
from store.db.connection import Connection
from store.ledger.line import is_id
from store.queries.name_lookup import NamedKind, find_by_name


def find_one(connection: Connection, kind: NamedKind, text: str) -> str:
    """The id of the line that ``text`` means. Raises `NameUnknown` or `NameAmbiguous`."""
    return resolve(connection, kind, text).id


def find_maybe(connection: Connection, kind: NamedKind, text: str | None) -> str | None:
    """As `find_one`, where nothing may have been typed."""
    return None if text is None else find_one(connection, kind, text)


def find_line(connection: Connection, text: str) -> str:
    """The id of any line: an id as it is, or what one issue, project, person or unit goes by."""
    if is_id(text.strip()):
        return text.strip()
    kinds: tuple[NamedKind, ...] = ("issue", "project", "person", "unit")
    found = [one for kind in kinds for one in find_by_name(connection, kind, text)]
    if len(found) > 1:
        raise ambiguous_name(text, found)
    if not found:
        raise NameUnknown(text=text)
    return found[0].id
