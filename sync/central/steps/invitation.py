"""invitation at the central: tell the holder of a one-time code whom it is for, without using it."""

from __future__ import annotations

from sync.central.request import RequestContext
from sync.protocol import InvitationAnswer, InvitationRequest


def answer_invitation(context: RequestContext, request: InvitationRequest) -> InvitationAnswer:
    """Whom the code is for, and as what. Raises `Refusal` (403, 409, 429, 503) as joining with it would."""
    invite, is_own = context.read_invitation(request)
    roles = sorted({grant.role for grant in invite.grants})
    return InvitationAnswer(name=invite.name, own=is_own, roles=roles)
