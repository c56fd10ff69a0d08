"""What leaves a store (given up, or out of scope) leaves nothing of it behind in what is computed from lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.ledger.line import Line
from store.writer.sync_writes import SyncLedger
from tests.store.devices import Answer, MergeOnlyCentral, device, sync


@pytest.fixture
def laptop(tmp_path: Path) -> SyncLedger:
    """A device of one person."""
    return device(tmp_path, "laptop")


def issue_of(laptop: SyncLedger) -> Line:
    """An issue of a project, known to the central."""
    project = laptop.put("project", {"name": "示范项目", "number": "续1", "category": "continuing"})
    issue = laptop.put("issue", {"number": "W1", "title": "道路", "kind": "problem"}, project=project.id)
    sync(laptop, MergeOnlyCentral())
    return issue


def cancel(laptop: SyncLedger, issue: Line) -> Line:
    """A step that cancels the issue."""
    body = {"issue_id": issue.id, "act": "cancelled", "reason": "重复"}
    return laptop.put("issue_step", body, project=issue.project)


def states(laptop: SyncLedger) -> list[tuple[str, str]]:
    """The states that the store keeps of its issues."""
    rows = laptop.database.connection().execute("SELECT id, state FROM issue_state ORDER BY id")
    return [(row[0], row[1]) for row in rows]


def test_a_step_given_up_no_longer_counts(laptop: SyncLedger) -> None:
    """An issue cancelled by a step that the central refused is open again once the step is given up."""
    issue = issue_of(laptop)
    step = cancel(laptop, issue)
    assert states(laptop) == [(issue.id, "cancelled")]
    batch = laptop.pending_lines(10, 1 << 20)
    laptop.acknowledge([Answer(step.id, "rejected", "forbidden", "")], {one.id: one for one in batch}, [])
    assert laptop.discard_rejected(step.id)
    assert states(laptop) == [(issue.id, "open")]


def test_what_stays_of_a_withdrawn_issue_has_the_state_of_what_stays(laptop: SyncLedger) -> None:
    """Only the unsent edit of a withdrawn issue's own line stays: its state no longer counts the steps that went."""
    issue = issue_of(laptop)
    cancel(laptop, issue)
    sync(laptop, MergeOnlyCentral())
    laptop.edit("issue", issue.id, title="道路中断")
    laptop.merge([], dropped=[f"i:{issue.id}"])
    assert states(laptop) == [(issue.id, "open")]
