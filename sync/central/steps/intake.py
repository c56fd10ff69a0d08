"""intake at the central: the head of the log of what was taken in, and that it begins with what a device knows."""

from __future__ import annotations

from sync.central.request import RequestContext
from sync.protocol.intake import IntakeAnswer, IntakeRequest


def answer_intake(context: RequestContext, request: IntakeRequest) -> IntakeAnswer:
    """The present head with a proof. Raises `Refusal` (401)."""
    with context.read() as reads:
        return reads.intake.since(request.since)
