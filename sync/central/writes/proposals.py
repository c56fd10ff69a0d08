"""Keep lines that their author's roles do not let them write, until the bureau decides (``central proposals``).

What a home wrote while it worked alone (a table that it imported, projects that nobody granted it) is not lost in
refusals: it is kept apart as it is, and counts for nobody before the bureau has accepted it. The number of statements
does not grow with the lines. Next: ``sync/central/admin/proposals.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, func, select

from store.domain.erasures import ERASURE
from store.ledger.row_mapping import to_signed
from sync.central import audit
from sync.central.accounts.assignment_book import ASSIGNMENT
from sync.central.accounts.authentication import Caller
from sync.central.accounts.permissions import CLOSE_OUT, is_approval
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.database import insert_rows, is_one_of
from sync.central.db.tables import PROPOSAL, ProposalRow
from sync.central.writes.validation import ValidLine

MAX_PROPOSALS = 5_000
"""Proposals of one account that wait for a decision; further lines are refused."""
MAX_PROPOSED_BYTES = 16 << 20
"""How long they may be in all."""
REJECTED = "rejected"


def may_be_proposed(line: ValidLine) -> bool:
    """Whether the bureau may be asked about a line that was refused: neither an approval, nor a number, nor what
    strikes something out, nor an erasure, nor a role in the district, which nobody gives themselves."""
    is_district_role = line.line.kind == ASSIGNMENT and line.line.project is None
    return not (
        line.line.kind in (CLOSE_OUT, ERASURE) or is_approval(line.line) or line.line.deleted or is_district_role
    )


def propose(
    connection: Connection, counter: DistrictCounter, caller: Caller, lines: Sequence[ValidLine]
) -> frozenset[str]:
    """Keep these lines for the bureau; gives the ids of those that wait now. One that the bureau has declined is not
    kept again."""
    if not lines:
        return frozenset()
    here = PROPOSAL.c.district == caller.district
    stored = select(PROPOSAL.c.id, PROPOSAL.c.digest, PROPOSAL.c.decision).where(
        here, PROPOSAL.c.account == caller.account,
        is_one_of(connection, PROPOSAL.c.id, [each.line.id for each in lines]),
    )  # fmt: skip
    known = {(row[0], row[1]): row[2] for row in connection.execute(stored)}
    fresh = _with_room(connection, caller, {_key(each): each for each in lines if _key(each) not in known}.values())
    insert_rows(connection, PROPOSAL, [_row(counter, caller, each) for each in fresh])
    if fresh:
        who = {"account": caller.account, "device": caller.device}
        audit.record_event(connection, counter, "proposed", **who, lines=len(fresh))
    kept = {key for key, decision in known.items() if decision != REJECTED} | set(map(_key, fresh))
    return frozenset(each.line.id for each in lines if _key(each) in kept)


def _with_room(connection: Connection, caller: Caller, lines: Iterable[ValidLine]) -> list[ValidLine]:
    """The first of these lines, as far as their sender may propose more."""
    waiting = select(func.count(), func.coalesce(func.sum(func.length(PROPOSAL.c.wire)), 0)).where(
        PROPOSAL.c.district == caller.district, PROPOSAL.c.account == caller.account, PROPOSAL.c.decision.is_(None)
    )
    count, size = connection.execute(waiting).one()
    kept: list[ValidLine] = []
    for each in lines:
        size += len(each.wire)
        if count + len(kept) == MAX_PROPOSALS or size > MAX_PROPOSED_BYTES:
            break
        kept.append(each)
    return kept


def _row(counter: DistrictCounter, caller: Caller, each: ValidLine) -> ProposalRow:
    who = (caller.account, caller.device)
    return ProposalRow(
        caller.district, counter.next_seq(), each.line.id, to_signed(each.digest), each.wire, *who, counter.now_ms, None
    )


def _key(each: ValidLine) -> tuple[str, int]:
    return each.line.id, to_signed(each.digest)
