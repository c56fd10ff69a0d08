"""A central whose clock is wrong: nothing that people write is dated by it, nothing is lost, and they are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.ledger.hlc import ms_from_hlc, system_clock_ms
from sync.exceptions import CentralClockWrong
from tests.sync.central_fixture import running_central
from tests.sync.laptops import agree, bureau, project, visit

YEAR_MS = 365 * 86_400_000


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize("off_ms", [YEAR_MS, -10 * YEAR_MS])
def test_nothing_is_dated_by_a_central_whose_clock_is_wrong(tmp_path: Path, off_ms: int) -> None:
    """While the central is a year ahead, or ten behind, rounds receive and say that nothing was sent; what is written
    then has the laptop's own right time, goes out once the clock is right, and both ends agree."""
    late = [0]
    with running_central(tmp_path, wall=lambda: system_clock_ms() + late[0], is_synchronised=False) as at:
        first, second = bureau(tmp_path / "a", at), bureau(tmp_path / "b", at, "李局")
        own = project(first)
        agree(first, second)
        seen = visit(second, own)
        second.sync()
        late[0] = off_ms
        written = visit(first, own, "钟错时写的")
        with pytest.raises(CentralClockWrong) as told:
            first.sync()
        assert told.value.values["pending"] == 1
        assert (int(str(told.value.values["off_by"])), told.value.values["unit"]) == (abs(off_ms) // 86_400_000, "day")
        assert seen.id in first.lines()  # reading goes on
        later = visit(first, own, "钟错时又写的")
        assert max(abs(ms_from_hlc(line.stamp) - system_clock_ms()) for line in (written, later)) < 600_000
        quiet = second.sync()  # who has nothing to send is in agreement as before
        assert (quiet.in_agreement, quiet.pending) == (True, 0)
        late[0] = 0
        assert first.sync().pushed == 2
        agree(first, second)
        assert second.lines()[written.id] == written
