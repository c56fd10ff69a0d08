"""Files that the district requires with an act on an issue (``store/domain/file_rules.py``): without them the act is
refused, unless it gives a reason, which is stored and shown.

Only files of the act's own step count, which whoever reads the issue reads; those of a visit or a meeting in which it
is done do not. An approval counts those of the settlement that it approves.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from store.commands.exceptions import FilesRequired
from store.db.connection import Connection
from store.domain.file_rules import required_files
from store.domain.registers import FILE_ACTS
from store.queries.attachments import count_attachments
from store.queries.issues import IssueDetail, latest_settlement
from store.writer.local_writes import Draft, Ledger


@contextlib.contextmanager
def requiring_files(ledger: Ledger, detail: IssueDetail, verb: str, step: Draft) -> Iterator[None]:
    """What is written inside is this step, with the files that come with it; a file that cannot be kept does not count.
    Raises `FilesRequired`, before anything is written."""
    needed = files_needed(ledger.database.connection(), detail, step)
    if not needed:
        yield
        return

    def check(beside: Sequence[Draft]) -> None:
        kept = sum(draft.kind == "attachment" and draft.body["of_id"] == step.id for draft in beside)
        if kept < needed:
            raise FilesRequired(number=detail.row.number, verb=verb, needed=needed, files=kept)

    with ledger.checking_beside(check):
        yield


def check_files(connection: Connection, detail: IssueDetail, verb: str, step: Draft) -> None:
    """Raise `FilesRequired` where a step that comes without files of its own needs some."""
    if needed := files_needed(connection, detail, step):
        raise FilesRequired(number=detail.row.number, verb=verb, needed=needed, files=0)


def files_needed(connection: Connection, detail: IssueDetail, step: Draft) -> int:
    """How many files a step must bring; 0 where it gives a reason."""
    act = str(step.body["act"])
    if act not in FILE_ACTS or step.body.get("reason"):
        return 0
    needed = required_files(connection, act, detail.row.category, str(step.body["at"])[:10])
    settlement = latest_settlement(detail) if act == "approved" else None
    if needed and settlement is not None:
        needed -= count_attachments(connection, [settlement.id]).get(settlement.id, 0)
    return max(needed, 0)
