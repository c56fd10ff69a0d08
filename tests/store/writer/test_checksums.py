"""Rows are compared with the running checksums page by page: every line is counted, and damage to one row is found."""

from __future__ import annotations

from pathlib import Path

from store.ledger.line import canonical_json, digest_of
from store.writer.checksums import has_checksum_mismatch
from store.writer.sync_writes import OutgoingLine, SyncLedger
from tests.store.devices import device

PROJECT = {"name": "示范项目", "number": "续1", "category": "continuing"}


class _Outcome:
    """The central has taken a line in."""

    outcome, code, reason = "applied", None, None

    def __init__(self, line_id: str) -> None:
        self.id = line_id


def _sent(ledger: SyncLedger) -> dict[str, OutgoingLine]:
    return {line.id: line for line in ledger.pending_lines(100, 1 << 20)}


def test_every_line_is_read_once_and_edits_that_wait_are_no_damage(tmp_path: Path) -> None:
    """Of a line that was edited since it was sent the central's version counts; one that was never sent counts for
    nothing. A row that was changed past the program is found, also in a line that waits for nothing."""
    ledger = device(tmp_path, "a")
    lines = [ledger.put("project", {**PROJECT, "number": f"续{n}"}) for n in range(3)]
    sent = _sent(ledger)
    ledger.acknowledge([_Outcome(line_id) for line_id in sent], sent, ())
    ledger.edit("project", lines[0].id, name="改名")
    ledger.put("project", {**PROJECT, "number": "续9"})
    connection, counted = ledger.database.connection(), list[int]()
    assert digest_of(canonical_json(lines[0])) == sent[lines[0].id].digest
    assert not has_checksum_mismatch(connection, counted.append)
    assert sum(counted) == 4
    with ledger.database.write() as writing:
        writing.execute("UPDATE project SET name = 'x' WHERE id = ?", (lines[1].id,))
    assert has_checksum_mismatch(connection)
