"""Enrolment at the central: trade a one-time code for a device token, in one write transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Connection

from store.values.text import sanitize
from sync.central import audit, clock
from sync.central.accounts import accounts, authentication, roles
from sync.central.accounts.authentication import Caller
from sync.central.accounts.invites import Invite, find_invite, redeem_invite
from sync.central.accounts.name_lookup import unclaimed_person
from sync.central.db.commit_order import DistrictCounter, lock_district
from sync.central.db.tables import AccountRow
from sync.central.exceptions import Refusal
from sync.protocol import JoinRequest, PersonName

DEFAULT_ACCOUNT_NAME = "admin"
"""The name of the first account, where neither the invite nor the joining home has one."""


class EnrolmentResult(NamedTuple):
    """The device's token, its account as a caller, and whether the ledger has no line of that person yet."""

    token: str
    caller: Caller
    is_unknown_person: bool


def enrol(
    connection: Connection,
    request: JoinRequest,
    address: str,
    now_ms: int,
    clock_is_synchronised: Callable[[], bool] = lambda: False,
) -> EnrolmentResult:
    """Enrol the device of a join request that came from ``address``. Raises `Refusal` (403, 409, 503)."""
    invite = valid_invite(connection, request, now_ms)
    counter = lock_district(connection, invite.district, now_ms)
    if counter is None or not redeem_invite(connection, invite, now_ms):
        raise bad_invite()
    clock.require_clock(connection, counter, clock_is_synchronised)
    account, is_unknown_person = _account_of(connection, counter, invite, request.person)
    token = authentication.enrol_device(connection, counter, account.id, request.device.id, request.device.name)
    ids = {"account": account.id, "device": request.device.id}
    granted = [grant._asdict() for grant in invite.grants]
    audit.record_event(connection, counter, "join", **ids, name=account.name, roles=granted, address=address)
    counter.save(connection)
    return EnrolmentResult(token, authentication.authenticate(connection, token), is_unknown_person)


def valid_invite(connection: Connection, request: JoinRequest, now_ms: int) -> Invite:
    """The invite of a join request. Raises `Refusal`: 403 when its code is not valid, 409 for another district's
    home."""
    invite = find_invite(connection, request.code, now_ms)
    if invite is None:
        raise bad_invite()
    if request.district not in (None, invite.district):
        detail = f"this code is for district {invite.district}"
        raise Refusal(409, "other_district", detail, ours=request.district, theirs=invite.district)
    return invite


def _account_of(
    connection: Connection, counter: DistrictCounter, invite: Invite, person: PersonName | None
) -> tuple[AccountRow, bool]:
    """The invite's account, old or new, and whether the ledger has no line of its person yet. A new account gets the
    person who worked alone in the joining home, or the one of its name in the ledger."""
    name = invite.name or (sanitize(person.name) if person else "") or DEFAULT_ACCOUNT_NAME
    account = accounts.find_account(connection, counter.district, name)
    if account is not None:
        roles.grant_roles(connection, counter, account.id, invite.grants)
        return account, False
    known = person.id if person else unclaimed_person(connection, counter.district, name)
    account = accounts.create_account(connection, counter, name, known)
    roles.add_roles(connection, counter, account.id, invite.grants)
    return account, account.person != known


def bad_invite() -> Refusal:
    """The answer to every code that is not valid, be it unknown, used or expired."""
    return Refusal(403, "bad_invite", "this code is not valid")
