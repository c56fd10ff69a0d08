"""What waits in the outbox: the daemon decides by it whether a round is due."""

from __future__ import annotations

from typing import NamedTuple

from store.db.connection import Connection
from store.ledger.hlc import ms_from_hlc
from store.ledger.line import new_id
from store.writer.unsent import HERE_ALONE_SQL, UNSENT_SQL

_CLOCKS_DIFFER_MS = 3_600_000
"""Ids are made by this machine's own clock, stamps by the corrected one."""


class OutboxSnapshot(NamedTuple):
    """What a round would send: the number of unsent ``lines``, two numbers that change when other lines wait, and when
    the device joined a central (empty: never)."""

    lines: int
    last: int
    digests: int
    joined: str

    def needs_round(self, before: OutboxSnapshot | None) -> bool:
        """Whether there is something to send that was not there ``before``, or a central joined since."""
        return self != before and (self.lines > 0 or before is None or self.joined != before.joined)


def unsent_by_kind(connection: Connection) -> dict[str, int]:
    """How many lines of each kind wait to be sent?"""
    return dict(
        connection.execute("SELECT kind, count(*) FROM outbox WHERE state = 'pending' GROUP BY kind").fetchall()
    )


def is_unsent(connection: Connection, line_id: str) -> bool:
    """Was a line written here, and has surely not reached the central? What was begun to be sent and not answered, or
    written to a file, may have arrived."""
    return connection.execute(UNSENT_SQL, (line_id,)).fetchone() is not None


def is_here_alone(connection: Connection, line_id: str) -> bool:
    """Is a line on this device alone: surely not sent, and not given to a colleague at a meeting?"""
    return connection.execute(HERE_ALONE_SQL, (line_id,)).fetchone() is not None


def waiting_ids(connection: Connection) -> frozenset[str]:
    """Which lines are in the outbox, whatever became of them?"""
    return frozenset(line_id for (line_id,) in connection.execute("SELECT id FROM outbox"))


def judged_before(connection: Connection, stamp: int) -> int:
    """Up to which stamp, at most this one, has the central judged all that was written here? What waits for the
    bureau's decision is not judged. 0: not known, as what waits may have taken the place of a version from before,
    which the central will then never see; only a line that was begun later has surely not."""
    waits = "(state = 'pending' OR code = 'proposed')"
    query = f"SELECT min(stamp) - 1 FROM outbox WHERE {waits} AND stamp <= ?"
    first = connection.execute(query, (stamp,)).fetchone()[0]
    if first is not None:
        return int(first)
    may_be_old = "(base_digest IS NOT NULL OR substr(id, 15, 1) <> '7' OR id < ?)"
    query = f"SELECT 1 FROM outbox WHERE {waits} AND coalesce(base_stamp, 0) <= ? AND {may_be_old}"
    begun_later = new_id(ms_from_hlc(stamp) + _CLOCKS_DIFFER_MS, bytes)
    return 0 if connection.execute(query, (stamp, begun_later)).fetchone() is not None else stamp


class UnsentRange(NamedTuple):
    """What waits to be sent: how many ``lines``, the ``last`` position in the outbox and the last stamp among them."""

    lines: int
    last: int
    last_stamp: int


def unsent_in_order(connection: Connection) -> UnsentRange:
    """How many lines wait to be sent, up to which position and stamp?"""
    query = "SELECT count(*), coalesce(max(n), 0), coalesce(max(stamp), 0) FROM outbox WHERE state = 'pending'"
    return UnsentRange(*connection.execute(query).fetchone())


def unsent_after(connection: Connection, position: int) -> int:
    """How many lines wait to be sent after this position of the outbox?"""
    query = "SELECT count(*) FROM outbox WHERE state = 'pending' AND n > ?"
    return int(connection.execute(query, (position,)).fetchone()[0])


def outbox_snapshot(connection: Connection) -> OutboxSnapshot:
    """What waits to be sent, in brief, and since when is there a central to send it to?"""
    row = connection.execute(
        "SELECT count(*), coalesce(max(n), 0), coalesce(sum(digest & 0xFFFFFFFF), 0), "
        "coalesce((SELECT value FROM meta WHERE key = 'joined'), '') FROM outbox WHERE state = 'pending'"
    ).fetchone()
    return OutboxSnapshot(*row)
