"""What the bureau decides about what waits for it, claims and proposals alike: which rows are accepted, which declined,
in one transaction.

Next: ``sync/central/reads/waiting.py`` (what waits); ``sync/central/admin/healing.py`` and ``proposals.py`` (the
operator's commands), ``sync/central/steps/admin_waiting.py`` (the bureau's calls).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from itertools import groupby
from typing import NamedTuple, TypeVar

from sqlalchemy import Connection, Table, bindparam, update

from store.ledger.line import stored_line
from sync.central import audit, epochs
from sync.central.accounts import roles
from sync.central.accounts.authentication import Caller
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.tables import CLAIM, PROPOSAL, ClaimRow, ProposalRow
from sync.central.exceptions import ContradictingDecision, NoSuchClaim
from sync.central.writes.heal_transaction import BY_DECISION, HealTransaction
from sync.central.writes.transaction import WriteTransaction, number_waiting_issues
from sync.central.writes.validation import FAR_FUTURE_MS, ValidLine, validate_line

WaitingT = TypeVar("WaitingT", ClaimRow, ProposalRow)
ACCEPTED, REJECTED = "accepted", "rejected"


class DecisionResult(NamedTuple):
    """How many versions were decided, and how many were to be accepted and cannot be taken in: a line elsewhere has
    their id, or what they say is not valid. These wait on, until they are declined."""

    decided: int
    left: int


def chosen_rows(
    waiting: Sequence[WaitingT],
    names: Mapping[int, Set[str]],
    accept: Sequence[str] | None,
    reject: Sequence[str],
    missing: type[NoSuchClaim],
) -> tuple[list[WaitingT], list[WaitingT]]:
    """The rows that are to be accepted, and those to be declined. ``names`` are what each row may be called, by its
    number; ``accept`` None is all that is not declined. Raises ``missing`` for a name of which nothing waits, and
    `ContradictingDecision` for a row that would be both."""
    known = set[str]().union(*names.values())
    for name in (*(accept or ()), *reject):
        if name not in known:
            raise missing(id=name, name=name)
    declined = [row for row in waiting if names[row.seq] & set(reject)]
    if accept is None:
        numbers = {row.seq for row in declined}
        return [row for row in waiting if row.seq not in numbers], declined
    accepted = [row for row in waiting if names[row.seq] & set(accept)]
    if both := {row.id for row in accepted} & {row.id for row in declined}:
        raise ContradictingDecision(id=min(both))
    return accepted, declined


def decide_proposed(
    connection: Connection,
    counter: DistrictCounter,
    accepted: Sequence[ProposalRow],
    declined: Sequence[ProposalRow],
    **who: str,
) -> DecisionResult:
    """Decline these proposals and take those in, as what they are, of the same author and time; note in the audit
    ``who`` decided."""

    def take_in(witness: Caller, versions: Sequence[ValidLine]) -> Sequence[bool]:
        writes = WriteTransaction(connection, witness, counter)
        batch = writes.load_batch(versions)
        are_there = [batch.regain(version) for version in versions]
        writes.write_batch(batch)
        return are_there

    return _decide(connection, counter, PROPOSAL, accepted, declined, take_in, **who)


def decide_claimed(
    connection: Connection,
    counter: DistrictCounter,
    accepted: Sequence[ClaimRow],
    declined: Sequence[ClaimRow],
    **who: str,
) -> DecisionResult:
    """Reject these claims and take those in, each with the device that brought it as the witness; note in the audit
    ``who`` decided. Issues whose number has waited for that get it."""

    def take_in(witness: Caller, versions: Sequence[ValidLine]) -> Sequence[bool]:
        are_there, _ = HealTransaction(connection, witness, counter).regain(versions, BY_DECISION, None)
        return are_there

    result = _decide(connection, counter, CLAIM, accepted, declined, take_in, **who)
    number_waiting_issues(connection, counter)
    return result


def _decide(
    connection: Connection,
    counter: DistrictCounter,
    table: Table,
    accepted: Sequence[WaitingT],
    declined: Sequence[WaitingT],
    take_in: Callable[[Caller, Sequence[ValidLine]], Sequence[bool]],
    **who: str,
) -> DecisionResult:
    """Take in what was accepted, by ``take_in``, which says of each version whether it is there then; note both."""
    taken: list[WaitingT] = []
    for witness, rows in _by_witness(connection, counter, accepted):
        valid = _valid_versions(rows)
        are_there = take_in(witness, [version for _row, version in valid])
        taken += [row for (row, _version), is_there in zip(valid, are_there, strict=True) if is_there]
    note_decision(connection, counter, table, declined, REJECTED, **who)
    note_decision(connection, counter, table, taken, ACCEPTED, **who)
    return DecisionResult(len(declined) + len(taken), len(accepted) - len(taken))


def _valid_versions(rows: Sequence[WaitingT]) -> list[tuple[WaitingT, ValidLine]]:
    lines = [(row, line) for row in rows if (line := stored_line(row.wire)) is not None]
    read = [(row, validate_line(line._asdict(), FAR_FUTURE_MS)) for row, line in lines]
    return [(row, version) for row, version in read if isinstance(version, ValidLine)]


def _by_witness(
    connection: Connection, counter: DistrictCounter, rows: Sequence[WaitingT]
) -> Iterator[tuple[Caller, list[WaitingT]]]:
    """What waits, by who brought it, with them as the caller of a write."""
    ordered = sorted(rows, key=lambda row: (row.account, row.device))
    epoch = epochs.epochs(connection, counter.district)[-1].id
    for (account, device), theirs in groupby(ordered, key=lambda row: (row.account, row.device)):
        grants = tuple(roles.grants_of(connection, counter.district, [account])[account])
        witness = Caller(
            counter.district, account, "", "", device, "", 0, grants, counter.secret, "", "", counter.seq,
            counter.total, epoch,
        )  # fmt: skip
        yield witness, list(theirs)


def note_decision(
    connection: Connection, counter: DistrictCounter, table: Table, rows: Sequence[WaitingT], decision: str, **who: str
) -> None:
    """Note in the table of claims or of proposals, and in the audit, what was decided about these rows, however many
    they are, and by ``who``: an account with its device, or an operator."""
    if not rows:
        return
    same = (table.c.district == bindparam("its_district")) & (table.c.seq == bindparam("its_seq"))
    keys = [{"its_district": row.district, "its_seq": row.seq} for row in rows]
    connection.execute(update(table).where(same).values(decision=decision), keys)
    audit.record_event(
        connection, counter, f"{table.name}s", **who, decision=decision, count=len(rows),
        lines=[row.id for row in rows[:100]],
    )  # fmt: skip
