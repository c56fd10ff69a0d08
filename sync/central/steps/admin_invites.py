"""The bureau's one-time codes: make one for a person, list those that wait, withdraw one."""

from __future__ import annotations

from store.values.text import normalize_name
from sync.admin_protocol import (
    MAX_CODES,
    CodesAnswer,
    CodesRequest,
    InviteAnswer,
    InviteRequest,
    WithdrawCodeAnswer,
    WithdrawCodeRequest,
)
from sync.central import audit
from sync.central.accounts import invitees, listing
from sync.central.accounts.invitees import WhichPerson
from sync.central.accounts.invites import void_codes, waiting_codes
from sync.central.accounts.name_lookup import grants_of_role
from sync.central.accounts.scope import WHOLE_DISTRICT_ROLES, Grant
from sync.central.request import RequestContext
from sync.exceptions import NoSuchCode

HOUR_MS = 3_600_000


def answer_invite(context: RequestContext, order: InviteRequest) -> InviteAnswer:
    """Make the code; one that waits for this person already ends. Raises `Refusal` (401, 403, 409, 503)."""
    with context.administer() as (connection, caller, counter):
        grants: list[Grant] = []
        if order.role is not None:
            grants = grants_of_role(connection, caller.district, order.role, order.department, order.projects)
        which = WhichPerson(order.person, order.again, order.new)
        who = {"account": caller.account, "device": caller.device}
        made = invitees.invite(connection, counter, order.name, which, grants, order.hours * HOUR_MS, **who)
        return InviteAnswer(
            **made.code._asdict(), name=made.invitee.name, person=made.person, account=made.invitee.account
        )


def answer_codes(context: RequestContext, asked: CodesRequest) -> CodesAnswer:
    """The codes that wait, without the codes themselves. Raises `Refusal` (401, 403)."""
    del asked
    with context.oversee(WHOLE_DISTRICT_ROLES, "codes_read") as (connection, caller):
        return listing.codes_list(connection, caller.district, context.now_ms())


def answer_code_withdrawal(context: RequestContext, order: WithdrawCodeRequest) -> WithdrawCodeAnswer:
    """End a code by its id, or those of a name, also while the central's clock is not believed. Raises `Refusal` (401,
    403, 409)."""
    with context.administer(dates_matter=False) as (connection, caller, counter):
        waiting = waiting_codes(connection, caller.district, counter.now_ms, MAX_CODES)
        name = normalize_name(order.name)
        codes = [code for code in waiting if code.id == order.name]
        codes = codes or [code for code in waiting if normalize_name(code.name) == name]
        if not codes:
            raise NoSuchCode(name=order.name)
        void_codes(connection, counter, codes)
        names = [code.name for code in codes]
        who = {"account": caller.account, "device": caller.device}
        audit.record_event(connection, counter, "code_withdrawn", **who, names=names, codes=[code.id for code in codes])
        return WithdrawCodeAnswer(names=names)
