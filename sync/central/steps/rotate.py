"""rotate at the central: the successor of the caller's token (``sync/central/accounts/token_rotation.py``)."""

from __future__ import annotations

from sync.central.request import RequestContext
from sync.protocol import RenewAnswer


def answer_rotate(context: RequestContext) -> RenewAnswer:
    """Another token for the same device. Raises `Refusal` (401, 503)."""
    return RenewAnswer(token=context.rotate())
