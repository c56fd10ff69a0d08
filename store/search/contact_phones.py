"""Indexes people and units by the phone in their contact line, which is a line of its own.

Contact lines have no index entry: the person is indexed as if the phone were a field of the person's own line, so that
a name is listed once, and name and phone together find it too. Whichever of the two lines changes, the person is
indexed again; where the contact line leaves the store, the phone leaves the index. Loads the models.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import orjson

from store.db.connection import Connection
from store.ledger.kinds import kinds
from store.ledger.line import Line, derived_id
from store.ledger.row_mapping import readable_line_from, select_columns

ContactOwner = Literal["person", "unit"]
_OWNER_KINDS: tuple[ContactOwner, ...] = ("person", "unit")
_CONTACT, _PHONE = "contact", "phone"


def contact_id(district: str, owner_id: str) -> str:
    """The id of the contact line of a person or unit, derived from their id: two laptops that record a phone write the
    same line, and the later phone wins."""
    return derived_id(district, _CONTACT, owner_id)


def contact_owner_ids(lines: Iterable[Line]) -> dict[ContactOwner, set[str]]:
    """The ids of the people and units whose contact lines are among ``lines``."""
    found: dict[ContactOwner, set[str]] = defaultdict(set)
    for line in lines:
        if line.kind == _CONTACT:
            for kind in _OWNER_KINDS:
                if isinstance(owner_id := line.body.get(f"{kind}_id"), str):
                    found[kind].add(owner_id)
    return found


def with_phones(
    connection: Connection, lines_by_kind: Mapping[str, Sequence[Line]], removed: Iterable[Line]
) -> dict[str, Sequence[Line]]:
    """The lines, by kind, as they are to be indexed: people and units with their phones, also those whose contact line
    is in ``lines_by_kind`` or among the ``removed``. Call it when all rows are written."""
    owners = contact_owner_ids([*lines_by_kind.get(_CONTACT, ()), *removed])
    indexed: dict[str, Sequence[Line]] = dict(lines_by_kind)
    for kind in _OWNER_KINDS:
        own = {line.id: line for line in lines_by_kind.get(kind, ())}
        if others := owners[kind] - own.keys():
            own |= _lines(connection, kind, others)
        if own:
            numbers = _phones(connection, kind, own)
            indexed[kind] = [_with_phone(line, numbers.get(line.id)) for line in own.values()]
    return indexed


def _lines(connection: Connection, kind: ContactOwner, ids: Iterable[str]) -> dict[str, Line]:
    rows = connection.execute(
        f"SELECT {select_columns(kinds()[kind])} FROM {kind} WHERE id IN (SELECT value FROM json_each(?))",
        (orjson.dumps(sorted(ids)).decode(),),
    )
    return {row[0]: readable_line_from(kinds()[kind], row) for row in rows}


def _phones(connection: Connection, kind: ContactOwner, ids: Iterable[str]) -> dict[str, str]:
    """The phones of these people or units, by id, where they have a contact line; of several the latest counts, as in
    `store.queries.name_sql.phone_sql`."""
    rows = connection.execute(
        f"SELECT {kind}_id, phone FROM contact WHERE {kind}_id IN (SELECT value FROM json_each(?)) AND deleted = 0 "
        "ORDER BY stamp, device_id",
        (orjson.dumps(list(ids)).decode(),),
    )
    return {row[0]: row[1] for row in rows}


def _with_phone(line: Line, phone: str | None) -> Line:
    return line if phone is None else line._replace(body={**line.body, _PHONE: phone})
