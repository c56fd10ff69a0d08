"""Files that come with a line which is being written: their bytes first, then line and attachments in one transaction.

A form or a command is run inside `attaching`; it need not know of files. What cannot be kept is told, and never keeps
the line from being written.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from store.commands.attachments import (
    ATTACHABLE,
    AttachTo,
    RefusedFile,
    keep_files,
    target_of,
)
from store.commands.exceptions import FilesRequired
from store.ledger.line import Line
from store.queries.lines import current_line
from store.writer.local_writes import Draft, Ledger


@dataclass(slots=True)
class AttachedFiles:
    """What became of the files: how many lines of attachments were ``written``, and which files were ``refused``."""

    written: int = 0
    refused: list[RefusedFile] = field(default_factory=list)


@contextlib.contextmanager
def attaching(ledger: Ledger, files: Sequence[str | Path]) -> Iterator[AttachedFiles]:
    """Attach ``files`` to the first line that can have some and that this thread writes or changes. Where the line
    needs files and one of these cannot be kept, raises why; then nothing is written."""
    attached = AttachedFiles()
    if not files:
        yield attached
        return

    def lines_of_files(drafts: Sequence[Draft]) -> list[Draft] | None:
        more: list[Draft] = []
        targets = _targets(ledger, drafts)
        if not targets:
            return None
        for target in targets:
            kept = keep_files(ledger, target, [Path(file) for file in files])
            more += kept.drafts
            attached.refused += [refused for refused in kept.refused if refused not in attached.refused]
        attached.written += len(more)
        return more

    try:
        with ledger.writing_beside(lines_of_files):
            yield attached
    except FilesRequired:
        if attached.refused:
            raise attached.refused[0].error from None
        raise


def _targets(ledger: Ledger, drafts: Sequence[Draft]) -> list[AttachTo]:
    """The line that files belong to: the first that can have some. A meeting is a line in each project it is about."""
    able = [draft for draft in drafts if draft.kind in ATTACHABLE]
    if able and able[0].kind == "meeting":
        return [_target(ledger, draft) for draft in able if draft.kind == "meeting"]
    return [_target(ledger, draft) for draft in able[:1]]


def _target(ledger: Ledger, draft: Draft) -> AttachTo:
    stored = current_line(ledger.database.connection(), str(draft.id))
    if stored is not None:
        return target_of(stored)
    project = draft.id if draft.kind == "project" else draft.project
    return target_of(Line(str(draft.id), draft.kind, project, 0, "", "", False, draft.body))
