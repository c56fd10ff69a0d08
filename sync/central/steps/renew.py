"""The central half of renew: a restored copy of a home becomes a device of its own."""

from __future__ import annotations

from sync.central.request import Desk
from sync.protocol import RenewAnswer, RenewRequest


def answer_renew(desk: Desk, request: RenewRequest) -> RenewAnswer:
    """The central half: another device of the same account, with a token of its own. The old one stays as it is."""
    return RenewAnswer(token=desk.renew(request.device))
