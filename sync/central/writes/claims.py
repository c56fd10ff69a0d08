"""Keep versions without this central's receipt apart until the bureau decides (``central healing``).

A device that was there before the central was set back may have what is lost, from before receipts or from a program
that keeps none. Nothing of it counts before the bureau has accepted it. The number of statements does not grow with the
versions. Next: ``decisions.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, func, select

from store.ledger.row_mapping import to_signed
from sync.central.accounts.authentication import Caller
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.database import insert_rows, is_one_of
from sync.central.db.tables import CLAIM, ClaimRow
from sync.central.writes.erasures import without_erased
from sync.central.writes.validation import ValidLine

MAX_CLAIMS, MAX_CLAIM_BYTES = 5_000, 16 << 20
"""Claims of one person's devices that wait for a decision, and their length; further ones are refused."""


def claim(
    connection: Connection, counter: DistrictCounter, caller: Caller, versions: Sequence[ValidLine]
) -> list[bool]:
    """Keep these versions apart for the bureau, but what is about an erased person; gives for each whether it is kept,
    or was before."""
    if not versions:
        return []
    sent, versions = versions, without_erased(connection, caller.district, versions)
    here = CLAIM.c.district == caller.district
    ids = [version.line.id for version in versions]
    stored = select(CLAIM.c.id, CLAIM.c.digest).where(here, is_one_of(connection, CLAIM.c.id, ids))
    known = {(row[0], row[1]) for row in connection.execute(stored)}
    fresh = {_key(version): version for version in versions if _key(version) not in known}
    kept = _with_room(connection, caller, fresh.values())
    insert_rows(connection, CLAIM, [_row(counter, caller, version) for version in kept])
    known |= set(map(_key, kept))
    return [_key(version) in known for version in sent]


def _row(counter: DistrictCounter, caller: Caller, version: ValidLine) -> ClaimRow:
    who, digest = (caller.account, caller.device), to_signed(version.digest)
    return ClaimRow(
        caller.district, counter.next_seq(), version.line.id, digest, version.wire, *who, counter.now_ms, None
    )


def _with_room(connection: Connection, caller: Caller, versions: Iterable[ValidLine]) -> list[ValidLine]:
    """The first of these versions, as far as their person may claim more."""
    own = select(func.count(), func.coalesce(func.sum(func.length(CLAIM.c.wire)), 0)).where(
        CLAIM.c.district == caller.district, CLAIM.c.account == caller.account, CLAIM.c.decision.is_(None)
    )
    count, size = connection.execute(own).one()
    kept: list[ValidLine] = []
    for version in versions:
        size += len(version.wire)
        if count + len(kept) == MAX_CLAIMS or size > MAX_CLAIM_BYTES:
            break
        kept.append(version)
    return kept


def _key(version: ValidLine) -> tuple[str, int]:
    return version.line.id, to_signed(version.digest)
