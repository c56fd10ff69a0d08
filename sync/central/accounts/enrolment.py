"""The door: what happens to somebody who has no token yet. One write transaction, or a counted refusal."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from store.values.text import sanitize
from sync.central import audit
from sync.central.accounts import accounts, rate_limit, roles
from sync.central.accounts.accounts import Account, Caller, Invite
from sync.central.accounts.name_lookup import unclaimed_person
from sync.central.db.commit_order import DistrictCounter, lock_district
from sync.central.exceptions import Refusal
from sync.protocol import JoinRequest, PersonName

DEFAULT_ACCOUNT_NAME = "admin"
"""The first account's name, where neither the invite nor the joining home says one."""


class EnrolmentResult(NamedTuple):
    """A device's token, who it now speaks for, and whether the ledger does not know that person yet."""

    token: str
    caller: Caller
    is_unknown_person: bool


class DeviceEnrolment:
    """Opens for one join request, within one write transaction."""

    def __init__(self, connection: Connection, address: str, now_ms: int) -> None:
        self._connection = connection
        self._address = address
        self.now_ms = now_ms

    def enrol(self, request: JoinRequest) -> EnrolmentResult:
        """Enrol the device. Raises `Refusal`."""
        invite = self._invite(request)
        counter = lock_district(self._connection, invite.district, self.now_ms)
        if counter is None or not accounts.redeem_invite(self._connection, invite, self.now_ms):
            raise bad_invite()
        account, is_stranger = self._account(counter, invite, request.person)
        token = accounts.enrol_device(self._connection, counter, account.id, request.device.id, request.device.name)
        who = {"account": account.id, "device": request.device.id}
        told = [grant._asdict() for grant in invite.grants]
        audit.record_event(
            self._connection, counter, "join", **who, name=account.name, roles=told, address=self._address
        )
        counter.save(self._connection)
        rate_limit.refund_attempt(self._connection, self._address, self.now_ms)
        return EnrolmentResult(token, accounts.authenticate(self._connection, token), is_stranger)

    def _invite(self, request: JoinRequest) -> Invite:
        invite = accounts.find_invite(self._connection, request.code, self.now_ms)
        if invite is None:
            raise bad_invite()
        if request.district not in (None, invite.district):
            detail = f"this code is for district {invite.district}"
            raise Refusal(409, "other_district", detail, ours=request.district, theirs=invite.district)
        return invite

    def _account(self, counter: DistrictCounter, invite: Invite, person: PersonName | None) -> tuple[Account, bool]:
        """The invite's account, old or new, and whether the ledger does not know its person yet. A new account is the
        person who worked alone at the joining home, or the one of its name whom the ledger knows."""
        name = invite.name or (sanitize(person.name) if person else "") or DEFAULT_ACCOUNT_NAME
        account = accounts.find_account(self._connection, counter.district, name)
        if account is not None:
            roles.grant_roles(self._connection, counter, account.id, invite.grants)
            return account, False
        known = person.id if person else unclaimed_person(self._connection, counter.district, name)
        account = accounts.create_account(self._connection, counter, name, known)
        roles.add_roles(self._connection, counter, account.id, invite.grants)
        return account, account.person != known


def bad_invite() -> Refusal:
    """The one answer to every code that does not open: unknown, used, expired."""
    return Refusal(403, "bad_invite", "this code is not valid")
