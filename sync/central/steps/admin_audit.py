"""The audit, read from a device by the bureau and by auditors. Who has read it is in it."""

from __future__ import annotations

from sync.admin_protocol import AuditAnswer, AuditEntryInfo, AuditRequest
from sync.central.accounts.name_lookup import account_id
from sync.central.accounts.scope import AUDITING_ROLES
from sync.central.audit import AuditFilter, TimeRange, read_entries
from sync.central.request import RequestContext


def answer_audit(context: RequestContext, asked: AuditRequest) -> AuditAnswer:
    """A page of entries, by number. Raises `Refusal` (401, 403, 409)."""
    question = asked.model_dump(exclude_none=True, exclude={"limit"})
    with context.oversee(AUDITING_ROLES, "audit_read", question) as (connection, caller):
        account = None if asked.account is None else account_id(connection, caller.district, asked.account)
        question |= {} if account is None else {"account": account}  # a name would stay in the audit for good
        chosen = AuditFilter(account, asked.action, asked.line, asked.before, asked.what, asked.file_kind)
        span = TimeRange(asked.since, asked.until)
        entries = read_entries(connection, caller.district, asked.after or 0, asked.limit + 1, span, chosen)
    page = [AuditEntryInfo.model_validate(entry._asdict()) for entry in entries[: asked.limit]]
    return AuditAnswer(entries=page, more=len(entries) > asked.limit)
