"""What waits for the bureau's decision, read and decided from its own seat: lines that a home proposed, and versions
without a receipt that devices brought back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from store.ledger.hlc import ms_from_hlc
from store.ledger.line import stored_line
from store.ledger.merge import replaces
from sync.admin_protocol import (
    WAITING_BYTES,
    DecideAnswer,
    DecideRequest,
    WaitingAnswer,
    WaitingLine,
    WaitingRequest,
)
from sync.central.accounts.scope import WHOLE_DISTRICT_ROLES
from sync.central.db.database import is_one_of
from sync.central.db.tables import ACCOUNT, LINE, ClaimRow, ProposalRow
from sync.central.reads.waiting import WaitingRow, line_of_waiting, undecided_claims, undecided_proposals, waiting_page
from sync.central.request import RequestContext
from sync.central.writes.decisions import decide_claimed, decide_proposed


def answer_waiting(context: RequestContext, asked: WaitingRequest) -> WaitingAnswer:
    """A page of what waits, each with what the ledger says in its place. Raises `Refusal` (401, 403)."""
    with context.oversee(WHOLE_DISTRICT_ROLES, "waiting_read", asked.after) as (connection, caller):
        page = waiting_page(connection, caller.district, asked.after, asked.limit, WAITING_BYTES)
        return WaitingAnswer(lines=_lines(connection, caller.district, page.rows), more=page.more)


def answer_decision(context: RequestContext, order: DecideRequest) -> DecideAnswer:
    """Accept and decline exactly what these numbers name, in one transaction; what was decided meanwhile is left as it
    was decided. A version without a receipt says itself who wrote it, so whoever brought it does not accept it: that is
    left to another of the bureau, or to the operator. Raises `Refusal` (401, 403, 503)."""
    with context.administer() as (connection, caller, counter):
        who = {"account": caller.account, "device": caller.device}
        declined = set(order.reject)
        accepted = set(order.accept) - declined
        proposed = undecided_proposals(connection, caller.district)
        claimed = undecided_claims(connection, caller.district)
        of_proposals = decide_proposed(
            connection, counter, [row for row in proposed if row.seq in accepted],
            [row for row in proposed if row.seq in declined], **who,
        )  # fmt: skip
        wanted = [row for row in claimed if row.seq in accepted]
        foreign = [row for row in wanted if row.account != caller.account]
        of_claims = decide_claimed(connection, counter, foreign, [row for row in claimed if row.seq in declined], **who)
        decided = of_proposals.decided + of_claims.decided
        left = of_proposals.left + of_claims.left + len(wanted) - len(foreign)
        return DecideAnswer(decided=decided, left=left, gone=len(accepted | declined) - decided - left)


def _lines(connection: Connection, district: str, rows: Sequence[WaitingRow]) -> list[WaitingLine]:
    accounts = connection.execute(
        select(ACCOUNT.c.id, ACCOUNT.c.person, ACCOUNT.c.name).where(ACCOUNT.c.district == district)
    ).all()
    by_account = {account: name for account, _person, name in accounts}
    by_person = {person: name for _account, person, name in accounts}
    present = _present(connection, district, [row.id for row in rows])
    return [_line(row, by_account, by_person, present.get(row.id)) for row in rows]


def _present(connection: Connection, district: str, ids: Sequence[str]) -> dict[str, str]:
    stored = select(LINE.c.id, LINE.c.wire).where(
        LINE.c.district == district, is_one_of(connection, LINE.c.id, ids), ~LINE.c.damaged
    )
    return {row[0]: row[1] for row in connection.execute(stored)}


def _line(
    row: ProposalRow | ClaimRow, by_account: dict[str, str], by_person: dict[str, str], present: str | None
) -> WaitingLine:
    line = line_of_waiting(row)
    now = None if present is None else stored_line(present)
    return WaitingLine(
        seq=row.seq, source="claim" if isinstance(row, ClaimRow) else "proposal", id=row.id, kind=line.kind,
        project=line.project, person=by_account.get(row.account, ""), account=row.account,
        author=by_person.get(line.author, ""), written=ms_from_hlc(line.stamp), brought=row.at, deleted=line.deleted,
        body=dict(line.body), present=None if now is None or now.deleted else dict(now.body),
        present_deleted=now is not None and now.deleted,
        late=now is not None and replaces(now, line),
    )  # fmt: skip
