"""exports at the central: what was exported from a device goes into the audit, under the person of its token."""

from __future__ import annotations

from sync.admin_protocol import ExportsAnswer, ExportsRequest
from sync.central.request import RequestContext


def answer_exports(context: RequestContext, request: ExportsRequest) -> ExportsAnswer:
    """Record what is new; gives what the audit has. Raises `Refusal` (401, 503)."""
    with context.write(context.caller()) as transaction:
        transaction.record_exports(request.exports)
    return ExportsAnswer(taken=[export.id for export in request.exports])
