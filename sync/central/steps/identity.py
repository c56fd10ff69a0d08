"""identity at the central: prove to a device, before it sends its token, that this is the central it joined."""

from __future__ import annotations

from sync.central.accounts import identity
from sync.central.request import RequestContext
from sync.protocol import IdentityAnswer, IdentityRequest, identity_message


def answer_identity(context: RequestContext, request: IdentityRequest) -> IdentityAnswer:
    """The signature of the question. Needs no token and tells nothing of the district but its public key. Raises
    `Refusal` (404)."""
    secret = context.district_secret(request.district)
    return IdentityAnswer(key=identity.public_key(secret), signature=identity.sign(secret, identity_message(request)))
