"""Takes back lines that were never sent: their rows go, and what they said stays in history, to be restored.

Acts on issues are never deleted, since others work by them; of one that nobody has seen this is not true. A deletion
would be refused by the central, so the line itself goes. Deletes rows through the transaction of the caller. Next:
``store/writer/local_writes.py`` (`Ledger.undo`), ``store/queries/bin.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

from store.exceptions import ActContinued, ActSent
from store.ledger.kinds import kinds
from store.ledger.line import Line
from store.writer.transaction import Transaction
from store.writer.unsent import HERE_ALONE_SQL

TAKEN_BACK = "taken_back"
"""Why a version is in history: the person who wrote it took it back."""


def require_withdrawable(change: Transaction, lines: Sequence[Line]) -> None:
    """Raise `ActSent` unless all these lines are surely on this device alone, and `ActContinued` where something was
    done on their issue after them."""
    if any(change.connection.execute(HERE_ALONE_SQL, (line.id,)).fetchone() is None for line in lines):
        raise ActSent()
    require_not_continued(change, lines)


def require_not_continued(change: Transaction, lines: Sequence[Line]) -> None:
    """Raise `ActContinued` where a later line of the same issue, not one of ``lines``, is here."""
    together = [line.id for line in lines]
    if any(_is_continued(change, line, together) for line in lines):
        raise ActContinued()


def _is_continued(change: Transaction, line: Line, together: Sequence[str]) -> bool:
    tables = ("issue_step", "follow_up", "close_out")
    places = ", ".join("?" * len(together))
    later = " UNION ALL ".join(
        f"SELECT 1 FROM {table} WHERE issue_id = ? AND deleted = 0 AND stamp > ? AND id NOT IN ({places})"
        for table in tables
    )
    values = [line.body.get("issue_id"), line.stamp, *together] * len(tables)
    return change.connection.execute(f"{later} LIMIT 1", values).fetchone() is not None


def withdraw_lines(change: Transaction, lines: Sequence[Line], reason: str) -> None:
    """Put these lines into history and remove them from the ledger and the outbox."""
    for line in lines:
        change.archive(line, reason)
        change.acknowledge(line.id)
    delete_rows(change, lines)


def delete_rows(change: Transaction, lines: Sequence[Line]) -> None:
    """Delete the rows of these lines, with their index entries; states of their issues and figures of
    their projects are computed anew."""
    for line in lines:
        for table in {line.kind} & kinds().keys() | {"issue_state", "quarantine"}:
            change.connection.execute(f"DELETE FROM {table} WHERE id = ?", (line.id,))
        change.connection.execute("DELETE FROM unknown_line WHERE id = ? AND kind = ?", (line.id, line.kind))
    change.recompute_without(lines)
    change.unindex(lines)
