"""Four eyes where a device cannot know who recorded an issue (R48): it offers the approval, the central refuses it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from store.commands import issues
from store.commands.exceptions import SelfApproval
from store.domain.status_lights import light_thresholds
from store.ledger.hlc import system_clock_ms
from store.queries.approvals import approvals
from store.queries.issues import issue
from store.queries.stand_ins import own_side
from store.values.times import district_time
from tests.sync.central_fixture import Central
from tests.sync.laptops import Laptop, bureau, project

TODAY = district_time(system_clock_ms()).date()


def act(laptop: Laptop, named: str, verb: str, **fields: Any) -> None:
    """One act on an issue, on this laptop."""
    with laptop.open() as device:
        issues.act(device.ledger, named, verb, **fields)


def state_of(laptop: Laptop, named: str) -> str:
    """The state of an issue on this laptop."""
    with laptop.open() as device:
        found = issue(device.ledger.database.connection(), named, light_thresholds(TODAY))
        assert found is not None
        return found.row.state


@pytest.mark.proves("R48")
def test_the_central_knows_the_recorder_whom_a_later_device_cannot_know(at: Central, tmp_path: Path) -> None:
    """A person records an issue, a colleague edits and settles it. The person's second device, let in afterwards, has
    only the colleague's version: it lists the issue for approval. The approval is refused there and stays on that
    device; nothing is closed anywhere. The device that holds the first version refuses at once."""
    first = bureau(tmp_path / "first", at, "张局")
    place = project(first)
    with first.open() as device:
        made = issues.record(
            device.ledger, project=place.id, title="缺电", department="住建局", owner="己", due="+5"
        ).id
    first.sync()
    other = bureau(tmp_path / "other", at, "李局")
    other.sync()
    with other.open() as device:
        device.ledger.edit("issue", made, text="补记")
    for verb, fields in (("assign", {}), ("accept", {}), ("settle", {"measure": "接通", "evidence": "照片"})):
        act(other, made, verb, **fields)
    assert other.sync().rejected == 0
    second = bureau(tmp_path / "second", at, "张局")
    second.sync()
    with second.open() as device:
        connection = device.ledger.database.connection()
        side = own_side(connection, TODAY.isoformat())
        listed = approvals(connection, light_thresholds(TODAY), side)
    assert [row.id for row in listed] == [made]
    act(second, made, "approve")
    assert second.sync().rejected == 1
    assert second.rows("SELECT code FROM outbox WHERE state = 'rejected'") == [("forbidden",)]
    other.sync()
    assert state_of(other, made) == "settled"
    first.sync()
    with pytest.raises(SelfApproval):
        act(first, made, "approve")
    act(other, made, "return", reason="缺照片")
    assert other.sync().rejected == 0
