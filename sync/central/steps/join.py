"""join at the central: trade a one-time code for a device token."""

from __future__ import annotations

from sync.central.accounts import identity
from sync.central.request import RequestContext
from sync.protocol import DistrictName, JoinAnswer, JoinRequest, PersonName, RoleGrant


def answer_join(context: RequestContext, request: JoinRequest, token_secret: str | None = None) -> JoinAnswer:
    """Use the code and enrol the device, with a token of this secret or of a new one. A home that worked alone brings
    its person along. Raises `Refusal` (403, 409, 426, 429)."""
    context.require_protocol(request.protocol)
    token, caller, is_unknown_person = context.enrol(request, token_secret)
    return JoinAnswer(
        token=token,
        person=PersonName(id=caller.person, name=caller.name),
        district=DistrictName(code=caller.district, name=caller.district_name),
        roles=[RoleGrant(**grant._asdict()) for grant in caller.grants],
        central=caller.central,
        time=context.now_ms(),
        introduce=is_unknown_person,
        key=identity.public_key(caller.secret),
        agree=identity.agreement_key(caller.secret),
    )
