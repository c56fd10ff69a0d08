"""The central half of renew: a restored copy of a home becomes a device of its own."""

from __future__ import annotations

from sync.central.request import RequestContext
from sync.protocol import RenewAnswer, RenewRequest


def answer_renew(context: RequestContext, request: RenewRequest) -> RenewAnswer:
    """The central half: another device of the same account, with a token of its own. The old one stays as it is."""
    return RenewAnswer(token=context.renew(request.device))
