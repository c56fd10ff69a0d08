"""Recomputing states: no difference after honest work, and repair of what was changed behind the program's back."""

from __future__ import annotations

from store.writer.issue_repair import repair_issue_states
from tests.store.queries.sample import Sample


def test_recomputing_finds_no_difference(district: Sample) -> None:
    """After acts of many kinds every stored state is what its steps say."""
    for verb, given in (("assign", {}), ("accept", {}), ("wait", {"reason": "雨", "until": "+1"})):
        district.act(district.issue, verb, **given)
    district.record("另一个")
    assert repair_issue_states(district.ledger.database, district.clock()) == (2, [])


def test_a_wrong_state_is_put_right(district: Sample) -> None:
    """A state changed in the file, one that is missing and one without an issue are found and mended."""
    other = district.record("另一个")
    with district.ledger.database.write() as connection:
        connection.execute("UPDATE issue_state SET state = 'closed' WHERE id = ?", (district.issue,))
        connection.execute("UPDATE issue_state SET id = 'x' WHERE id = ?", (other,))
    assert repair_issue_states(district.ledger.database, 0) == (3, sorted([district.issue, other, "x"]))
    assert repair_issue_states(district.ledger.database, 0) == (2, [])
