"""What the screen of approvals reads: what waits, and one of them with the differences already worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from store.db.meta import read_device_state
from store.queries.approvals import ApprovalDetail, ApprovalRow, approval, approvals
from tui.presenters.approvals import ApprovalPages, approval_pages

if TYPE_CHECKING:
    from tui.data.reader import Reader


class ApprovalView(NamedTuple):
    """One approval with its pages."""

    approval: ApprovalDetail
    pages: ApprovalPages


def pending_approvals(reader: Reader) -> list[ApprovalRow]:
    """What waits for this person's approval."""
    on = reader.thresholds()
    with reader.database.read() as connection:
        return approvals(connection, on, read_device_state(connection).get("person"))


def approval_view(reader: Reader, issue_id: str) -> ApprovalView | None:
    """One of them, with its pages; None where nothing is to be approved any more."""
    on = reader.thresholds()
    with reader.database.read() as connection:
        found = approval(connection, issue_id, on)
        me = read_device_state(connection).get("person")
    return ApprovalView(found, approval_pages(found, me, reader.now_ms())) if found else None
