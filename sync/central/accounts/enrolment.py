"""Enrolment at the central: trade a one-time code for a device token, in one write transaction."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from store.ledger.line import RandomBytes, is_id
from store.values.text import sanitize
from sync.central import audit, clock
from sync.central.accounts import accounts, authentication
from sync.central.accounts.assignment_book import AccountPerson
from sync.central.accounts.authentication import Caller
from sync.central.accounts.invites import Invite, find_invite, redeem_invite
from sync.central.accounts.name_lookup import unclaimed_person
from sync.central.accounts.scope import Grant
from sync.central.accounts.token_life import TokenLife, require_room
from sync.central.db.commit_order import DistrictCounter, lock_district
from sync.central.db.tables import AccountRow
from sync.central.exceptions import Refusal
from sync.protocol import InvitationRequest, JoinRequest, PersonName

_VERSION_DIGIT = 14
"""Where a UUID says how it was made: 7 for `new_id`, 8 for `derived_id`."""
DEFAULT_ACCOUNT_NAME = "admin"
"""The name of the first account, where neither the invite nor the joining home has one."""


GrantWriter = Callable[[Connection, DistrictCounter, AccountPerson, Sequence[Grant]], None]
"""Gives an account what an invitation grants (``sync/central/writes/assignments.py``)."""


class EnrolmentResult(NamedTuple):
    """The device's token, its account as a caller, and whether the ledger has no line of that person yet."""

    token: str
    caller: Caller
    is_unknown_person: bool


def enrol(
    connection: Connection,
    request: JoinRequest,
    address: str,
    life: TokenLife,
    random_bytes: RandomBytes = os.urandom,
    *,
    grant: GrantWriter,
    token_secret: str | None = None,
) -> EnrolmentResult:
    """Enrol the device of a join request that came from ``address``, at the time and within the limits of ``life``.
    ``grant`` writes what the invitation grants, ``token_secret`` is that of the token, else a new one. Raises `Refusal`
    (403, 409, 503)."""
    invite = valid_invite(connection, request, life.now_ms)
    counter = lock_district(connection, invite.district, life.now_ms, random_bytes)
    if counter is None or not redeem_invite(connection, invite, request.device.id, life.now_ms):
        raise bad_invite()
    clock.require_clock(connection, counter, life.is_synchronised)
    account, is_unknown_person = _account_of(connection, counter, invite, request)
    first = () if invite.device is not None else invite.grants  # what was withdrawn since its first use stays so
    grant(connection, counter, AccountPerson(account.id, account.person), first)
    require_room(connection, account.district, account.id, life, device=request.device.id)
    token = authentication.enrol_device(connection, counter, account.id, request.device, token_secret)
    ids = {"account": account.id, "device": request.device.id}
    granted = [grant._asdict() for grant in first]
    audit.record_event(connection, counter, "join", **ids, name=account.name, roles=granted, address=address)
    counter.save(connection)
    return EnrolmentResult(token, authentication.authenticate(connection, token), is_unknown_person)


def valid_invite(connection: Connection, request: JoinRequest, now_ms: int) -> Invite:
    """The invite of a join request. Raises `Refusal`: 403 when its code is not valid, 409 for another district's
    home."""
    return _invite_for(find_invite(connection, request.code, now_ms, request.device.id), request)


def read_invitation(connection: Connection, request: InvitationRequest, now_ms: int) -> tuple[Invite, bool]:
    """The invite of a code, without using it, and whether the home that asks is already that person's. Raises `Refusal`
    as joining with it would."""
    invite = _invite_for(find_invite(connection, request.code, now_ms, request.device), request)
    account_id = invite.account
    if invite.device is not None:
        account_id = authentication.account_of_device(connection, invite.district, invite.device)
        if account_id is None:
            raise bad_invite()
    if account_id is not None:
        account = accounts.account_of_id(connection, invite.district, account_id)
        person = account.person if account else None
    else:
        person = invite.person or _person_of_name(connection, invite.district, invite.name)
    _require_same_person(connection, invite.district, request.person, person, invite.name)
    return invite, request.person is not None and request.person.id == person


def _invite_for(invite: Invite | None, request: JoinRequest | InvitationRequest) -> Invite:
    if invite is None:
        raise bad_invite()
    if request.district not in (None, invite.district):
        detail = f"this code is for district {invite.district}"
        raise Refusal(409, "other_district", detail, ours=request.district, theirs=invite.district)
    return invite


def _account_of(
    connection: Connection, counter: DistrictCounter, invite: Invite, request: JoinRequest
) -> tuple[AccountRow, bool]:
    """The invite's account, old or new, and whether the ledger has no line of its person yet. Raises `Refusal` (409)
    when the joining home was another person's of the district until now."""
    home = request.person
    if invite.device is not None:
        return _account_again(connection, counter, request)
    if invite.account is not None:
        account = accounts.account_of_id(connection, counter.district, invite.account)
        if account is None:
            raise bad_invite()
        _require_same_person(connection, counter.district, home, account.person, invite.name)
        return account, False
    person = invite.person or _person_of_name(connection, counter.district, invite.name)
    _require_same_person(connection, counter.district, home, person, invite.name)
    is_brought = person is None and home is not None and _is_random(home.id)
    if is_brought and home is not None:
        person = home.id  # of a home that worked alone, which has their line
    name = invite.name or (sanitize(home.name) if home else "") or DEFAULT_ACCOUNT_NAME
    account = accounts.create_account(connection, counter, name, person)
    return account, not is_brought and not accounts.has_line(connection, counter.district, account.person)


def _account_again(connection: Connection, counter: DistrictCounter, request: JoinRequest) -> tuple[AccountRow, bool]:
    """The account that the device got when it used the code the first time. Raises `Refusal` (403) where it was revoked
    or has pushed since."""
    account = authentication.account_of_device(connection, counter.district, request.device.id)
    known = account and accounts.account_of_id(connection, counter.district, account)
    if not known:
        raise bad_invite()
    is_brought = request.person is not None and request.person.id == known.person
    return known, not is_brought and not accounts.has_line(connection, counter.district, known.person)


def _person_of_name(connection: Connection, district: str, name: str) -> str | None:
    """The person of the ledger whom an invitation by name is for: the only one of that name without an account. A code
    without a name is for nobody whom the ledger knows."""
    return unclaimed_person(connection, district, name) if name else None


def _require_same_person(
    connection: Connection, district: str, home: PersonName | None, person: str | None, name: str
) -> None:
    """An invitation is for one person: who brings the home of another person of the district is refused."""
    if home is None or home.id == person or not accounts.is_somebody(connection, district, home.id):
        return
    detail = "this home is another person's than the code"
    raise Refusal(409, "other_person", detail, ours=sanitize(home.name), theirs=name)


def _is_random(person: str) -> bool:
    """Whether an id was drawn by chance. One that follows from a name may be that of somebody whom the ledger will know
    tomorrow."""
    return is_id(person) and person[_VERSION_DIGIT] == "7"


def bad_invite() -> Refusal:
    """The answer to every code that is not valid, be it unknown, used or expired."""
    return Refusal(403, "bad_invite", "this code is not valid")
