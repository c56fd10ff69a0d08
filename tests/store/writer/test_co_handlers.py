"""The computed rows of co-handling departments: as the pure rule says, after merges and undoing too."""

from __future__ import annotations

from pathlib import Path

from store.ledger.line import derived_id
from store.queries.issues import issue
from store.writer.issue_repair import repair_issue_states
from store.writer.local_writes import Draft
from store.writer.sync_writes import SyncLedger
from tests.store.devices import device
from tests.store.writer.test_merged_ids import BUREAU, ISSUE, LONG, PROJECT, SHORT, TODAY, merge, sample


def rows(ledger: SyncLedger) -> list[tuple[str, bool]]:
    """The departments that co-handle the issue, and whether each is owed."""
    found = issue(ledger.database.connection(), ISSUE, TODAY)
    assert found is not None
    return [(each.department_id, each.owed) for each in found.row.co_handlers]


def test_merged_departments_are_one_and_their_words_count_for_it(tmp_path: Path) -> None:
    """Of two records of one department the one that stays co-handles, and is owed no more when either has spoken, also
    before the merge is known; merged with the leading one it does not co-handle. Undone, all is as it was."""
    ledger = device(tmp_path, "a")
    sample(ledger)
    step = {"issue_id": ISSUE, "at": "2026-09-21T10:00:00+08:00"}
    ledger.put_many(
        [
            Draft("unit", {"name": "营商局", "kind": "department"}, id=BUREAU),
            Draft("issue_step", {**step, "act": "assigned", "department_id": BUREAU, "with_ids": [LONG]}, PROJECT),
            Draft("issue_step", {**step, "act": "opinion", "department_id": SHORT, "text": "可以"}, PROJECT),
        ]
    )
    assert rows(ledger) == [(LONG, True)]
    ledger.put_many([merge(SHORT, LONG, "unit")])
    assert rows(ledger) == [(LONG, False)]
    ledger.put_many([merge(LONG, BUREAU, "unit")])
    assert rows(ledger) == []
    ledger.put_many([merge(LONG, BUREAU, "unit", deleted=True), merge(SHORT, LONG, "unit", deleted=True)])
    assert rows(ledger) == [(LONG, True)]
    assert repair_issue_states(ledger.database, 0) == (1, [])


def test_a_wrong_row_is_found_and_repaired(tmp_path: Path) -> None:
    """What does not agree with the steps is found by comparing, and is right afterwards."""
    ledger = device(tmp_path, "a")
    sample(ledger)
    body = {"issue_id": ISSUE, "act": "assigned", "department_id": SHORT, "with_ids": [LONG, derived_id("none")]}
    ledger.put("issue_step", body, project=PROJECT)
    with ledger.database.write() as connection:
        connection.execute("UPDATE co_handler SET owed = 0, place = 7")
    assert repair_issue_states(ledger.database, 0) == (1, [ISSUE])
    assert rows(ledger) == [(LONG, True), (derived_id("none"), True)]
