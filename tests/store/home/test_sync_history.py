"""The last rounds as they are kept: what moved is a row, what did not is a count, and no more than so many."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from store.db.device_facts import read_device_facts
from store.home.device_state import DeviceState
from store.home.sync_history import MAX_ROUNDS, RoundRecord
from store.queries.sync_history import rounds
from tests.store.devices import device


def ended(n: int, outcome: str = "done", pushed: int = 0) -> RoundRecord:
    """A round that ended at second ``n``."""
    verified = outcome == "done"
    return RoundRecord((n - 1) * 1000, n * 1000, "daemon", outcome, None, verified, pushed, 0, 0, 0, 10, 20, 500)


def _second(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def test_rounds_that_moved_nothing_are_one_row_with_a_count(tmp_path: Path) -> None:
    """Quiet rounds in a row are counted; one that sent something, or failed, is a row of its own; newest first."""
    at = device(tmp_path, "a")
    for n, one in enumerate(
        (ended(1), ended(2), ended(3), ended(4, pushed=2), ended(5, pushed=2), ended(6, "unreachable"), ended(7))
    ):
        at.end_round(one, last_round=str(n))
    found = rounds(DeviceState(at.database))
    assert [(one.outcome, one.pushed, one.times) for one in found] == [
        ("done", 0, 1), ("unreachable", 0, 1), ("done", 2, 1), ("done", 2, 1), ("done", 0, 3),
    ]  # fmt: skip
    quiet = found[-1]
    assert (_second(quiet.began), _second(quiet.at), quiet.up, quiet.down) == (0, 3, 30, 60)


def test_only_the_latest_rounds_are_kept(tmp_path: Path) -> None:
    """However many rounds there were, the list ends at its bound."""
    at = device(tmp_path, "a")
    for n in range(MAX_ROUNDS + 5):
        at.end_round(ended(n + 1, pushed=n + 1))
    found = rounds(DeviceState(at.database), limit=10 * MAX_ROUNDS)
    assert len(found) == MAX_ROUNDS
    assert found[-1].pushed == 6


def test_a_history_that_cannot_be_written_loses_no_fact_of_the_round(tmp_path: Path) -> None:
    """With no usable device file a round still ends: when it was, and how, is in the ledger."""
    at = device(tmp_path, "a")
    at.device_state.path.mkdir()
    at.end_round(ended(1), last_round="1", verified_at="2")
    facts = read_device_facts(at.database.connection())
    assert (facts["last_round"], facts["verified_at"]) == ("1", "2")
