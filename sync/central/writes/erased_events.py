"""Which events of the audit name a person who was erased: those that say a name, of whoever it is.

Few events do (`_NAMES`), and most say by an id whose name it is. By the name alone one is found only where it names
nobody by an id, and nobody else has that name: what merely looks like it, a role, an evidence, a file, is left.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, or_, select

from sync.central.audit_chain import ERASED_EVENT
from sync.central.db.tables import AUDIT, AuditRow
from sync.central.db.triggers import ERASED_DETAIL

_NAMES: Mapping[str, tuple[str, ...]] = {
    "join": ("name",), "invite": ("name",), "grant": ("name",), "withdraw": ("name",), "code_withdrawn": ("names",),
    "audit_read": ("asked", "account"),
}  # fmt: skip
"""Where the detail of an event has a name, or several, by its action."""
_IDS = ("subject", "to_account", "code", "codes")
"""Where it says by ids whose name that is: people, accounts, one-time codes."""


class ErasedIdentity(NamedTuple):
    """By what events tell that somebody is meant: the ``ids`` of their people, accounts and one-time codes, and the
    ``names`` that nobody else has."""

    ids: frozenset[str]
    names: frozenset[str]


def events_about(connection: Connection, district: str, erased: ErasedIdentity) -> list[AuditRow]:
    """The events that say the name of these people and are not emptied yet, in the order of the chain."""
    said = (AUDIT.c.detail.contains(each, autoescape=True) for each in sorted(erased.ids | erased.names))
    chosen = select(AUDIT).where(
        AUDIT.c.district == district, AUDIT.c.action.in_(_NAMES), AUDIT.c.action != ERASED_EVENT,
        AUDIT.c.detail != ERASED_DETAIL, or_(AUDIT.c.account.in_(sorted(erased.ids)), *said),
    )  # fmt: skip
    rows = (AuditRow(*row) for row in connection.execute(chosen.order_by(AUDIT.c.seq)).all())
    return [row for row in rows if _names(row, erased)]


def _names(row: AuditRow, erased: ErasedIdentity) -> bool:
    with contextlib.suppress(ValueError):  # damaged past the central: it names nobody
        detail = orjson.loads(row.detail)
        return isinstance(detail, dict) and _says_name(row, detail, erased)
    return False


def _says_name(row: AuditRow, detail: Mapping[str, object], erased: ErasedIdentity) -> bool:
    names = {name.strip() for name in _texts(_at(detail, _NAMES[row.action]))}
    ids = {each for field in _IDS for each in _texts(detail.get(field))}
    ids |= {row.account} if row.action == "join" and row.account else set()
    return bool(names) and bool(ids & erased.ids if ids else names & erased.names)


def _at(value: object, path: Sequence[str]) -> object:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _texts(value: object) -> Iterator[str]:
    """A text, or the texts of a list."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, str):
            yield each
