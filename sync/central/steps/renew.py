"""renew at the central: a copied or restored store becomes a device of its own."""

from __future__ import annotations

from sync.central.request import RequestContext
from sync.protocol import RenewAnswer, RenewRequest


def answer_renew(context: RequestContext, request: RenewRequest) -> RenewAnswer:
    """Another device of the same account, with its own token. It takes the old one's place, but for one of two copies
    that both live on."""
    return RenewAnswer(token=context.renew(request.device, is_twin=request.twin))
