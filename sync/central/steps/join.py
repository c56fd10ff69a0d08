"""The central half of join: a one-time code becomes a device token."""

from __future__ import annotations

from sync.central.request import Desk
from sync.protocol import DistrictName, JoinAnswer, JoinRequest, PersonName, RoleGrant


def answer_join(desk: Desk, request: JoinRequest) -> JoinAnswer:
    """The central half: use the code up and enrol the device. A home that worked alone brings its person along."""
    desk.require(request.protocol)
    token, caller, is_stranger = desk.enrol(request)
    return JoinAnswer(
        token=token,
        person=PersonName(id=caller.person, name=caller.name),
        district=DistrictName(code=caller.district, name=caller.district_name),
        roles=[RoleGrant(**grant._asdict()) for grant in caller.grants],
        central=caller.central,
        time=desk.now(),
        introduce=is_stranger,
    )
