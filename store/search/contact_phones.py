"""Indexes people and units by the phones in their contact lines, which are lines of their own.

Contact lines have no index entry: the person is indexed as if the phones were a field of the person's own line, so that
a name is listed once, and name and phone together find it too. Whichever of the lines changes, the person is indexed
again; where a contact line leaves the store, its phone leaves the index. A person who was merged into another is found
by the other's entry (``store/search/merged_records.py``), which has the phones of both. Loads the models.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal

import orjson

from store.db.connection import Connection
from store.domain.permissions import CONTACT_OWNER_FIELDS
from store.ledger.kinds import kinds
from store.ledger.line import Line, derived_id
from store.ledger.row_mapping import readable_line_from, select_columns
from store.search.contact_sql import contacts_sql

ContactOwner = Literal["person", "unit"]
OWNER_KINDS: tuple[ContactOwner, ...] = ("person", "unit")
_CONTACT, _PHONE = "contact", "phone"


def contact_id(district: str, owner_id: str) -> str:
    """The id of the contact line with the main phone of a person or unit, derived from their id: two laptops that
    record a phone write the same line, and the later phone wins."""
    return derived_id(district, _CONTACT, owner_id)


def contact_owner_ids(lines: Iterable[Line]) -> set[str]:
    """The ids of the people and units whose contact lines are among ``lines``."""
    owners = (line.body.get(field) for line in lines if line.kind == _CONTACT for field in CONTACT_OWNER_FIELDS)
    return {owner for owner in owners if isinstance(owner, str)}


def with_phones(
    connection: Connection,
    lines_by_kind: Mapping[str, Sequence[Line]],
    removed: Iterable[Line],
    shown: Mapping[ContactOwner, set[str]] = MappingProxyType({}),
) -> dict[str, Sequence[Line]]:
    """The lines, by kind, as they are to be indexed: people and units with their phones, also those whose contact line
    is in ``lines_by_kind`` or among the ``removed``, those whom they stand for, and those ``shown`` otherwise than
    before. Call it when all rows are written."""
    owners = contact_owner_ids([*lines_by_kind.get(_CONTACT, ()), *removed])
    indexed: dict[str, Sequence[Line]] = dict(lines_by_kind)
    for kind in OWNER_KINDS:
        own = {line.id: line for line in lines_by_kind.get(kind, ())}
        concerned = owners | own.keys() | shown.get(kind, set())
        if others := (concerned | _kept(connection, concerned)) - own.keys():
            own |= _lines(connection, kind, others)
        if own:
            numbers = _phones(connection, kind, own)
            indexed[kind] = [_with_phone(line, numbers.get(line.id)) for line in own.values()]
    return indexed


def _kept(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Those who stand for merged ones among these."""
    query = "SELECT kept_id FROM merged_id WHERE id IN (SELECT value FROM json_each(?))"
    return {row[0] for row in connection.execute(query, (orjson.dumps(sorted(ids)).decode(),))}


def _lines(connection: Connection, kind: ContactOwner, ids: Iterable[str]) -> dict[str, Line]:
    rows = connection.execute(
        f"SELECT {select_columns(kinds()[kind])} FROM {kind} WHERE id IN (SELECT value FROM json_each(?))",
        (orjson.dumps(sorted(ids)).decode(),),
    )
    return {row[0]: readable_line_from(kinds()[kind], row) for row in rows}


def _phones(connection: Connection, kind: ContactOwner, ids: Iterable[str]) -> dict[str, str]:
    """The phones of these people or units, by id, where they have a contact line: the main one first, as
    `store.queries.name_sql.phone_sql` has it, then the others, also of those merged into them."""
    rows = connection.execute(contacts_sql(kind), {"ids": orjson.dumps(list(ids)).decode()})
    phones: dict[str, dict[str, None]] = defaultdict(dict)
    for kept, phone, *_rest in rows:
        phones[kept][phone] = None
    return {kept: " ".join(numbers) for kept, numbers in phones.items()}


def _with_phone(line: Line, phone: str | None) -> Line:
    return line if phone is None else line._replace(body={**line.body, _PHONE: phone})
