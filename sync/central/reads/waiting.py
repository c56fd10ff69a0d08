"""What waits for the bureau's decision: proposals (lines beyond their author's roles) and claims (versions without a
receipt), each as it was sent. Their numbers are from the district's counter, so together they are one list in the order
in which they came.

Next: ``sync/central/writes/decisions.py`` (accept, decline).
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Connection, Text, and_, bindparam, exists, func, select

from store.ledger.hlc import hlc_from_ms
from store.ledger.line import Line, stored_line
from sync.admin_protocol import UNREADABLE_KIND
from sync.central.db.tables import CLAIM, LINE, PROPOSAL, ClaimRow, ProposalRow

WaitingRow = ProposalRow | ClaimRow


class WaitingPage(NamedTuple):
    """The first of what waits after a number, and whether more does."""

    rows: list[WaitingRow]
    more: bool


def undecided_proposals(connection: Connection, district: str) -> list[ProposalRow]:
    """The proposals that wait, in the order in which they came; not those that the ledger says by now."""
    chosen = select(PROPOSAL).where(_proposal_waits(district)).order_by(PROPOSAL.c.seq)
    return [ProposalRow(*row) for row in connection.execute(chosen)]


def undecided_claims(connection: Connection, district: str) -> list[ClaimRow]:
    """The claims that wait, in the order in which they came."""
    chosen = select(CLAIM).where(_claim_waits(district)).order_by(CLAIM.c.seq)
    return [ClaimRow(*row) for row in connection.execute(chosen)]


def waiting_page(connection: Connection, district: str, after: int, limit: int, max_bytes: int) -> WaitingPage:
    """Both, by number: those after one, at most so many and, beyond the first, so many bytes of lines."""
    proposed = select(PROPOSAL).where(_proposal_waits(district), PROPOSAL.c.seq > after).order_by(PROPOSAL.c.seq)
    claimed = select(CLAIM).where(_claim_waits(district), CLAIM.c.seq > after).order_by(CLAIM.c.seq)
    rows: list[WaitingRow] = [ProposalRow(*row) for row in connection.execute(proposed.limit(limit + 1))]
    rows += [ClaimRow(*row) for row in connection.execute(claimed.limit(limit + 1))]
    rows.sort(key=lambda row: row.seq)
    size, fit = 0, 0
    for row in rows[:limit]:
        size += len(row.wire.encode())
        if fit and size > max_bytes:
            break
        fit += 1
    return WaitingPage(rows[:fit], len(rows) > fit)


def line_of_waiting(row: WaitingRow) -> Line:
    """The line of a row; of one whose text was damaged, that it waits: it can be declined."""
    unreadable = Line(row.id, UNREADABLE_KIND, None, hlc_from_ms(row.at), row.device, "", False, {})
    return stored_line(row.wire) or unreadable


def count_waiting(connection: Connection, district: str) -> int:
    """How many versions wait for a decision?"""
    return int(connection.execute(_COUNT, {"its_district": district}).scalar_one())


def _proposal_waits(district: str | BindParameter[str]) -> ColumnElement[bool]:
    same = exists().where(LINE.c.district == district, LINE.c.id == PROPOSAL.c.id, LINE.c.digest == PROPOSAL.c.digest)
    return and_(PROPOSAL.c.district == district, PROPOSAL.c.decision.is_(None), ~same)


def _claim_waits(district: str | BindParameter[str]) -> ColumnElement[bool]:
    return and_(CLAIM.c.district == district, CLAIM.c.decision.is_(None))


_HERE = bindparam("its_district", type_=Text)
_COUNT = select(
    select(func.count()).select_from(PROPOSAL).where(_proposal_waits(_HERE)).scalar_subquery()
    + select(func.count()).select_from(CLAIM).where(_claim_waits(_HERE)).scalar_subquery()
)
"""Every hello of the bureau asks: it is built once."""
