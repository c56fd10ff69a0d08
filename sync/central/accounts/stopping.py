"""Stop a device or a person: their tokens are refused from the next request on, and the codes that wait for them end.

Whoever has the server's shell may stop anybody. From a device nobody stops the last of the bureau, also where others
are of it for some days: nobody could administer the district then.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from store.values.times import district_time
from sync.central import audit
from sync.central.accounts import authentication, name_lookup
from sync.central.accounts.assignment_book import read_assignments
from sync.central.accounts.invites import void_invites
from sync.central.accounts.scope import WHOLE_DISTRICT_ROLES
from sync.central.accounts.token_life import TokenLife, accounts_with_tokens
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.tables import ACCOUNT, DEVICE, ROLE
from sync.exceptions import LastBureauDevice


def stop_devices(
    connection: Connection, counter: DistrictCounter, name: str, *, keeps_bureau: TokenLife | None = None, **by: str
) -> list[str]:
    """Stop a device (by id or name) with all that took its place, or every device of an account with the codes that
    wait for it; gives the devices. Only a new invitation brings one back. ``by`` says in the audit who did it. Raises
    `UnknownName`, `AmbiguousName`; with ``keeps_bureau`` also `LastBureauDevice`."""
    named, account = name_lookup.revocable(connection, counter.district, name)
    ids = authentication.with_successors(connection, counter.district, named)
    if keeps_bureau is not None and not _bureau_remains(connection, counter, ids, keeps_bureau):
        raise LastBureauDevice(name=name)
    if account is not None:
        void_invites(connection, counter, account=account)
    chosen = (DEVICE.c.district == counter.district) & DEVICE.c.id.in_(ids)
    connection.execute(update(DEVICE).where(chosen, DEVICE.c.revoked_at.is_(None)).values(revoked_at=counter.now_ms))
    audit.record_event(connection, counter, "revoke", devices=ids, **by)
    return ids


def _bureau_remains(connection: Connection, counter: DistrictCounter, without: Sequence[str], life: TokenLife) -> bool:
    """Whether somebody of the bureau, other than for a time or as a stand-in, has a device that is let in beside
    these."""
    district, day = counter.district, counter.grants_day or district_time(counter.now_ms).date().isoformat()
    active = accounts_with_tokens(connection, district, life.expired_before, without)
    here = (ROLE.c.district == ACCOUNT.c.district) & (ROLE.c.account == ACCOUNT.c.id) & ROLE.c.withdrawn_at.is_(None)
    holders = select(ACCOUNT.c.id, ACCOUNT.c.person).join(ROLE, here).where(
        ACCOUNT.c.district == district, ROLE.c.role.in_(WHOLE_DISTRICT_ROLES)
    )  # fmt: skip
    people = {person for account, person in connection.execute(holders) if account in active}
    book = read_assignments(connection, district)
    return any(not book.ends_bureau(person, day) for person in people)
