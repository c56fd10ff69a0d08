"""What the screen of approvals reads: what waits, and one of them with the differences already worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from store.db.meta import read_meta
from store.queries.approvals import Approval, ApprovalRow, approval, approvals
from tui.presenters.approvals import Pages, approval_pages

if TYPE_CHECKING:
    from tui.data.reader import Desk


class Shown(NamedTuple):
    """One approval with its pages."""

    approval: Approval
    pages: Pages


def waiting(desk: Desk) -> list[ApprovalRow]:
    """What waits for this person's approval."""
    on = desk.today()
    with desk.database.read() as connection:
        return approvals(connection, on, read_meta(connection).get("person"))


def shown(desk: Desk, issue_id: str) -> Shown | None:
    """One of them, with its pages; None where nothing is to be approved any more."""
    on = desk.today()
    with desk.database.read() as connection:
        found = approval(connection, issue_id, on)
        me = read_meta(connection).get("person")
    return Shown(found, approval_pages(found, me, desk.wall())) if found else None
