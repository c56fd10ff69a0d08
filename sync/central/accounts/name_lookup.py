"""Names to ids: what whoever runs the central types (a project's number, a department's name) as the ledger has it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import Connection, or_, select

from store.ledger.buckets import DISTRICT, Area
from store.ledger.line import is_id
from store.values.text import normalize_name
from sync.central.db.tables import ACCOUNT, BUCKET, DEVICE, LINE
from sync.central.exceptions import AmbiguousName, UnknownName


def project_id(connection: Connection, district: str, name: str) -> str:
    """A project by id, number or name. An id is taken as it is: its line may still be on its way."""
    if is_id(name):
        return name
    heads = select(BUCKET.c.project).where(BUCKET.c.district == district, BUCKET.c.area == str(Area.HEAD))
    lines = select(LINE.c.id, LINE.c.wire).where(LINE.c.district == district, LINE.c.id.in_(heads))
    return _unique_match("project", name, _matching_lines(connection.execute(lines), name, ("number", "name")))


def department_id(connection: Connection, district: str, name: str) -> str:
    """A department by the id or name of its unit."""
    if is_id(name):
        return name
    lines = select(LINE.c.id, LINE.c.wire).where(
        LINE.c.district == district, LINE.c.bucket == DISTRICT, LINE.c.kind == "unit"
    )
    return _unique_match("department", name, _matching_lines(connection.execute(lines), name, ("name",)))


def unclaimed_person(connection: Connection, district: str, name: str) -> str | None:
    """The one person of this name whom the ledger knows and no account is yet; None when there is none, or several."""
    taken = select(ACCOUNT.c.person).where(ACCOUNT.c.district == district)
    lines = select(LINE.c.id, LINE.c.wire).where(
        LINE.c.district == district, LINE.c.kind == "person", LINE.c.id.not_in(taken), ~LINE.c.damaged
    )
    found = _matching_lines(connection.execute(lines), name, ("name",))
    return str(found[0][0]) if len(found) == 1 else None


def account_id(connection: Connection, district: str, name: str) -> str:
    """An account by id, name, or the id of its person."""
    chosen = select(ACCOUNT.c.id, ACCOUNT.c.name).where(
        ACCOUNT.c.district == district, or_(ACCOUNT.c.id == name, ACCOUNT.c.name == name, ACCOUNT.c.person == name)
    )
    return _unique_match("account", name, [tuple(row) for row in connection.execute(chosen)])


def device_ids(connection: Connection, district: str, name: str) -> list[str]:
    """A device by id or name; or all devices of an account by its name or id."""
    named = select(DEVICE.c.id, DEVICE.c.name).where(
        DEVICE.c.district == district, or_(DEVICE.c.id == name, DEVICE.c.name == name)
    )
    found = [tuple(row) for row in connection.execute(named)]
    if found:
        return [_unique_match("device", name, found)]
    account = account_id(connection, district, name)
    mine = select(DEVICE.c.id).where(DEVICE.c.district == district, DEVICE.c.account == account)
    return sorted(connection.execute(mine).scalars())


def _matching_lines(rows: Iterable[Any], name: str, fields: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """Ids and names of the lines not deleted of which one of the fields is this name."""
    wanted = normalize_name(name)
    found = []
    for line_id, wire in rows:
        line = orjson.loads(wire)
        said = [value for field in fields if isinstance(value := line["body"].get(field), str)]
        if not line["deleted"] and wanted in map(normalize_name, said):
            found.append((line_id, " ".join(said)))
    return found


def _unique_match(what_kind: str, name: str, matches: list[tuple[Any, ...]]) -> str:
    if not matches:
        raise UnknownName(what_kind=what_kind, name=name)
    if len(matches) > 1:
        candidates = "; ".join(f"{label} ({line_id})" for line_id, label in matches)
        raise AmbiguousName(what_kind=what_kind, name=name, candidates=candidates)
    return str(matches[0][0])
