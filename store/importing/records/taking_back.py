"""Takes the last import of a register back, as one thing: what it writes is noted beside the ledger before it does.

> All of it is taken back, or nothing where a line says something else by now, or others may have seen an act.
> People and units that it entered stay, since others may name them by now.
"""

from __future__ import annotations

import contextlib
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from store.db.connection import Connection
from store.db.device_facts import read_device_facts
from store.exceptions import ActContinued, NothingToUndo, UndoConflict
from store.home.paths import write_private
from store.ledger.line import Line
from store.queries.lines import lines_with_versions
from store.writer.local_writes import Draft, Ledger, LineChange

_STAY = frozenset(("person", "unit", "contact"))
_ACTED_ON = (
    "SELECT 1 FROM issue_step WHERE issue_id IN (SELECT value FROM json_each(?)) "
    "AND taken_over IS NULL AND deleted = 0 LIMIT 1"
)
_VERSIONS = "SELECT value FROM json_each(:ids)"


@contextlib.contextmanager
def noting(ledger: Ledger, file: Path, drafts: Sequence[Draft], before: Mapping[str, Line]) -> Iterator[None]:
    """Note in ``file`` what the block writes, in place of what was noted before: the drafts, and the lines as they are
    ``before``. It is noted beside the file first, so that a process that ends right after the commit leaves it, too; no
    text of a line is in the file."""
    _settle(ledger, file)
    with ledger.database.read() as connection:
        facts = read_device_facts(connection)
    lines = [
        (draft.id, *((line.stamp, line.device) if (line := before.get(str(draft.id))) else (None, None)))
        for draft in drafts
        if draft.id in before or draft.kind not in _STAY
    ]
    aside = _aside(file)
    write_private(aside, orjson.dumps({"since": facts.stamp, "device": facts.device, "lines": lines}))
    try:
        yield
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    os.replace(aside, file)


def _aside(file: Path) -> Path:
    return file.with_name(f"{file.name}.next")


def _settle(ledger: Ledger, file: Path) -> None:
    """Put what was noted aside in its place, if it was written to the ledger; else forget it."""
    aside = _aside(file)
    if not aside.exists():
        return
    with ledger.database.read() as connection:
        found = _changes(connection, aside)
    if found and None not in found:
        os.replace(aside, file)
    else:
        aside.unlink(missing_ok=True)


def take_back(ledger: Ledger, file: Path) -> int:
    """Take back what was noted last; returns how many lines. Raises `NothingToUndo`, `ActContinued`,
    `UndoConflict` and what else `Ledger.undo` raises; then everything is as it was."""
    _settle(ledger, file)
    with ledger.database.read() as connection:
        found = _changes(connection, file)
        if not found:
            raise NothingToUndo()
        changes = [each for each in found if each is not None]
        if len(changes) < len(found):
            raise UndoConflict()
        going = [line.id for line, before in changes if line.kind == "issue" and (before is None or before.deleted)]
        if connection.execute(_ACTED_ON, (orjson.dumps(going).decode(),)).fetchone():
            raise ActContinued()
    ledger.undo(changes)
    file.unlink(missing_ok=True)
    return len(changes)


def _changes(connection: Connection, file: Path) -> list[LineChange | None] | None:
    """What was noted, with its lines, without those that say what they said; None for a new one that was not written,
    or of which a version has left this device: of a line whose earlier version is gone nobody knows what it said. None
    in place of all where nothing is noted."""
    try:
        noted = orjson.loads(file.read_bytes())
        since, device, lines = noted["since"], noted["device"], noted["lines"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    versions: dict[str, list[Line]] = defaultdict(list)
    ids = orjson.dumps([each[0] for each in lines]).decode()
    for line, _reason in lines_with_versions(connection, _VERSIONS, {"ids": ids}):
        versions[line.id].append(line)
    changes = [_change(versions[line_id], since, device, before) for line_id, *before in lines]
    return [each for each in changes if each is None or each.line is not each.before]


def _change(versions: Sequence[Line], since: int, device: str, before: Sequence[Any]) -> LineChange | None:
    """The first version that this device wrote after ``since``, and the one before it; twice that one where there is
    none after it."""
    written = [line for line in versions if line.stamp > since and line.device == device]
    earlier = next((line for line in versions if [line.stamp, line.device] == before), None)
    if earlier is not None and not written:
        return LineChange(earlier, earlier)
    if not written or (before[0] is not None and earlier is None):
        return None
    return LineChange(min(written, key=lambda line: line.stamp), earlier)
