"""What attached files may use of line and disk: hours, bytes an hour and a day, room that stays free."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from store.home.blobs.budget import QueueBudget, Spent, hours_of, queue_budget, room_left
from store.home.blobs.transfers import Transfers
from store.home.paths import Home
from store.home.settings import load_settings
from store.values.times import SHANGHAI
from tests.store.devices import device

MB = 1_000_000
MIDNIGHT_MS = int(datetime(2026, 3, 4, tzinfo=SHANGHAI).timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "open_at"),
    [
        ("8-18", range(8, 18)),
        ("18-8", [*range(18, 24), *range(8)]),
        ("22-24", [22, 23]),
        (None, range(24)),
        ("0-24", range(24)),
    ],
)
def test_files_travel_in_the_hours_that_are_set(text: str | None, open_at: list[int]) -> None:
    """Between the two hours, over midnight too; without them always."""
    budget = QueueBudget(hours=hours_of(text))
    stops = [budget.stop(Spent(), datetime(2026, 3, 4, hour, 59)) for hour in range(24)]
    assert [hour for hour, stop in enumerate(stops) if stop is None] == sorted(open_at)
    assert {*stops} <= {None, "hours"}


def test_a_day_and_an_hour_have_their_bytes(tmp_path: Path) -> None:
    """What has travelled counts for the hour and for the day of the district's time; the least of device and district
    counts, and on a metered line the device's own figure for that."""
    environ = {"GUANJIA_ATTACHMENT_MB_DAY": "9", "GUANJIA_ATTACHMENT_MB_HOUR": "5"}
    budget = queue_budget(load_settings(Home(tmp_path), environ=environ))
    assert (budget.bytes_a_day, budget.within(3).bytes_a_day, budget.within(0).bytes_a_day) == (9 * MB, 3 * MB, 9 * MB)
    assert queue_budget(load_settings(Home(tmp_path), environ={})).bytes_a_day == 0
    metered = queue_budget(load_settings(Home(tmp_path), environ={**environ, "GUANJIA_METERED": "1"}))
    assert (metered.bytes_a_day, metered.carries(300_000), metered.carries(300_001)) == (50 * MB, True, False)
    with Transfers(device(tmp_path, "one").database) as transfers:
        assert transfers.spend(6 * MB, MIDNIGHT_MS + 1) == (6 * MB, 6 * MB)
        assert transfers.spend(4 * MB, MIDNIGHT_MS + 3_600_000) == (4 * MB, 10 * MB)
        now = datetime(2026, 3, 4, 1)
        assert budget.stop(Spent(6 * MB, 6 * MB), now) == "hour"
        assert budget.stop(transfers.spend(0, MIDNIGHT_MS + 3_600_001), now) == "day"
        assert transfers.spend(0, MIDNIGHT_MS + 86_400_000) == (0, 0)
        assert transfers.spend(0, MIDNIGHT_MS - 1) == (0, 0)


def test_room_is_that_of_the_disk_less_what_stays_free(tmp_path: Path) -> None:
    """Also for a folder that is not there yet; on a disk that has less it is less than nothing."""
    assert room_left(tmp_path / "none" / "yet", 0) > 0 > room_left(tmp_path, 1 << 60)
