"""Who of many has news: the rule of `ScopedReads.has_news`, for all listeners of a district by four statements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from sync.central.accounts.roles import grants_that_may_cover
from sync.central.accounts.scope import BucketOwner, Grant, covers, read_owners
from sync.central.db.database import is_one_of
from sync.central.db.tables import BUCKET, LINE, SCOPE_EVENT


class Listener(NamedTuple):
    """A device of an account, which has been told of everything up to the number ``seq``."""

    account: str
    device: str
    seq: int


class Change(NamedTuple):
    """A line that was written: its number, its bucket, and the device that wrote it."""

    seq: int
    bucket: str
    device: str


def who_has_news(connection: Connection, district: str, listeners: Sequence[Listener]) -> list[bool]:
    """For each of them: did somebody else write a line in the account's present scope, or did that scope change,
    since."""
    if not listeners:
        return []
    after = min(listener.seq for listener in listeners)
    changes, moved = _changes(connection, district, after), _scope_moved(connection, district, after)
    buckets = sorted({change.bucket for change in changes})
    owners = read_owners(connection, district, is_one_of(connection, BUCKET.c.bucket, buckets))
    grants = grants_that_may_cover(connection, district, owners.values()) if changes else {}
    return [
        moved.get(listener.account, 0) > listener.seq
        or _concerns(listener, grants.get(listener.account, []), changes, owners)
        for listener in listeners
    ]


def _concerns(
    listener: Listener, grants: Sequence[Grant], changes: Sequence[Change], owners: dict[str, BucketOwner]
) -> bool:
    if not grants:
        return False
    buckets = {each.bucket for each in changes if each.seq > listener.seq and each.device != listener.device}
    found = [owners[bucket] for bucket in buckets if bucket in owners]
    return any(covers(grant, owner) for owner in found for grant in grants)


def _changes(connection: Connection, district: str, after: int) -> list[Change]:
    """The lines that were written since; of each bucket and device the latest."""
    rows = connection.execute(
        select(LINE.c.seq, LINE.c.bucket, LINE.c.device)
        .where(LINE.c.district == district, LINE.c.seq > after, ~LINE.c.damaged)
        .order_by(LINE.c.seq)
    )
    latest = {(bucket, device): seq for seq, bucket, device in rows}
    return [Change(seq, bucket, device) for (bucket, device), seq in latest.items()]


def _scope_moved(connection: Connection, district: str, after: int) -> dict[str, int]:
    """The latest change of scope of each account that has had one since."""
    events = select(SCOPE_EVENT.c.account, SCOPE_EVENT.c.seq).where(
        SCOPE_EVENT.c.district == district, SCOPE_EVENT.c.seq > after
    )
    return {account: seq for account, seq in connection.execute(events.order_by(SCOPE_EVENT.c.seq))}
