"""renew at the central: a copied or restored store becomes a device of its own."""

from __future__ import annotations

from sync.central.request import RequestContext
from sync.protocol import RenewAnswer, RenewRequest


def answer_renew(context: RequestContext, request: RenewRequest) -> RenewAnswer:
    """Another device of the same account, with its own token. The old device keeps its token."""
    return RenewAnswer(token=context.renew(request.device))
