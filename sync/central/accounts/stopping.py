"""Stop a device or a person: their tokens are refused from the next request on, and the codes that wait for them end.

Whoever has the server's shell may stop anybody. From a device nobody stops the last of the bureau: nobody could
administer the district then.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, exists, select, update

from sync.central import audit
from sync.central.accounts import authentication, name_lookup
from sync.central.accounts.authentication import seen_since
from sync.central.accounts.invites import void_invites
from sync.central.accounts.scope import WHOLE_DISTRICT_ROLES
from sync.central.accounts.token_life import TokenLife
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.tables import DEVICE, ROLE
from sync.exceptions import LastBureauDevice


def stop_devices(
    connection: Connection, counter: DistrictCounter, name: str, *, keeps_bureau: TokenLife | None = None, **by: str
) -> list[str]:
    """Stop a device (by id or name) with all that took its place, or every device of an account with the codes that
    wait for it; gives the devices. Only a new invitation brings one back. ``by`` says in the audit who did it. Raises
    `UnknownName`, `AmbiguousName`; with ``keeps_bureau`` also `LastBureauDevice`."""
    named, account = name_lookup.revocable(connection, counter.district, name)
    ids = authentication.with_successors(connection, counter.district, named)
    if keeps_bureau is not None and not _bureau_remains(connection, counter.district, ids, keeps_bureau):
        raise LastBureauDevice(name=name)
    if account is not None:
        void_invites(connection, counter, account=account)
    chosen = (DEVICE.c.district == counter.district) & DEVICE.c.id.in_(ids)
    connection.execute(update(DEVICE).where(chosen, DEVICE.c.revoked_at.is_(None)).values(revoked_at=counter.now_ms))
    audit.record_event(connection, counter, "revoke", devices=ids, **by)
    return ids


def _bureau_remains(connection: Connection, district: str, without: Sequence[str], life: TokenLife) -> bool:
    """Whether a device of the bureau is let in beside these."""
    holds = exists().where(
        ROLE.c.district == district, ROLE.c.account == DEVICE.c.account, ROLE.c.withdrawn_at.is_(None),
        ROLE.c.role.in_(WHOLE_DISTRICT_ROLES),
    )  # fmt: skip
    others = select(DEVICE.c.id).where(
        DEVICE.c.district == district,
        DEVICE.c.revoked_at.is_(None),
        DEVICE.c.id.not_in(without),
        holds,
        seen_since(life.expired_before),
    )
    return connection.execute(others.limit(1)).first() is not None
