"""Takes the last import of a register back, as one thing: its versions are noted beside the ledger by id and stamp.

> All of it is taken back, or nothing where a line says something else by now, or others may have seen an act.
> People and units that it entered stay, since others may name them by now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from store.exceptions import ActContinued, NothingToUndo, UndoConflict
from store.home.paths import write_private
from store.ledger.line import Line
from store.queries.lines import lines_with_versions
from store.writer.local_writes import Ledger, LineChange

VersionId = tuple[str, int, str]
"""A line's id, stamp and device."""
_STAY = frozenset(("person", "unit", "contact"))
_ACTED_ON = (
    "SELECT 1 FROM issue_step WHERE issue_id IN (SELECT value FROM json_each(?)) "
    "AND taken_over IS NULL AND deleted = 0 LIMIT 1"
)
_VERSIONS = "SELECT value FROM json_each(:ids)"


def note_changes(file: Path, changes: Sequence[LineChange]) -> None:
    """Note what an import wrote, in place of what was noted before; no text of a line is in the file. Where that fails,
    nothing is noted: an earlier import must not be taken back in place of this one."""
    file.unlink(missing_ok=True)
    noted = [
        (line.id, line.stamp, line.device, *((before.stamp, before.device) if before else (None, None)))
        for line, before in changes
        if before is not None or line.kind not in _STAY
    ]
    write_private(file, orjson.dumps(noted))


def take_back(ledger: Ledger, file: Path) -> int:
    """Take back what was noted last; returns how many lines. Raises `NothingToUndo`, `ActContinued`,
    `UndoConflict` and what else `Ledger.undo` raises; then everything is as it was."""
    try:
        noted = orjson.loads(file.read_bytes())
    except (OSError, ValueError):
        raise NothingToUndo() from None
    ids = orjson.dumps(list({each[0] for each in noted})).decode()
    with ledger.database.read() as connection:
        versions = {
            (line.id, line.stamp, line.device): line
            for line, _reason in lines_with_versions(connection, _VERSIONS, {"ids": ids})
        }
        changes = [_change(versions, each) for each in noted]
        going = [line.id for line, before in changes if line.kind == "issue" and (before is None or before.deleted)]
        if connection.execute(_ACTED_ON, (orjson.dumps(going).decode(),)).fetchone():
            raise ActContinued()
    if not changes:
        raise NothingToUndo()
    ledger.undo(changes)
    file.unlink(missing_ok=True)
    return len(changes)


def _change(versions: Mapping[VersionId, Line], noted: Sequence[Any]) -> LineChange:
    """What was noted, with its lines. Raises `UndoConflict` where a version has left this device: of a line whose
    earlier version is gone nobody knows what it said."""
    line_id, stamp, device, before_stamp, before_device = noted
    try:
        before = None if before_stamp is None else versions[line_id, before_stamp, before_device]
        return LineChange(versions[line_id, stamp, device], before)
    except KeyError:
        raise UndoConflict() from None
