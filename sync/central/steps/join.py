"""The central half of join: a one-time code becomes a device token."""

from __future__ import annotations

from sync.central.request import RequestContext
from sync.protocol import DistrictName, JoinAnswer, JoinRequest, PersonName, RoleGrant


def answer_join(context: RequestContext, request: JoinRequest) -> JoinAnswer:
    """The central half: use the code up and enrol the device. A home that worked alone brings its person along."""
    context.require_protocol(request.protocol)
    token, caller, is_stranger = context.enrol(request)
    return JoinAnswer(
        token=token,
        person=PersonName(id=caller.person, name=caller.name),
        district=DistrictName(code=caller.district, name=caller.district_name),
        roles=[RoleGrant(**grant._asdict()) for grant in caller.grants],
        central=caller.central,
        time=context.now_ms(),
        introduce=is_stranger,
    )
