"""return at the central: a device that joined after the copy, from which the central was restored, is known again."""

from __future__ import annotations

from sync.central.request import RequestContext
from sync.protocol import ReturnAnswer, ReturnRequest


def answer_return(context: RequestContext, request: ReturnRequest) -> ReturnAnswer:
    """Take back what the device kept of the roster. Raises `Refusal` (401, 503)."""
    return ReturnAnswer(name=context.come_back(request.roster).name)
