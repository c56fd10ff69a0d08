"""What becomes of lines that the central rejected: they stay and say why, give way, or are sent again.

Each function works in the caller's transaction. Next: ``sync_writes.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import orjson

from store.db.connection import Connection
from store.ledger.buckets import Area
from store.ledger.line import Line, canonical_json, digest_of
from store.writer.transaction import OutboxRow, Transaction


class PushOutcomeLike(Protocol):
    """One outcome of a push, as ``sync/protocol/__init__.py`` has it."""

    @property
    def id(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def code(self) -> str | None: ...
    @property
    def reason(self) -> str | None: ...


def record_rejected(change: Transaction, answer: PushOutcomeLike) -> None:
    """Keep the line as rejected, with the central's code and reason. One whose clock was ahead stays unsent."""
    if answer.code != "clock_ahead":
        change.connection.execute(
            "UPDATE outbox SET state = 'rejected', code = ?, reason = ?, at = ? WHERE id = ?",
            (answer.code, answer.reason, change.now_ms, answer.id),
        )


def retry(connection: Connection, ids: Sequence[str]) -> int:
    """Make rejected lines pending again; gives how many."""
    done = connection.execute(
        "UPDATE outbox SET state = 'pending', code = NULL, reason = NULL "
        "WHERE state = 'rejected' AND id IN (SELECT value FROM json_each(?))",
        (orjson.dumps(list(ids)).decode(),),
    )
    return int(done.rowcount)


def gives_way(row: OutboxRow, own: Line, line: Line) -> bool:
    """Whether an unsent line gives way to the central's: it was rejected, and was written without knowing of any
    version there. An edit of a version that has left this device with its bucket, and comes back, stays."""
    return row.state == "rejected" and row.base_digest is None and own.base == 0 and own != line


def give_way(change: Transaction, row: OutboxRow, line: Line) -> None:
    """Make the central's version current in place of one that its author may not write; what differs is kept in
    history, listed as lost."""
    own = change.stored_lines([(row.kind, row.id)])[row.id].line
    digest = digest_of(canonical_json(line))
    if own.body != line.body or own.deleted != line.deleted:
        change.archive(own, "superseded")
    change.observe_stamps([line.stamp])
    change.add_to_checksum(row.bucket, row.base_digest, -1)
    change.add_to_checksum(row.bucket, digest)
    change.acknowledge(row.id)
    change.set_current(line, digest)


def retry_granted(connection: Connection, granted: Sequence[str]) -> None:
    """Send what waits for the bureau as an ordinary write, in projects that have been granted since."""
    heads = [bucket.partition(":")[2] for bucket in granted if bucket.startswith(f"{Area.HEAD}:")]
    if heads:
        connection.execute(
            "UPDATE outbox SET state = 'pending', code = NULL, reason = NULL WHERE state = 'rejected' "
            "AND code = 'proposed' "
            "AND json_extract(CAST(wire AS TEXT), '$.project') IN (SELECT value FROM json_each(?))",
            (orjson.dumps(heads).decode(),),
        )


def retry_all_proposed(connection: Connection) -> None:
    """Send all that waits for the bureau again, since the central was set back and may have lost it."""
    connection.execute(
        "UPDATE outbox SET state = 'pending', code = NULL, reason = NULL WHERE state = 'rejected' AND code = 'proposed'"
    )


def retry_proposed(connection: Connection, bucket: str) -> None:
    """Send what waits for the bureau in this bucket again, since the central says that the bucket is another's: if the
    bureau has accepted it, it settles."""
    connection.execute(
        "UPDATE outbox SET state = 'pending', code = NULL, reason = NULL WHERE state = 'rejected' "
        "AND code = 'proposed' AND bucket = ?",
        (bucket,),
    )
